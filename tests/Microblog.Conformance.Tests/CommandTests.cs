using System.Diagnostics;
using System.Xml.Linq;
using Microblog.Conformance.Tests.Foreign;
using Microblog.Federation.Tests.Consumer;

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
        Assert.All(junit.Descendants("skipped"), skipped => Assert.Matches("^not observable: |^not reached: tried with --hostile only$", skipped.Attribute("message")!.Value));
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
        var (exitCode, output, junit) = await RunAsync($"{site.At("dora")}");
        Assert.Equal(0, exitCode);
        // Once for all clauses that it keeps back, whose texts stand below.
        Assert.Single(output.Split('\n'), line => line.StartsWith("not reached: needs a person's decision", StringComparison.Ordinal) && line.Contains("--allow-button", StringComparison.Ordinal));
        Assert.Contains(output.Split('\n'), line => line.StartsWith("-    MUST   OMB-50: ", StringComparison.Ordinal) && line.Contains("405", StringComparison.Ordinal));
        Assert.Contains("--allow-button", Skipped(junit, "OMB-33"), StringComparison.Ordinal);
        Assert.Contains("--allow-button", Skipped(junit, "OMB-50"), StringComparison.Ordinal);
        Assert.Contains("--subscribe-page", Skipped(junit, "OMB-130"), StringComparison.Ordinal);
        Assert.Contains("--other-profile", Skipped(junit, "OMB-13"), StringComparison.Ordinal);
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

    [Theory]
    [InlineData("X-User: nobody", "decision=allow", "the authorization page answers 403; is the --cookie still good?")]
    [InlineData("X-Nobody: dora", "decision=allow", "the authorization page answers 401; is the --cookie still good?")]
    [InlineData("X-User: dora", "decision=alow", "no form with the button 'decision=alow'; is the --cookie still good?")]
    public async Task A_sign_in_or_a_button_that_is_not_good_is_never_the_services_fault(string signIn, string button, string reason)
    {
        await using var own = await OwnNode.StartAsync();
        var (exitCode, output, junit) = await RunAsync($"{own.At("dora")}", "--header", signIn, "--allow-button", button);
        Assert.Equal(2, exitCode);
        Assert.Equal("0", junit.Root!.Attribute("failures")!.Value);
        Assert.Contains("A step that you gave could not be done: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Every MUST", output, StringComparison.Ordinal);
        foreach (var clause in new[] { "OMB-30", "OMB-31", "OMB-32", "OMB-38", "OMB-39", "OMB-40", "OMB-41" })
            Assert.Contains(reason, Skipped(junit, clause), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_cookie_leaves_unreached_what_needs_the_consent_page_and_says_where_that_leads()
    {
        await using var site = new ForeignSite(Fault.None);
        var (exitCode, output, junit) = await RunAsync($"{site.At("dora")}", "--cookie", "session=old");
        Assert.Equal(2, exitCode);
        Assert.Equal("0", junit.Root!.Attribute("failures")!.Value);
        const string Reason = "the authorization page leads to /account/sign-in; is the --cookie still good?";
        Assert.Contains("A step that you gave could not be done: " + Reason, output, StringComparison.Ordinal);
        Assert.All(new[] { "OMB-30", "OMB-32", "OMB-38", "OMB-39", "OMB-40", "OMB-41" }, clause => Assert.Contains(Reason, Skipped(junit, clause), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("exit 3; :", "ended with 3")]
    [InlineData("/nowhere/at-all", "ended with 127")]
    public async Task A_command_that_cannot_do_its_step_ends_the_run_with_2(string command, string reason)
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var site = new ForeignSite(Fault.None);
        var (exitCode, output, junit) = await RunAsync($"{site.At("dora")}", "--allow-command", command);
        Assert.Equal(2, exitCode);
        Assert.Contains("A step that you gave could not be done: '" + command, output, StringComparison.Ordinal);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.Contains(reason, Skipped(junit, "OMB-33"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--publish-page needs --publish-field", "--publish-page", "http://localhost/home")]
    [InlineData("--publish-field needs --publish-page", "--publish-field", "content")]
    [InlineData("--subscribe-page needs --subscribe-field", "--subscribe-page", "http://localhost/dora")]
    [InlineData("--profile-page needs --profile-field", "--profile-page", "http://localhost/me")]
    [InlineData("--unsubscribe-page needs --unsubscribe-action", "--unsubscribe-page", "http://localhost/following")]
    [InlineData("--ask needs a terminal", "--ask")]
    [InlineData("--header takes 'Name: value', and 'foo' is none", "--header", "Cookie: a", "--header", "foo")]
    [InlineData("--allow-button takes 'name=value', and 'decision' is none", "--allow-button", "decision")]
    [InlineData("--refuse-button takes 'name=value', and '=refuse' is none", "--refuse-button", "=refuse")]
    [InlineData("--junit: '/nowhere/at-all/result.xml' cannot be written", "--junit", "/nowhere/at-all/result.xml")]
    public async Task What_is_wrong_with_the_command_line_is_said_before_anything_is_asked(string problem, params string[] options)
    {
        await using var server = new ForeignServer(_ => throw new InvalidOperationException("Nothing is asked."), () => DateTimeOffset.UtcNow);
        var (exitCode, output) = await StartAsync(["conformance", server.Origin + "/dora", .. options]);
        Assert.Equal(2, exitCode);
        Assert.Contains(problem, output, StringComparison.Ordinal);
        Assert.DoesNotContain("OMB-1:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_that_does_not_exist_is_asked_about_and_not_judged()
    {
        await using var site = new ForeignSite(Fault.None);
        var (exitCode, output, junit) = await RunAsync($"{site.At("nobody")}");
        Assert.Equal(2, exitCode);
        Assert.Contains("it answered 404: is this the person's page?", output, StringComparison.Ordinal);
        Assert.Equal("0", junit.Root!.Attribute("failures")!.Value);
    }

    [Fact]
    [Trait("Clause", "OMB-130")]
    public async Task A_post_that_publishes_nothing_is_shown_with_what_came_back()
    {
        await using var site = new ForeignSite(Fault.None);
        var (exitCode, _, junit) = await RunAsync(
            $"{site.At("dora")}", "--cookie", "session=dora", "--subscribe-page", $"{site.At("follow")}", "--subscribe-field", "who",
            "--publish-page", $"{site.At("me")}", "--publish-field", "about", "--patience", "1", "--quiet", "100");
        Assert.Equal(1, exitCode);
        var failure = Assert.Single(junit.Descendants("failure"));
        Assert.All(
            new[] { "did it publish?", "POST /me HTTP/1.1", "about=The%20first%20notice", "HTTP/1.1 200 Scripted", "Changed." },
            part => Assert.Contains(part, failure.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_names_the_command_as_it_is_typed()
    {
        var (exitCode, output) = await StartAsync(["conformance", "--help"]);
        Assert.Equal(0, exitCode);
        Assert.Contains("microblog conformance <profile-url>", output, StringComparison.Ordinal);
        Assert.Contains("A command by which a visitor subscribes", output, StringComparison.Ordinal);
        Assert.Equal(0, (await StartAsync(["--version"])).ExitCode);
    }

    private static string Skipped(XDocument junit, string clause) =>
        junit.Descendants("testcase").First(c => c.Attribute("name")!.Value.StartsWith(clause + " ", StringComparison.Ordinal)).Element("skipped")?.Attribute("message")!.Value ?? "";

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
        var start = new ProcessStartInfo("dotnet", [Repository.Cli, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
