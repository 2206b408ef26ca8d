namespace Microblog;

/// <summary>What an admin says about a group.</summary>
public sealed record GroupDetails
{
    /// <summary>One line of at most 255 characters.</summary>
    public string FullName { get; init; } = "";

    /// <summary>What it is about, at most 500 characters.</summary>
    public string Description { get; init; } = "";

    /// <summary>One line of at most 254 characters.</summary>
    public string Location { get; init; } = "";

    /// <summary>An http(s) address of at most 255 characters.</summary>
    public string Homepage { get; init; } = "";

    /// <summary>Other names, at most ten, as <see cref="Text.GroupName.TryParseAlias"/> takes them.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];
}
