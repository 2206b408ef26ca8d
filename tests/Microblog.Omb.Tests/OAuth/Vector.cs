using System.Text.Json;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Tests.OAuth;

/// <summary>One request of <c>tests/vectors/oauth/requests.json</c>: what is sent, and the signature it must have.</summary>
public sealed record Vector(
    string Name,
    string Method,
    string Url,
    string Place,
    string[][] OAuth,
    string[][] Form,
    string ConsumerSecret,
    string TokenSecret,
    string? BaseString,
    string Signature,
    string? RsaPublicKey)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public TokenUse TokenUse => OAuthValue("oauth_token") is null ? TokenUse.None : TokenUse.Required;

    public string? OAuthValue(string name) => OAuth.FirstOrDefault(pair => pair[0] == name)?[1];

    public IEnumerable<KeyValuePair<string, string>> OAuthPairs => OAuth.Select(pair => KeyValuePair.Create(pair[0], pair[1]));

    public IEnumerable<KeyValuePair<string, string>> FormPairs => Form.Select(pair => KeyValuePair.Create(pair[0], pair[1]));

    public override string ToString() => Name;

    public static T[] Load<T>(string file) =>
        JsonSerializer.Deserialize<T[]>(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "oauth", file)), Web)!;
}
