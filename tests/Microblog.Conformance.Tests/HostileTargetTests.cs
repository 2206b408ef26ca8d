using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microblog.Federation.Tests;
using Microblog.Federation.Tests.Consumer;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Output;
using Microblog.Testing.Conformance.Steps;
using Microblog.Testing.Conformance.Wire;

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

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("https://127.0.0.1")]
    public async Task The_sign_in_goes_to_no_other_origin_that_the_service_names(string other)
    {
        await using var elsewhere = new Recorder((_, _) => ForeignAnswer.Html(Form("/x")));
        var port = new Uri(elsewhere.Origin).Port;
        await using var target = new Recorder((request, origin) => Discovery(origin, request, $"{other}:{port}/ask"));
        var report = await ConformanceKit.RunAsync(Options(target));
        Assert.Equal(other.StartsWith("https", StringComparison.Ordinal), elsewhere.Seen.IsEmpty);
        Assert.DoesNotContain(elsewhere.Seen, r => r.Headers.ContainsKey("Cookie"));
        Assert.Contains("another origin", Assert.Single(report.Results, r => r.Clause.Id == "OMB-30").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sign_in_goes_to_no_other_origin_that_a_form_names()
    {
        await using var elsewhere = new Recorder((_, _) => new ForeignAnswer(404));
        await using var target = new Recorder((request, origin) => request.Path == "/ask" ? ForeignAnswer.Html(Form(elsewhere.Origin)) : Discovery(origin, request, origin + "/ask"));
        await ConformanceKit.RunAsync(Options(target));
        Assert.Contains(target.Seen, r => r.Path == "/ask" && r.Headers.GetValueOrDefault("Cookie") == Cookie);
        Assert.NotEmpty(elsewhere.Seen);
        Assert.DoesNotContain(elsewhere.Seen, r => r.Headers.ContainsKey("Cookie"));
    }

    [Fact]
    public async Task The_sign_in_is_not_shown_even_where_the_service_sends_it_back()
    {
        await using var target = new Recorder((request, origin) => request.Path == "/ask"
            ? ForeignAnswer.Html(Form("/ask") + "<script>kit()</script><img src=x>" + Cookie.Split('=')[1], "Set-Cookie: session=renewed")
            : Discovery(origin, request, origin + "/ask"));
        var report = await ConformanceKit.RunAsync(Options(target));
        var shown = string.Concat(report.Results.Where(r => r.Failure is not null).Select(FailureText.Of));
        Assert.Contains("Cookie: ...", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("renewed", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_that_are_none_fail_their_clauses_and_end_no_run()
    {
        await using var target = new Recorder((request, origin) => request.Path == "/ask"
            ? ForeignAnswer.Html(Form("http://["))
            : Discovery(origin, request, origin + "/ask") with { Headers = ["X-XRDS-Location: http://["] });
        var report = await ConformanceKit.RunAsync(Options(target));
        Assert.Equal("", report.Problem);
        Assert.Contains(report.Results, r => r.Clause.Id == "OMB-4" && r.Verdict == Verdict.Failed);
        Assert.Contains("leads to no address", report.StepProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_breaks_the_kit_leaves_its_clause_unreached_and_the_run_goes_on()
    {
        await using var target = new Recorder((request, origin) => Discovery(origin, request, origin + "/ask"));
        var report = await ConformanceKit.RunAsync(Options(target, new Step(_ => throw new InvalidCastException("\u001b[2J"))));
        Assert.Equal("the kit itself failed (InvalidCastException)", Assert.Single(report.Results, r => r.Clause.Id == "OMB-33").Reason);
        Assert.Contains(report.Results, r => r.Clause.Id == "OMB-142");
        Assert.Equal("OMB-33: the kit itself failed (InvalidCastException)", report.Problem);
        Assert.Equal(2, report.ExitCode);
    }

    [Fact]
    public async Task A_step_that_does_not_end_is_ended_with_all_its_processes()
    {
        if (OperatingSystem.IsWindows())
            return;
        var file = Path.GetTempFileName();
        try
        {
            await using var target = new Recorder((request, origin) => Discovery(origin, request, origin + "/ask"));
            var options = Options(target, new RunCommand($"sh -c 'echo $$ > {file}; exec sleep 600'; :"), TimeSpan.FromSeconds(1));
            var report = await ConformanceKit.RunAsync(options).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Contains("not done within 1 seconds", report.StepProblem, StringComparison.Ordinal);
            // A process that was killed is gone when the system gets to it, not when the call returns.
            var id = (await File.ReadAllTextAsync(file)).Trim();
            Assert.True(SpinWait.SpinUntil(() => !IsRunning(id), TimeSpan.FromSeconds(60)), "It still runs.");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_request_with_a_monstrous_length_ends_its_connection_and_not_the_run()
    {
        await using var held = HeldRun.Start();
        using (var monster = await held.ConnectAsync("POST / HTTP/1.1\r\nContent-Length: 2147483647\r\n\r\n"))
            Assert.Equal("", await HeldRun.AnswerAsync(monster));
        using var next = await held.ConnectAsync("GET / HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404", await HeldRun.AnswerAsync(next), StringComparison.Ordinal);
        Assert.Contains("CanceledException", await held.EndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_than_64_connections_are_served_at_once()
    {
        await using var held = HeldRun.Start();
        var open = new List<TcpClient>();
        for (var i = 0; i < 64; i++)
            open.Add(await held.ConnectAsync("GET / HTTP/1.1\r\n"));
        using var next = await held.ConnectAsync("GET / HTTP/1.1\r\n\r\n");
        var answer = HeldRun.AnswerAsync(next);
        // That nothing comes can only be seen by waiting.
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(300)));
        foreach (var each in open)
            each.Dispose();
        Assert.StartsWith("HTTP/1.1 404", await answer.WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
    }

    private static ConformanceOptions Options(Recorder target, IPersonStep? allow = null, TimeSpan? stepTimeout = null)
    {
        KeyValuePair<string, string>[] signIn = [new("Cookie", Cookie)];
        return new ConformanceOptions
        {
            Profile = target.At("dora"),
            SignIn = signIn,
            Allow = allow ?? new SubmitForm { Button = "answer=yes", SignIn = signIn },
            Quiet = TimeSpan.FromMilliseconds(50),
            StepTimeout = stepTimeout ?? TimeSpan.FromSeconds(5),
        };
    }

    private static string Form(string action) => $"<form method=post action='{action}'><input type=hidden name=secret value=s><button name=answer value=yes>Yes</button></form>";

    private static bool IsRunning(string id)
    {
        // A process that has ended may still await its parent.
        var stat = $"/proc/{id}/stat";
        return File.Exists(stat) && !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
    }

    private sealed class Step(Action<string> act) : IPersonStep
    {
        public Task<WireReply?> PerformAsync(string value, WireClient wire, CancellationToken cancellationToken)
        {
            act(value);
            return Task.FromResult<WireReply?>(null);
        }
    }

    /// <summary>A run that waits for its target, so that the kit's own server can be spoken to.</summary>
    private sealed class HeldRun : IAsyncDisposable
    {
        private readonly ForeignServer target = new(_ => ForeignAnswer.Hang, () => DateTimeOffset.UtcNow);
        private readonly CancellationTokenSource cancel = new();
        private readonly int port = TestNode.FreePort();
        private Task run = Task.CompletedTask;

        public static HeldRun Start()
        {
            var held = new HeldRun();
            held.run = ConformanceKit.RunAsync(
                new ConformanceOptions { Profile = new Uri(held.target.Origin), Listen = new IPEndPoint(IPAddress.Loopback, held.port), RequestTimeout = TimeSpan.FromHours(1) },
                null, held.cancel.Token);
            return held;
        }

        public async Task<TcpClient> ConnectAsync(string text)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
            return client;
        }

        public static async Task<string> AnswerAsync(TcpClient client)
        {
            using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
            return await reader.ReadToEndAsync();
        }

        public async Task<string> EndAsync()
        {
            await cancel.CancelAsync();
            return (await Record.ExceptionAsync(() => run))?.ToString() ?? "";
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            cancel.Dispose();
            await target.DisposeAsync();
        }
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
