using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Web;
using Microblog.Applications;
using Microblog.Http;
using Microblog.Tests.Foreign;
using Microblog.TwitterApi.Access;
using Microsoft.Extensions.DependencyInjection;
using RestSharp;
using RestSharp.Authenticators;
using RestSharp.Authenticators.OAuth;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>The three steps as libraries of others take them.</summary>
public sealed partial class ForeignDanceTests
{
    private const string RequestsOauthlib = "/usr/bin/python3:requests_oauthlib";

    [ForeignTheory(RequestsOauthlib)]
    [InlineData("header", "HMAC-SHA1", "api")]
    [InlineData("body", "HMAC-SHA1", "api/1.1")]
    [InlineData("query", "HMAC-SHA1", "api/1")]
    [InlineData("header", "HMAC-SHA256", "")]
    public Task Requests_oauthlib_is_let_in(string placement, string method, string root) => Dance("/usr/bin/python3", "dance.py", placement, method, root);

    [ForeignTheory(RequestsOauthlib, "/usr/bin/python3:jwt", "/usr/bin/python3:cryptography")]
    [InlineData("header", "RSA-SHA1")]
    [InlineData("query", "RSA-SHA256")]
    public Task Requests_oauthlib_is_let_in_by_a_key(string placement, string method) => Dance("/usr/bin/python3", "dance.py", placement, method, "api");

    [ForeignTheory("perl:Net::OAuth", "perl:LWP::UserAgent")]
    [InlineData("header")]
    [InlineData("body")]
    public Task Net_OAuth_is_let_in(string placement) => Dance("perl", "dance.pl", placement, "HMAC-SHA1", "api");

    [ForeignTheory("liboauth.so.0", "/usr/bin/python3")]
    [InlineData("header", "api")]
    [InlineData("body", "api/1.1")]
    public Task Liboauth_is_let_in(string placement, string root) => Dance("/usr/bin/python3", "dance_liboauth.py", placement, "HMAC-SHA1", root);

    [ForeignTheory("ruby:oauth")]
    [InlineData("header", "api")]
    [InlineData("body", "api/1")]
    [InlineData("query", "")]
    public Task Ruby_oauth_is_let_in(string placement, string root) => Dance("ruby", "dance.rb", placement, "HMAC-SHA1", root);

    [ForeignFact("node", "npm")]
    public Task The_oauth_package_of_npm_is_let_in()
    {
        Npm.Install();
        return Dance("node", "dance.mjs", "header", "HMAC-SHA1", "api");
    }

