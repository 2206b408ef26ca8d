using System.Net;
using System.Text.RegularExpressions;
using Microblog.Tests.Foreign;

namespace Microblog.Omb.Tests.OAuth;

/// <summary>Consumers written by others, against samples/OAuthProvider as a process with a real socket.</summary>
public sealed partial class ForeignConsumerTests(ProviderProcess provider) : IClassFixture<ProviderProcess>
{
    private const string RequestsOauthlib = "/usr/bin/python3:requests_oauthlib";

    [ForeignTheory(RequestsOauthlib)]
    [Trait("Clause", "OAUTH-13")]
    [Trait("Clause", "OAUTH-18")]
    [InlineData("header", "HMAC-SHA1")]
    [InlineData("body", "HMAC-SHA1")]
    [InlineData("query", "HMAC-SHA1")]
    [InlineData("header", "HMAC-SHA256")]
    [InlineData("body", "HMAC-SHA256")]
    public Task Requests_oauthlib_dances(string placement, string method) => Dance("/usr/bin/python3", "dance.py", placement, method);

    [ForeignTheory("perl:Net::OAuth", "perl:LWP::UserAgent")]
    [Trait("Clause", "OAUTH-13")]
    [InlineData("header", "HMAC-SHA1")]
    [InlineData("body", "HMAC-SHA1")]
    public Task Net_OAuth_dances(string placement, string method) => Dance("perl", "dance.pl", placement, method);

    [ForeignFact("node", "npm")]
    [Trait("Clause", "OAUTH-14")]
    public Task The_oauth_package_of_npm_dances()
    {
        Npm.Install();
        return Dance("node", "dance.mjs", "header", "HMAC-SHA1");
    }

    [ForeignTheory(RequestsOauthlib)]
    [Trait("Clause", "OAUTH-8")]
    [InlineData("header", "kd94hf93k423kf44", "PLAINTEXT", 400, "signature_method_rejected")]
    [InlineData("body", "kd94hf93k423kf44", "PLAINTEXT", 400, "signature_method_rejected")]
    [InlineData("body", "wrong", "HMAC-SHA1", 401, "signature_invalid")]
    public async Task Requests_oauthlib_is_refused(string placement, string secret, string method, int status, string problem)
    {
        using var consumer = ForeignProgram.Start("/usr/bin/python3", "dance.py");
        var answer = await consumer.AskAsync(Task(placement, method, secret));
        Assert.Equal(status, (int)answer["refused"]!);
        Assert.Contains("oauth_problem=" + problem, (string)answer["body"]!, StringComparison.Ordinal);
    }

    [ForeignTheory("perl:Net::OAuth", "perl:LWP::UserAgent")]
    [Trait("Clause", "OAUTH-8")]
    [InlineData("header")]
    [InlineData("body")]
    public async Task Net_OAuth_is_refused_PLAINTEXT_by_http(string placement)
    {
        using var consumer = ForeignProgram.Start("perl", "dance.pl");
        Assert.Equal(400, (int)(await consumer.AskAsync(Task(placement, "PLAINTEXT", "kd94hf93k423kf44")))["refused"]!);
    }

    private object Task(string placement, string method, string secret) => new
    {
        @base = provider.Address,
        key = "printer.example.com",
        secret,
        placement,
        method,
        callback = "http://printer.example.com/ready?job=7",
    };

    private async Task Dance(string program, string script, string placement, string method)
    {
        using var consumer = ForeignProgram.Start(program, script);
        var asked = await consumer.AskAsync(Task(placement, method, "kd94hf93k423kf44"));
        var callback = await ConsentAsync((string)asked["authorize"]!);
        Assert.StartsWith("http://printer.example.com/ready?job=7&oauth_token=", callback, StringComparison.Ordinal);

        var done = await consumer.AskAsync(new { callback });
        var awkward = await File.ReadAllTextAsync(Path.Combine(ForeignProgram.Folder, "awkward.txt"));
        Assert.Equal("ada:" + awkward, (string)done["read"]!);
        Assert.Equal("ada:" + awkward, (string)done["written"]!);
        Assert.Equal(401, (int)done["again"]!);
    }

    /// <summary>The person's browser: opens the page, presses Allow, is sent on.</summary>
    private static async Task<string> ConsentAsync(string authorize)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var page = await browser.GetAsync(new Uri(authorize));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var form = HiddenField().Matches(await page.Content.ReadAsStringAsync())
            .ToDictionary(match => match.Groups[1].Value, match => WebUtility.HtmlDecode(match.Groups[2].Value));
        form["decision"] = "allow";

        // Without the page's own token nothing is decided.
        var forged = form.Where(field => !field.Key.StartsWith("__", StringComparison.Ordinal));
        using var refused = await browser.PostAsync(new Uri(authorize), new FormUrlEncodedContent(forged));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        using var decided = await browser.PostAsync(new Uri(authorize), new FormUrlEncodedContent(form));
        Assert.Equal(HttpStatusCode.Redirect, decided.StatusCode);
        return decided.Headers.Location!.OriginalString;
    }

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
    private static partial Regex HiddenField();
}
