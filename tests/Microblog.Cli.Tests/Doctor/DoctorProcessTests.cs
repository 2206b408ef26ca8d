using Microblog.Cli.Doctor;

namespace Microblog.Cli.Tests.Doctor;

/// <summary>The command as people run it: what it prints, and with which code it ends.</summary>
public sealed class DoctorProcessTests : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-doctor-");
    private RewritingProxy proxy = null!;
    private PatientNode node = null!;

    public async Task InitializeAsync()
    {
        proxy = Front();
        node = await PatientNode.StartAsync(proxy.Root, pipeline: DoctorTests.UseForwarded);
        proxy.Behind = node.Address;
        await proxy.StartAsync();
        await File.WriteAllTextAsync(Trust, proxy.Pem);
    }

    public async Task DisposeAsync()
    {
        await proxy.DisposeAsync();
        await node.DisposeAsync();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task All_well_is_0()
    {
        var (code, output) = await Tool.RunAsync("doctor", proxy.Root.AbsoluteUri, "--trust", Trust);
        Assert.Equal(0, code);
        Assert.Contains("All that was looked at is well.", output, StringComparison.Ordinal);
        Assert.Contains("a request signed in the header", output, StringComparison.Ordinal);
        Assert.Contains("/operator/checks, or use --cookie-file", output, StringComparison.Ordinal);
        Assert.DoesNotContain("→", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finding_is_1_and_says_what_to_change_and_where_to_look_its_references_up()
    {
        proxy.Request = _ => { };
        var (code, output) = await Tool.RunAsync("doctor", proxy.Root.AbsoluteUri.TrimEnd('/'), "--trust", Trust, "--person", "alice");
        Assert.Equal(1, code);
        Assert.Contains("broken   the scheme", output, StringComparison.Ordinal);
        Assert.Contains("→ Have the proxy send X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto $scheme;)", output, StringComparison.Ordinal);
        Assert.Matches($"looked up by the operator at {proxy.Root}operator/refusals: [a-z2-9]{{8}}, [a-z2-9]{{8}}", output);
        Assert.EndsWith("1 finding.", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_trust_the_certificate_is_the_finding()
    {
        var (code, output) = await Tool.RunAsync("doctor", proxy.Root.AbsoluteUri);
        Assert.Equal(1, code);
        Assert.Contains("certificate", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cookie_comes_from_a_file_and_is_never_printed()
    {
        var cookie = Path.Combine(directory.FullName, "cookie");
        await File.WriteAllTextAsync(cookie, "Cookie: theme=dark; user=root\n");
        var (code, output) = await Tool.RunAsync("doctor", proxy.Root.AbsoluteUri, "--trust", Trust, "--cookie-file", cookie);
        Assert.Equal(0, code);
        Assert.Contains("inside: delivery queue", output, StringComparison.Ordinal);
        Assert.DoesNotContain("user=root", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_stranger_answers_is_printed_as_text()
    {
        proxy.Instead = context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = "https://evil.example/[red]\t[/]";
            return Task.FromResult(true);
        };
        var (code, output) = await Tool.RunAsync("doctor", proxy.Root.AbsoluteUri, "--trust", Trust);
        Assert.Equal(1, code);
        Assert.Contains("https://evil.example/[red]\\u{9}[/]", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("doctor")]
    [InlineData("doctor", "notes.example")]
    [InlineData("doctor", "ftp://notes.example/")]
    [InlineData("doctor", "https://notes.example/?x=1")]
    [InlineData("doctor", "https://notes.example/", "--nonsense")]
    [InlineData("doctor", "https://notes.example/", "--trust", "/nowhere/at.all")]
    [InlineData("doctor", "https://notes.example/", "--cookie-file", "/nowhere/at.all")]
    public async Task What_cannot_be_looked_at_is_2(params string[] arguments)
    {
        var (code, output) = await Tool.RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.NotEmpty(output);
    }

    [Fact]
    public async Task What_nobody_foresaw_is_2_as_well_and_one_line()
    {
        using var errors = new StringWriter();
        var code = await DoctorCommand.GuardAsync(() => throw new System.Text.RegularExpressions.RegexMatchTimeoutException("two\nlines"), errors);
        Assert.Equal(2, code);
        Assert.Equal($"The doctor could not look: RegexMatchTimeoutException: two\\u{{a}}lines{Environment.NewLine}", errors.ToString());
    }

    [Fact]
    public void What_turns_the_direction_of_a_line_reaches_no_terminal()
    {
        using var output = new StringWriter();
        var console = Spectre.Console.AnsiConsole.Create(new Spectre.Console.AnsiConsoleSettings { Ansi = Spectre.Console.AnsiSupport.No, Out = new Spectre.Console.AnsiConsoleOutput(output) });
        using var network = new DoctorNetwork(TimeProvider.System, []);
        var patient = new Patient(proxy.Root, network, TimeProvider.System);
        DoctorReport.Write(console, patient, [new Diagnosis("a\u202Eb", Verdict.Failure, "c\u2028d\u001B[31m", "e\u2066f")]);
        Assert.DoesNotContain(output.ToString(), c => c is '\u202E' or '\u2028' or '\u2066' or '\u001B');
        Assert.Contains("a\\u{202e}b", output.ToString(), StringComparison.Ordinal);
    }

    private static RewritingProxy Front() => new(tls: true) { Request = request => request.Headers.Add("X-Forwarded-Proto", "https") };

    private string Trust => Path.Combine(directory.FullName, "proxy.pem");
}
