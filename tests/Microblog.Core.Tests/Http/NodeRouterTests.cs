using System.Security.Claims;
using Microblog.Diagnostics;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Microblog.Tests.Http;

/// <summary>The node as a function, without any web framework: what a simulated network calls.</summary>
public sealed class NodeRouterTests
{
    private readonly NodeRouter router = new(
        [new Rooms()],
        new Identity(),
        new NodeAddresses(Options.Create(new MicroblogOptions { BaseUri = new Uri("https://here.example/notes/") })),
        new RefusalLog(new RandomSource(), TimeProvider.System, NullLogger<RefusalLog>.Instance),
        NullLogger<NodeRouter>.Instance);

    [Theory]
    [InlineData("GET", "/notes/notice/7", 200, "notice 7")]
    [InlineData("HEAD", "/notes/notice/7", 200, "notice 7")]
    [InlineData("GET", "/notes/notice/7?page=2", 200, "notice 7")]
    [InlineData("GET", "/notes/alice/page", 200, "page of alice")]
    [InlineData("GET", "/notes/%61lice/page", 200, "page of alice")]
    [InlineData("GET", "/fixed", 200, "fixed")]
    [InlineData("GET", "/notes/fixed", 404, "nothing here")]
    [InlineData("GET", "/notice/7", 404, "nothing here")]
    [InlineData("GET", "/notes//page", 404, "nothing here")]
    [InlineData("DELETE", "/notes/notice/7", 405, "does not take")]
    [InlineData("POST", "/notes/small", 200, "")]
    [InlineData("GET", "/notes/broken", 500, "our fault")]
    public async Task A_request_is_answered_by_the_route_that_fits_best(string method, string target, int status, string text)
    {
        var response = await router.DispatchAsync(Request(method, target), CancellationToken.None);
        Assert.Equal(status, response.Status);
        Assert.Contains(text, Text(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_method_names_the_right_ones()
    {
        var response = await router.DispatchAsync(Request("DELETE", "/notes/small"), CancellationToken.None);
        Assert.Equal("POST", response.Headers.Single(h => h.Key == "Allow").Value);
    }

    [Fact]
    public async Task A_body_is_limited_here_as_well() =>
        Assert.Equal(413, (await router.DispatchAsync(Request("POST", "/notes/small", new byte[5]), CancellationToken.None)).Status);

    [Theory]
    [InlineData("/notes/own", "/notes/own")]
    [InlineData("/notes/own?x=1", "/notes/own?x=1")]
    public async Task Nobody_signed_in_is_asked_to_sign_in_and_comes_back(string target, string returnTo)
    {
        var response = await router.DispatchAsync(Request("GET", target), CancellationToken.None);
        Assert.Equal(returnTo, Assert.IsType<NodeBody.Challenge>(response.Body).ReturnTo);
    }

    [Theory]
    [InlineData("/notes/al%00ice/page", "")]
    [InlineData("/notes/al\0ice/page", "")]
    [InlineData("/notes/own?x=%00", "")]
    [InlineData("/notes/small", "%00")]
    [InlineData("/notes/small", "a=\0")]
    public async Task Text_that_a_store_cannot_keep_is_refused_wherever_it_stands(string target, string body)
    {
        var request = Request(target == "/notes/small" ? "POST" : "GET", target, System.Text.Encoding.UTF8.GetBytes(body), user: "alice");
        Assert.Equal(400, (await router.DispatchAsync(request, CancellationToken.None)).Status);
    }

    [Theory]
    [InlineData("/notes/100%2500/page", "")]
    [InlineData("/notes/small", "%250")]
    public async Task Somebody_who_writes_about_an_escaped_NUL_means_those_characters(string target, string body)
    {
        var request = Request(body.Length > 0 ? "POST" : "GET", target, System.Text.Encoding.UTF8.GetBytes(body));
        Assert.Equal(200, (await router.DispatchAsync(request, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Half_a_character_is_refused() =>
        Assert.Equal(400, (await router.DispatchAsync(Request("GET", "/notes/al\ud800ice/page"), CancellationToken.None)).Status);

    [Fact]
    public async Task A_request_with_a_credential_is_left_to_whoever_verifies_it() =>
        Assert.Equal(200, (await router.DispatchAsync(Request("POST", "/notes/signed", "x=%00"u8.ToArray()), CancellationToken.None)).Status);

    [Theory]
    [InlineData("//evil.example/notes")]
    [InlineData("/\\evil.example")]
    [InlineData("/a/../../notes")]
    [InlineData("https://evil.example/")]
    public void A_target_that_a_browser_could_take_for_another_sites_is_no_way_back(string target) =>
        Assert.Equal("/home", Request("GET", target).LocalTarget("/home"));

    [Fact]
    public async Task The_operators_pages_are_for_the_operator()
    {
        Assert.Equal(403, (await router.DispatchAsync(Request("GET", "/notes/queue", user: "alice"), CancellationToken.None)).Status);
        Assert.Equal(200, (await router.DispatchAsync(Request("GET", "/notes/queue", user: "operator"), CancellationToken.None)).Status);
    }

    private static string Text(NodeResponse response) =>
        response.Body is NodeBody.Bytes bytes ? System.Text.Encoding.UTF8.GetString(bytes.Content.Span) : "";

    private static NodeRequest Request(string method, string target, byte[]? body = null, string? user = null) => new()
    {
        Method = method,
        Origin = "https://here.example",
        RawTarget = target,
        Headers = new Dictionary<string, StringValues>(),
        Body = body ?? [],
        User = user is null ? null : new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], "test")),
    };

    private sealed class Rooms : INodeRoutes
    {
        public IEnumerable<NodeRoute> Routes =>
        [
            Get("/{nickname}/page", request => "page of " + request.Route("nickname")),
            Get("/{nickname}/{id}", _ => "too general"),
            Get("/notice/{id}", request => "notice " + request.Route("id")),
            Get("/fixed", _ => "fixed") with { Place = RoutePlace.Site },
            Get("/own", _ => "own") with { Access = RouteAccess.Person },
            Get("/queue", _ => "queue") with { Access = RouteAccess.Operator },
            Get("/broken", _ => throw new InvalidOperationException("secret detail")),
            Get("/small", _ => "") with { Method = "POST", MaxBodyBytes = 4 },
            Get("/signed", _ => "") with { Method = "POST", MaxBodyBytes = 10, Access = RouteAccess.Credential },
        ];

        private static NodeRoute Get(string template, Func<NodeRequest, string> answer) =>
            new() { Method = "GET", Template = template, Handler = (request, _) => new(NodeResponse.Text(200, answer(request))) };
    }

    private sealed class Identity : IHostIdentity
    {
        public HostUser? Identify(ClaimsPrincipal principal) => new(principal.Identity!.Name!, "");

        public bool IsOperator(ClaimsPrincipal principal) => principal.Identity!.Name == "operator";
    }
}
