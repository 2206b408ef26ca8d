using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Service;

/// <summary>What the remote service says when it sends a visitor over to authorize: openmicroblogging.md §5. Unsigned; every
/// other <c>oauth_*</c> parameter in it is ignored.</summary>
internal sealed record ConsentRequest
{
    public required string Token { get; init; }

    /// <summary>Only with OAuth 1.0; <see langword="null"/> when absent.</summary>
    public string? Callback { get; init; }

    public required ProfileUri Listener { get; init; }

    public required ProfileUri Listenee { get; init; }

    public required PersonFields Person { get; init; }

    /// <summary>Reads the query of the page, or the hidden fields of its form, which are the same.</summary>
    public static OmbRefusal? TryRead(ReadOnlySpan<byte> form, out ConsentRequest? request)
    {
        request = null;
        if (FormReader.Read(form) is not { } find)
            return OmbRefusal.Malformed("There are too many parameters.");
        var reader = new FieldReader(find);
        reader.Version();
        var token = reader.Required(OAuthNames.Token);
        var callback = reader.Read(OAuthNames.Callback);
        var listener = reader.ProfileUri(OmbNames.Listener);
        var listenee = reader.ProfileUri(OmbNames.Listenee);
        var person = PersonFields.Read(reader, PersonFields.ListeneePrefix);
        foreach (var (name, value) in new[] { ("nickname", person.Nickname), ("profile", person.ProfileUrl), ("license", person.License) })
        {
            if (value is null)
                reader.Fail($"{PersonFields.ListeneePrefix}{name} is missing.");
        }

        if (reader.Problem is { } problem)
            return problem;
        request = new ConsentRequest { Token = token, Callback = callback, Listener = listener!, Listenee = listenee!, Person = person };
        return null;
    }

    /// <summary>The same request as hidden fields.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields()
    {
        var fields = new List<KeyValuePair<string, string>>
        {
            new(OmbNames.Version, OmbNames.ProtocolVersion),
            new(OAuthNames.Token, Token),
            new(OmbNames.Listener, Listener.Value),
            new(OmbNames.Listenee, Listenee.Value),
        };
        Add(OAuthNames.Callback, Callback);
        Add("nickname", Person.Nickname);
        Add("profile", Person.ProfileUrl);
        Add("license", Person.License);
        Add("fullname", Person.FullName);
        Add("homepage", Person.Homepage);
        Add("bio", Person.Bio);
        Add("location", Person.Location);
        Add("avatar", Person.Avatar);
        return fields;

        void Add(string name, string? value)
        {
            if (value is { Length: > 0 })
                fields.Add(new(name == OAuthNames.Callback ? name : PersonFields.ListeneePrefix + name, value));
        }
    }
}
