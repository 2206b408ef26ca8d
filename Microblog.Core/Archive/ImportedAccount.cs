namespace Microblog.Archive;

/// <summary>Who gets an archive's account.</summary>
/// <param name="Subject">What never changes about the host's user (<see cref="Identity.HostUser.Subject"/>); the user must not have a profile yet.</param>
/// <param name="Nickname">Another nickname than the archive's; <see langword="null"/> for that one.</param>
public sealed record AccountImport(string Subject, string? Nickname = null);

/// <summary>What came of an import.</summary>
/// <param name="Profile">The account as it is now.</param>
/// <param name="Notices">How many notices came.</param>
/// <param name="Following">How many people whom the person heard are listed.</param>
/// <param name="Followers">How many people who heard the person are listed.</param>
/// <param name="Blocks">How many people are blocked.</param>
/// <param name="LeftOut">Entries and fields that this version does not know, at most 100 of them: they were not imported.</param>
public sealed record ImportedAccount(
    Profile Profile, long Notices, long Following, long Followers, long Blocks, IReadOnlyList<string> LeftOut);
