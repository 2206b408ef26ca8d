namespace Microblog;

/// <summary>What somebody here changes about the own profile. <see langword="null"/> leaves a field as it is, empty text blanks it.</summary>
public sealed record ProfileChanges
{
    /// <summary>Up to 255 characters.</summary>
    public string? FullName { get; init; }

    /// <summary>Less than 140 characters.</summary>
    public string? Bio { get; init; }

    /// <summary>Less than 255 characters.</summary>
    public string? Location { get; init; }

    /// <summary>An http(s) address of at most 255 characters.</summary>
    public string? Homepage { get; init; }

    /// <summary>Where a PNG, JPEG or GIF of exactly 96×96 lies; it is fetched once and kept. Empty: one is drawn.</summary>
    public string? AvatarUrl { get; init; }

    /// <summary>A picture itself, which goes before <see cref="AvatarUrl"/>: PNG, JPEG, GIF or WebP of at most <see cref="Media.Avatar.MaxBytes"/> and
    /// <see cref="Media.Avatar.MaxSide"/>, cleaned of all that does not draw it. Other services show one of exactly 96×96 alone; instead of any
    /// other they get a drawn one (<see cref="Media.Avatar.IsExact"/>).</summary>
    public ReadOnlyMemory<byte>? Picture { get; init; }

    /// <summary>The default licence of later notices; earlier ones keep theirs (OMB-72).</summary>
    public License? License { get; init; }

    /// <summary>Whether new followers wait for approval.</summary>
    public bool? ApprovesFollowers { get; init; }
}
