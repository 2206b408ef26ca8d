using System.Diagnostics;
using System.Xml.Linq;
using Microblog.Conformance.Tests.Foreign;

namespace Microblog.Conformance.Tests;

/// <summary>The command as a process of its own, as continuous integration starts it.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task The_command_finds_nothing_wrong_with_our_node_and_says_so_in_JUnit()
    {
        await using var own = await OwnNode.StartAsync();
        var (exitCode, output, junit) = await RunAsync(
            $"{own.At("dora")}", "--other-profile", $"{own.At("emil")}", "--header", "X-User: dora",
            "--allow-button", "decision=allow", "--refuse-button", "decision=refuse",
            "--unsubscribe-page", $"{own.At("following")}", "--unsubscribe-action", "/unsubscribe",
            "--subscribe-page", $"{own.At("dora/subscribe")}", "--subscribe-field", "profile",
            "--publish-page", $"{own.At("home")}", "--publish-field", "content",
            "--profile-page", $"{own.At("settings")}", "--profile-field", "bio",
            "--timeline", $"{own.At("home")}", "--listenees", $"{own.At("following")}", "--quiet", "400");
        Assert.True(exitCode == 0, output);
        Assert.Contains("Every MUST that was reached holds.", output, StringComparison.Ordinal);
        Assert.Equal("0", junit.Root!.Attribute("failures")!.Value);
        var cases = junit.Descendants("testcase").ToList();
        Assert.Equal(cases.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), junit.Root.Attribute("tests")!.Value);
        Assert.Contains(cases, c => c.Attribute("name")!.Value.StartsWith("OMB-33 ", StringComparison.Ordinal) && !c.HasElements);
        Assert.All(junit.Descendants("skipped"), skipped => Assert.Contains("not observable", skipped.Attribute("message")!.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failure_shows_clause_bytes_expectation_and_remedy_and_ends_with_1()
    {
        await using var site = new ForeignSite(Fault.WrongVersionTaken);
        var (exitCode, output, junit) = await RunAsync($"{site.At("dora")}");
        Assert.Equal(1, exitCode);
        var failure = Assert.Single(junit.Descendants("failure"));
        Assert.Contains("Request token without `omb_version`", failure.Attribute("message")!.Value, StringComparison.Ordinal);
        Assert.All(
            new[] { "Expected: status 400", "Change:   Refuse with 400", "POST /request HTTP/1.1", "omb_version=http%3A%2F%2Fopenmicroblogging.org%2Fprotocol%2F0.2", "HTTP/1.1 200 Scripted" },
            part => Assert.True(failure.Value.Contains(part, StringComparison.Ordinal) && output.Contains(part, StringComparison.Ordinal), part));
    }

    [Fact]
    public async Task What_no_option_was_given_for_is_not_reached_and_names_the_option()
    {
        await using var site = new ForeignSite(Fault.None);
        var (exitCode, _, junit) = await RunAsync($"{site.At("dora")}");
        Assert.Equal(0, exitCode);
        string Skipped(string clause) => junit.Descendants("testcase").First(c => c.Attribute("name")!.Value.StartsWith(clause + " ", StringComparison.Ordinal)).Element("skipped")!.Attribute("message")!.Value;
        Assert.Contains("--allow-button", Skipped("OMB-33"), StringComparison.Ordinal);
        Assert.Contains("--allow-button", Skipped("OMB-50"), StringComparison.Ordinal);
        Assert.Contains("--subscribe-page", Skipped("OMB-130"), StringComparison.Ordinal);
        Assert.Contains("--other-profile", Skipped("OMB-13"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_and_a_wrong_command_line_end_with_2()
    {
        var (exitCode, output, junit) = await RunAsync($"http://127.0.0.1:{Microblog.Federation.Tests.TestNode.FreePort()}/dora");
        Assert.Equal(2, exitCode);
        Assert.Contains("Could not run", output, StringComparison.Ordinal);
        Assert.Single(junit.Descendants("error"));
        Assert.Equal(2, (await StartAsync(["conformance", "ftp://example.com/"])).ExitCode);
    }

    private static async Task<(int ExitCode, string Output, XDocument JUnit)> RunAsync(params string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            var (exitCode, output) = await StartAsync(["conformance", .. arguments, "--junit", file]);
            return (exitCode, output, XDocument.Load(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<(int ExitCode, string Output)> StartAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Cli, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
