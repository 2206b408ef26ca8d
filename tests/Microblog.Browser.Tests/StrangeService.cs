using System.Globalization;
using System.Net;
using Microblog.Federation.Tests.Provider;

namespace Microblog.Browser.Tests;

/// <summary>A service that says what it likes: asks a node for a request token, signed by the tests' own code, and makes the address to which
/// it would send a browser.</summary>
internal sealed class StrangeService(string key)
{
    private const string Version = "http://openmicroblogging.org/protocol/0.1";

    /// <summary>The address of the consent page, by OAuth 1.0, where the callback stands in the address itself.</summary>
    public async Task<string> AuthorizationAsync(NodeProcess node, string listener, string identifier, string callback)
    {
        var identity = (await node.QueryAsync("SELECT uri FROM microblog_profile WHERE nickname = $person AND is_local = 1", listener)).Single();
        var address = node.BaseUri + "omb/request_token";
        List<Field> fields =
        [
            Field.Of("omb_version", Version),
            Field.Of("omb_listener", identity),
            Field.Of("oauth_consumer_key", key),
            Field.Of("oauth_signature_method", "HMAC-SHA1"),
            Field.Of("oauth_timestamp", DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            Field.Of("oauth_nonce", Guid.NewGuid().ToString("N")),
            Field.Of("oauth_version", "1.0"),
        ];
        fields.Add(Field.Of("oauth_signature", HmacSigner.Sign("POST", address, fields, "", "")));
        using var client = new HttpClient();
        using var content = new StringContent(Field.Form(fields), null, "application/x-www-form-urlencoded");
        using var response = await client.PostAsync(new Uri(address), content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        var token = answer.Split('&').Single(pair => pair.StartsWith("oauth_token=", StringComparison.Ordinal))["oauth_token=".Length..];

        List<Field> question =
        [
            Field.Of("oauth_token", WebUtility.UrlDecode(token)),
            Field.Of("omb_version", Version),
            Field.Of("omb_listener", identity),
            Field.Of("omb_listenee", identifier),
            Field.Of("omb_listenee_profile", identifier),
            Field.Of("omb_listenee_nickname", "mallory"),
            Field.Of("omb_listenee_license", "https://creativecommons.org/licenses/by/4.0/"),
            Field.Of("oauth_callback", callback),
        ];
        return $"{node.BaseUri}omb/authorize?{Field.Form(question)}";
    }
}
