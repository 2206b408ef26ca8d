using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microblog.Conformance.Tests.Foreign;
using Microblog.Federation.Tests.Consumer;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Output;
using Microblog.Testing.Conformance.Steps;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Conformance.Tests;

public sealed class KitTests
{
    [Fact]
    public async Task Every_clause_of_the_list_has_a_result()
    {
        await using var site = new ForeignSite(Fault.None);
        var report = await ConformanceKit.RunAsync(new ConformanceOptions { Profile = site.At("dora") });
        Assert.Empty(Clause.All.Select(c => c.Id).Except(report.Results.Select(r => r.Clause.Id)));
        Assert.All(report.Results.Where(r => r.Verdict is Verdict.NotReached or Verdict.NotObservable), r => Assert.NotEmpty(r.Reason));
        Assert.Equal(report.Results.Count, report.Results.Select(r => r.Title + r.Level).Distinct().Count());
    }

    [Fact]
    public async Task A_peer_cannot_write_to_the_terminal_nor_break_the_file()
    {
        // Bells, escapes, a null, bytes that are no UTF-8, the end of a CDATA section, an override of the writing direction.
        var hostile = "\a\u001b[2J\0]]></failure>\u202e";
        await using var server = new ForeignServer(_ => new ForeignAnswer(200, hostile, "text/html"), () => DateTimeOffset.UtcNow);
        var report = await ConformanceKit.RunAsync(new ConformanceOptions { Profile = new Uri(server.Origin + "/dora") });
        var text = string.Concat(report.Results.Where(r => r.Verdict == Verdict.Failed).Select(FailureText.Of));
        Assert.Contains("\\x07\\x1b[2J\\x00]]></failure>\\xe2\\x80\\xae", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');

        using var file = new MemoryStream();
        JUnitXml.Write(report, file);
        var junit = XDocument.Parse(Encoding.UTF8.GetString(file.ToArray()));
        Assert.Contains(junit.Descendants("failure"), f => f.Value.Contains("\\x1b[2J", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_ends_soon_when_it_is_cancelled()
    {
        await using var server = new ForeignServer(_ => ForeignAnswer.Hang, () => DateTimeOffset.UtcNow);
        using var cancel = new CancellationTokenSource();
        var run = ConformanceKit.RunAsync(new ConformanceOptions { Profile = new Uri(server.Origin + "/dora"), RequestTimeout = TimeSpan.FromHours(1) }, null, cancel.Token);
        Assert.False(run.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task A_service_that_never_answers_costs_no_more_than_the_time_out()
    {
        await using var server = new ForeignServer(_ => ForeignAnswer.Hang, () => DateTimeOffset.UtcNow);
        var run = ConformanceKit.RunAsync(new ConformanceOptions { Profile = new Uri(server.Origin + "/dora"), RequestTimeout = TimeSpan.FromMilliseconds(200) });
        var report = await run.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(2, report.ExitCode);
        Assert.Contains("no answer within 0.2 seconds", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OAUTH-7")]
    public async Task A_right_signature_that_is_refused_is_shown_with_the_text_and_the_key_that_it_was_made_from()
    {
        await using var site = new ForeignSite(Fault.RightSignaturesRefused);
        var report = await ConformanceKit.RunAsync(site.ProviderOptions());
        var failed = Assert.Single(report.Results, r => r is { Clause.Id: "OMB-22", Verdict: Verdict.Failed });
        var lines = FailureText.Of(failed).Split('\n', StringSplitOptions.TrimEntries);
        var text = lines[Array.IndexOf(lines, "The kit signed, with HMAC over the base string:") + 1];
        var key = lines[Array.IndexOf(lines, "and the key:") + 1];
        Assert.Equal("&", key);
        Assert.StartsWith("POST&" + Uri.EscapeDataString(site.At("request").AbsoluteUri) + "&", text, StringComparison.Ordinal);

        // What is shown is what was signed: it makes the signature that went over the wire.
        var body = Encoding.ASCII.GetString(Assert.Single(failed.Failure!.Exchanges).Sent).Split("\r\n\r\n")[1];
        var sent = body.Split('&').Single(pair => pair.StartsWith("oauth_signature=", StringComparison.Ordinal)).Split('=')[1];
        Assert.Equal(sent, Uri.EscapeDataString(Convert.ToBase64String(HMACSHA1.HashData(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(text)))));
    }

    [Fact]
    public async Task A_command_gets_the_value_as_argument_and_in_the_environment_and_never_as_its_text()
    {
        if (OperatingSystem.IsWindows())
            return;
        var file = Path.GetTempFileName();
        try
        {
            const string Value = "http://x/?a=1&b=$(touch /nowhere)'\"";
            var step = new RunCommand($"f() {{ printf '%s|%s' \"$1\" \"$MICROBLOG_VALUE\" > '{file}'; }}; f");
            await step.PerformAsync(Value, null!, default);
            Assert.Equal($"{Value}|{Value}", await File.ReadAllTextAsync(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_command_that_fails_is_a_step_that_could_not_be_done() =>
        Assert.Contains("ended with 3: sorry", (await Assert.ThrowsAsync<StepException>(() => new RunCommand("echo sorry >&2; exit 3; :").PerformAsync("x", null!, default))).Message, StringComparison.Ordinal);
}
