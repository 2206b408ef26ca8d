using System.Globalization;
using System.Net;
using Microblog.Federation.Tests.Provider;

namespace Microblog.Browser.Tests;

/// <summary>A registered application: asks a node for a request token, signed by the tests' own code, and says where it would send a browser.</summary>
internal sealed class StrangeApplication(string key, string secret)
{
    /// <summary>The address of the page that asks the person.</summary>
    public async Task<string> AuthorizationAsync(NodeProcess node, string callback)
    {
        var address = node.BaseUri + "api/oauth/request_token";
        List<Field> fields =
        [
            Field.Of("oauth_callback", callback),
            Field.Of("oauth_consumer_key", key),
            Field.Of("oauth_signature_method", "HMAC-SHA1"),
            Field.Of("oauth_timestamp", DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            Field.Of("oauth_nonce", Guid.NewGuid().ToString("N")),
            Field.Of("oauth_version", "1.0"),
        ];
        fields.Add(Field.Of("oauth_signature", HmacSigner.Sign("POST", address, fields, secret, "")));
        using var client = new HttpClient();
        using var content = new StringContent(Field.Form(fields), null, "application/x-www-form-urlencoded");
        using var response = await client.PostAsync(new Uri(address), content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        var token = answer.Split('&').Single(pair => pair.StartsWith("oauth_token=", StringComparison.Ordinal))["oauth_token=".Length..];
        return $"{node.BaseUri}api/oauth/authorize?oauth_token={WebUtility.UrlDecode(token)}";
    }
}