    [Theory]
    [InlineData(OAuthParameterHandling.HttpAuthorizationHeader, "api/")]
    [InlineData(OAuthParameterHandling.UrlOrPostParameters, "api/1.1/")]
    public async Task RestSharp_is_let_in(OAuthParameterHandling placement, string root)
    {
        await using var node = await ApiNode.StartAsync(isClockReal: true, services: services => services.AddSingleton<INodeRoutes, Echo>());
        var registered = await RegisterAsync(node);
        var (key, secret) = (registered.Application.Key, registered.Secret);
        var awkward = await File.ReadAllTextAsync(Path.Combine(ForeignProgram.Folder, "awkward.txt"));

        var temporary = await TokenAsync("oauth/request_token", OAuth1Authenticator.ForRequestToken(key, secret, Dancer.Callback));
        using var page = await VisitAsync(node, new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, $"{root}oauth/authorize?oauth_token={temporary.Token}")));
        using var decided = await Dancer.PressAsync(node, await page.Content.ReadAsStringAsync(), "ada", "allow");
        var ada = await TokenAsync(
            "oauth/access_token", OAuth1Authenticator.ForAccessToken(key, secret, temporary.Token, temporary.Secret, Dancer.VerifierOf(decided)));

        foreach (var method in new[] { Method.Get, Method.Post })
        {
            var said = new RestRequest("me", method).AddParameter("text", awkward);
            Assert.Equal("ada:" + awkward, await AskAsync(said, OAuth1Authenticator.ForProtectedResource(key, secret, ada.Token, ada.Secret)));
        }

        async Task<(string Token, string Secret)> TokenAsync(string path, OAuth1Authenticator authenticator)
        {
            var fields = HttpUtility.ParseQueryString(await AskAsync(new RestRequest(path, Method.Post), authenticator));
            return (fields["oauth_token"]!, fields["oauth_token_secret"]!);
        }

        async Task<string> AskAsync(RestRequest request, OAuth1Authenticator authenticator)
        {
            authenticator.ParameterHandling = placement;
            using var client = new RestClient(new RestClientOptions(new Uri(node.Root, root)) { Authenticator = authenticator });
            var answer = await client.ExecuteAsync(request);
            Assert.True(answer.IsSuccessful, answer.Content);
            return answer.Content!;
        }
    }

    [ForeignFact("/usr/bin/python3:tweepy")]
    public async Task Tweepy_is_let_in_by_a_number_over_TLS()
    {
        await using var node = await ApiNode.StartAsync(isSecure: true, isClockReal: true);
        var registered = await RegisterAsync(node);
        using var tweepy = ForeignProgram.Start(
            "/usr/bin/python3", Path.Combine("..", "clients", "tweepy_dance.py"), node.Root.Authority, node.Certificate, registered.Application.Key, registered.Secret);

        var asked = await tweepy.ReadAsync();
        using var page = await VisitAsync(node, new HttpRequestMessage(HttpMethod.Get, (string)asked["authorize"]!));
        using var decided = await Dancer.PressAsync(node, await page.Content.ReadAsStringAsync(), "ada", "allow");
        var done = await tweepy.AskAsync(new { pin = Pin().Match(await decided.Content.ReadAsStringAsync()).Groups[1].Value });

        Assert.Equal(("ada", "By number"), ((string)done["name"]!, (string)done["text"]!));
    }

    private static async Task Dance(string program, string script, string placement, string method, string root)
    {
        await using var node = await ApiNode.StartAsync(isClockReal: true, services: services => services.AddSingleton<INodeRoutes, Echo>());
        using var key = method.StartsWith("RSA", StringComparison.Ordinal) ? RSA.Create(2048) : null;
        var registered = await RegisterAsync(node, key?.ExportSubjectPublicKeyInfoPem() ?? "");
        using var consumer = ForeignProgram.Start(program, script);
        var asked = await consumer.AskAsync(new
        {
            @base = new Uri(node.Root, root).AbsoluteUri.TrimEnd('/'),
            key = registered.Application.Key,
            secret = registered.Secret,
            placement,
            method,
            rsa = key?.ExportRSAPrivateKeyPem(),
            callback = Dancer.Callback,
        });
        using var page = await VisitAsync(node, new HttpRequestMessage(HttpMethod.Get, (string)asked["authorize"]!));
        using var decided = await Dancer.PressAsync(node, await page.Content.ReadAsStringAsync(), "ada", "allow");
        Assert.Equal(HttpStatusCode.SeeOther, decided.StatusCode);

        var done = await consumer.AskAsync(new { callback = decided.Headers.Location!.OriginalString });
        var awkward = await File.ReadAllTextAsync(Path.Combine(ForeignProgram.Folder, "awkward.txt"));
        Assert.Equal("ada:" + awkward, (string)done["read"]!);
        Assert.Equal("ada:" + awkward, (string)done["written"]!);
        Assert.Equal(400, (int)done["again"]!);
    }

    private static async Task<RegisteredApplication> RegisterAsync(ApiNode node, string publicKey = "")
    {
        var ada = await node.JoinAsync("ada");
        var details = new ApplicationDetails { Name = "Library", PublicKey = publicKey, MayWrite = true };
        return (await node.Services.GetRequiredService<ApplicationDesk>().RegisterAsync(ada.Id, details)).Value;
    }

    private static Task<HttpResponseMessage> VisitAsync(ApiNode node, HttpRequestMessage request)
    {
        request.Headers.Add(ApiNode.UserHeader, "ada");
        return node.Client.SendAsync(request);
    }

    [GeneratedRegex("id=\"oauth_pin\">([0-9]+)<")]
    private static partial Regex Pin();

    /// <summary>Says who calls and what text they sent.</summary>
    private sealed class Echo(IServiceProvider services) : INodeRoutes
    {
        public IEnumerable<NodeRoute> Routes =>
            from root in new[] { "/api", "/api/1", "/api/1.1", "" }
            from method in new[] { "GET", "POST" }
            select new NodeRoute { Method = method, Template = root + "/me", MaxBodyBytes = 65_536, Access = RouteAccess.Credential, Handler = AnswerAsync };

        private async ValueTask<NodeResponse> AnswerAsync(NodeRequest request, CancellationToken cancellationToken)
        {
            var (caller, refusal) = await services.GetRequiredService<CallerFinder>().FindAsync(
                request, request.Method == "POST" ? NonceUse.Store : NonceUse.Process, cancellationToken);
            var (form, query) = (NodeForm.OfBody(request), NodeForm.OfQuery(request));
            var text = form.Contains("text") ? form["text"] : query["text"];
            return caller is null ? NodeResponse.Text(401, refusal?.Message ?? "nobody") : NodeResponse.Text(200, $"{caller.Person.Nickname}:{text}");
        }
    }
}
