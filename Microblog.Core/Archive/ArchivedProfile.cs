using Microblog.People;
using Microblog.Text;

namespace Microblog.Archive;

/// <summary>The profile of an archive.</summary>
internal sealed record ArchivedProfile(
    ProfileUri Uri, string Nickname, string FullName, string Bio, string Location, string Homepage, string AvatarUrl, string License, bool ApprovesFollowers)
{
    private const int MaxText = 4_096;

    public static ArchivedProfile Read(ArchiveFields fields)
    {
        var profile = new ArchivedProfile(
            fields.RequiredProfileUri("uri"),
            fields.RequiredText("nickname", Text.Nickname.MaxLength),
            fields.Text("fullName", MaxText),
            fields.Text("bio", MaxText),
            fields.Text("location", MaxText),
            fields.Text("homepage", MaxText),
            fields.Address("avatarUrl"),
            fields.Address("license", 255),
            fields.Flag("approvesFollowers"));
        var limits = new ProfileChanges
        {
            FullName = profile.FullName,
            Bio = profile.Bio,
            Location = profile.Location,
            Homepage = profile.Homepage,
        };
        return ProfileLimits.ObjectTo(limits) is { } problem ? throw new ArchiveException(problem, ArchiveFormat.Profile) : profile;
    }

    /// <summary>The nickname that it gets here.</summary>
    public string NicknameFor(AccountImport request, ISet<string> reserved)
    {
        if (Text.Nickname.TryParse(request.Nickname ?? Nickname, out var nickname, out var problem, reserved))
            return nickname;
        throw new ArchiveException(
            request.Nickname is null ? $"The nickname cannot be used here: {problem} Import under another one." : problem, ArchiveFormat.Profile);
    }
}
