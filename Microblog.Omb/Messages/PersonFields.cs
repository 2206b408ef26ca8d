using System.Globalization;
using System.Text;
using Microblog.People;

namespace Microblog.Omb.Messages;

/// <summary>What a message says about a person, under <c>omb_listenee_…</c> or <c>omb_listener_…</c>:
/// <see langword="null"/> where it says nothing, empty where it blanks a field.</summary>
internal sealed record PersonFields
{
    public const string ListeneePrefix = "omb_listenee_";
    public const string ListenerPrefix = "omb_listener_";
    private const int NicknameLength = 64;

    public string? Nickname { get; init; }

    public string? ProfileUrl { get; init; }

    public string? License { get; init; }

    public string? FullName { get; init; }

    public string? Homepage { get; init; }

    public string? Bio { get; init; }

    public string? Location { get; init; }

    public string? Avatar { get; init; }

    /// <summary>Reads and checks the fields; what is wrong stays in the reader.</summary>
    public static PersonFields Read(FieldReader reader, string prefix)
    {
        var fields = new PersonFields
        {
            Nickname = Text("nickname", NicknameLength),
            ProfileUrl = Address("profile"),
            // A listener has none; what OMBr sends all the same is not looked at (Q33).
            License = prefix == ListeneePrefix ? Address("license") : null,
            FullName = Text("fullname", ProfileLimits.FullName),
            Homepage = Address("homepage"),
            Bio = Text("bio", ProfileLimits.Bio),
            Location = Text("location", ProfileLimits.Location),
            Avatar = Address("avatar"),
        };
        // Shown as text and never looked up, so anything printable will do (Q26), as long as nick@host cannot read like another's.
        if (fields.Nickname is { Length: > 0 } nickname && nickname.EnumerateRunes().Any(IsMisleading))
            reader.Fail($"{prefix}nickname contains white space, control or formatting characters, or an @ sign.");
        foreach (var (name, value) in new[] { ("nickname", fields.Nickname), ("profile", fields.ProfileUrl), ("license", fields.License) })
        {
            if (value is { Length: 0 })
                reader.Fail($"{prefix}{name} is empty.");
        }

        return fields;

        string? Text(string name, int limit)
        {
            var text = reader.Read(prefix + name);
            reader.Length(prefix + name, text, limit);
            return text;
        }

        string? Address(string name)
        {
            var text = reader.Read(prefix + name);
            reader.Address(prefix + name, text);
            return text;
        }
    }

    private static bool IsMisleading(Rune character) =>
        character.Value == '@' || Rune.IsWhiteSpace(character)
        || Rune.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format;

    /// <summary>The profile with these fields: absent ones stay as they are (OMB-70), empty ones are blanked (OMB-71).</summary>
    public Profile ApplyTo(Profile profile, DateTimeOffset now) => profile with
    {
        Nickname = Nickname ?? profile.Nickname,
        Url = ProfileUrl ?? profile.Url,
        License = License ?? profile.License,
        FullName = FullName ?? profile.FullName,
        Homepage = Homepage ?? profile.Homepage,
        Bio = Bio ?? profile.Bio,
        Location = Location ?? profile.Location,
        AvatarUrl = Avatar ?? profile.AvatarUrl,
        FetchedAt = now,
    };

    /// <summary>What we say about one of our people, cut and escaped to what the strictest peers take (OMB-142, Q21, Q27, Q28).</summary>
    /// <param name="profile">Whom to describe.</param>
    /// <param name="avatarUrl">Where the avatar is served.</param>
    /// <param name="prefix">Which role the person has in the message.</param>
    /// <param name="withBlanks">Whether an empty field is sent as empty (OMB-140) rather than left out.</param>
    public static IEnumerable<KeyValuePair<string, string>> Write(Profile profile, string avatarUrl, string prefix, bool withBlanks)
    {
        IEnumerable<KeyValuePair<string, string>> fields =
        [
            new(prefix + "nickname", profile.Nickname),
            new(prefix + "profile", profile.Url),
            new(prefix + "license", profile.License),
            new(prefix + "fullname", Cut.To(profile.FullName, characters: ProfileLimits.FullName, bytes: 255)),
            new(prefix + "homepage", PlainAddress.Of(profile.Homepage)),
            new(prefix + "bio", Cut.To(profile.Bio, characters: ProfileLimits.Bio, bytes: 140)),
            new(prefix + "location", Cut.To(profile.Location, characters: ProfileLimits.Location, bytes: 255)),
            new(prefix + "avatar", avatarUrl),
        ];
        // A listener has no licence to name in the answer of the dance.
        return fields.Where(f => (withBlanks || f.Value.Length > 0) && !(prefix == ListenerPrefix && f.Key.EndsWith("license", StringComparison.Ordinal)));
    }
}
