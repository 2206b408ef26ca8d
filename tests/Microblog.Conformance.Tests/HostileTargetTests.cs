using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;
using Microblog.Federation.Tests;
using Microblog.Federation.Tests.Consumer;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Output;
using Microblog.Testing.Conformance.Steps;

namespace Microblog.Conformance.Tests;

/// <summary>Services that attack whoever tests them: the kit, the person whose cookie it holds, and the machine it runs on.</summary>
public sealed class HostileTargetTests
{
    private const string Cookie = "session=0123456789abcdef";

    [Fact]
    public async Task An_endpoint_with_a_line_end_writes_no_request_of_its_own()
    {
        await using var victim = new Recorder((_, _) => new ForeignAnswer(404));
        await using var target = new Recorder((request, origin) => Discovery(origin, request, origin + "/ask", $"{victim.Origin}/a HTTP/1.1&#13;&#10;X: y&#13;&#10;&#13;&#10;DELETE /all"));
        var report = await ConformanceKit.RunAsync(new ConformanceOptions { Profile = target.At("dora") });
        Assert.Empty(victim.Seen);
        var failure = Assert.Single(report.Results, r => r.Clause.Id == "OMB-7" && r.Verdict == Verdict.Failed);
        Assert.Contains("missing: http://oauth.net/core/1.0/endpoint/request", FailureText.Of(failure), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_address_with_a_line_end_writes_no_request_of_its_own()
    {
        await using var target = new Recorder((_, _) => new ForeignAnswer(404));
        var report = await ConformanceKit.RunAsync(new ConformanceOptions { Profile = new Uri($"{target.At("dora")}\n/x", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }) });
        Assert.Contains("a character that cannot stand in an address", report.Problem, StringComparison.Ordinal);
        Assert.Empty(target.Seen);
    }

    /// <summary>Answers with an XRDS document that names the given endpoints, and gives request tokens.</summary>
    private static ForeignAnswer Discovery(string origin, ForeignRequest request, string authorize, string? requestToken = null) => request.Path switch
    {
        "/dora" => new ForeignAnswer(200, $"""
            <XRDS xmlns="xri://$xrds"><XRD xmlns="xri://$xrd*($v*2.0)" version="2.0">
            {Service("http://oauth.net/core/1.0/endpoint/request", requestToken ?? origin + "/request", $"<LocalID>{origin}/dora</LocalID>")}
            {Service("http://oauth.net/core/1.0/endpoint/authorize", authorize)}
            {Service("http://oauth.net/core/1.0/endpoint/access", origin + "/access")}
            {Service(ForeignAnswer.Version + "/postNotice", origin + "/notice")}
            {Service(ForeignAnswer.Version + "/updateProfile", origin + "/update")}
            </XRD></XRDS>
            """, "application/xrds+xml"),
        "/request" => new ForeignAnswer(200, "oauth_token=t&oauth_token_secret=s&oauth_callback_confirmed=true", "application/x-www-form-urlencoded"),
        _ => new ForeignAnswer(404),
    };

    private static string Service(string type, string uri, string more = "") => $"<Service><Type>{type}</Type><URI>{uri}</URI>{more}</Service>";

    /// <summary>A server that keeps what it was asked.</summary>
    private sealed class Recorder : IAsyncDisposable
    {
        private readonly ForeignServer server;

        public Recorder(Func<ForeignRequest, string, ForeignAnswer> respond) => server = new ForeignServer(
            request =>
            {
                Seen.Enqueue(request);
                return respond(request, server!.Origin);
            },
            () => DateTimeOffset.UtcNow);

        public ConcurrentQueue<ForeignRequest> Seen { get; } = [];

        public string Origin => server.Origin;

        public Uri At(string path) => new(new Uri(Origin), path);

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
