using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Steps;

namespace Microblog.Cli.Conformance;

/// <summary>The arguments and options of the command, and the kit's options that they make.</summary>
internal sealed class ConformanceArguments
{
    private const string Person = "the person";
    private readonly Argument<Uri> profile = new("profile-url") { Description = "The profile page of a person of the service under test.", CustomParser = ReadUri };
    private readonly Option<Uri> otherProfile = Page("--other-profile", "Another person's profile page there.");
    private readonly Option<IPEndPoint> listen = new("--listen") { Description = "Where the kit's own server listens: address:port. Default: 127.0.0.1 and any free port.", CustomParser = ReadEndPoint };
    private readonly Option<Uri> publicUrl = Page("--public-url", "The address under which the service reaches the kit's server, when that is another.");
    private readonly Option<bool> ask = new("--ask") { Description = "Ask you, here, to do the person's steps that no other option does." };
    private readonly Option<bool> browser = new("--browser") { Description = "With --ask: open addresses in the browser." };
    private readonly Option<string> cookie = new("--cookie") { Description = "The Cookie header of the signed-in person." };
    private readonly Option<string[]> header = new("--header") { Description = "Another header line 'Name: value' that signs the person in. May be repeated." };
    private readonly Option<string> allowButton = new("--allow-button") { Description = "Allow by the authorization page's button 'name=value', signed in by --cookie or --header." };
    private readonly Option<string> refuseButton = new("--refuse-button") { Description = "Refuse by the button 'name=value'." };
    private readonly Option<string> allowCommand = new("--allow-command") { Description = "Allow by a command that gets the authorization address as its last argument (not on Windows) and as MICROBLOG_VALUE." };
    private readonly Option<string> refuseCommand = new("--refuse-command") { Description = "Refuse by a command." };
    private readonly PersonOptions unsubscribe = new("unsubscribe", Person, "ends the subscription to the nickname", "--unsubscribe-action", "The end of the form's action.");
    private readonly PersonOptions subscribe = new("subscribe", "a visitor", "subscribes with the profile address", "--subscribe-field", "The field for the visitor's profile address.");
    private readonly PersonOptions publish = new("publish", Person, "publishes the text", "--publish-field", "The field for the text.");
    private readonly PersonOptions changeBio = new("profile", Person, "changes the bio to the text", "--profile-field", "The field for the bio.");
    private readonly Option<Uri> timeline = Page("--timeline", "A page that shows the notices the signed-in person has received.");
    private readonly Option<Uri> listenees = Page("--listenees", "A page that shows the bios of those the signed-in person listens to.");
    private readonly Option<bool> hostile = new("--hostile") { Description = "Also try what only an attacker sends." };
    private readonly Option<int> timeout = new("--timeout") { Description = "Longest wait for one answer, in seconds.", DefaultValueFactory = _ => 10 };
    private readonly Option<int> patience = new("--patience") { Description = "Longest wait for the service to send something, in seconds.", DefaultValueFactory = _ => 30 };
    private readonly Option<int> stepTimeout = new("--step-timeout") { Description = "Longest wait for a person, in seconds.", DefaultValueFactory = _ => 180 };
    private readonly Option<int> quiet = new("--quiet") { Description = "How long nothing must come before the kit believes that nothing will, in milliseconds.", DefaultValueFactory = _ => 2000 };

    /// <summary>Where the JUnit file goes.</summary>
    public Option<FileInfo> JUnit { get; } = new("--junit") { Description = "Write the result as JUnit XML." };

    /// <summary>Whether somebody at the terminal is asked for something.</summary>
    public bool IsAsking(ParseResult parsed) => parsed.GetValue(ask);

    public void AddTo(Command command)
    {
        command.Add(profile);
        foreach (var option in new Option[] { timeout, patience, stepTimeout, quiet })
            option.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 3_600_000))
                    result.AddError($"{option.Name} takes a positive number.");
            });
        IEnumerable<Option> all =
        [
            otherProfile, cookie, header, allowButton, allowCommand, refuseButton, refuseCommand, .. unsubscribe.All, .. subscribe.All, .. publish.All, .. changeBio.All,
            ask, browser, timeline, listenees, listen, publicUrl, hostile, JUnit, timeout, patience, stepTimeout, quiet,
        ];
        foreach (var option in all)
            command.Add(option);
        AddChecks(command);
    }

    // What can be seen to be wrong now would else be found out late, and look like the service's fault.
    private void AddChecks(Command command)
    {
        Each(header, ":", "'Name: value'");
        Each(allowButton, "=", "'name=value'");
        Each(refuseButton, "=", "'name=value'");
        foreach (var (page, detail) in new[] { unsubscribe, subscribe, publish, changeBio }.Select(person => person.Form))
        {
            Needs(command, page, detail);
            Needs(command, detail, page);
        }

        ask.Validators.Add(result =>
        {
            if (result.GetValue(ask) && Console.IsInputRedirected)
                result.AddError("--ask needs a terminal.");
        });
        JUnit.Validators.Add(result =>
        {
            if (result.GetValue(JUnit) is { } file && (file.Directory is not { Exists: true } || Directory.Exists(file.FullName)))
                result.AddError($"--junit: '{file}' cannot be written, for its directory does not exist or it is one itself.");
        });
    }

    private static void Each(Option option, string separator, string shape) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens.Where(t => t.Value.IndexOf(separator, StringComparison.Ordinal) <= 0))
            result.AddError($"{option.Name} takes {shape}, and '{token.Value}' is none.");
    });

    private static void Needs(Command command, Option option, Option other) => command.Validators.Add(result =>
    {
        if (result.GetResult(option) is { Implicit: false } && result.GetResult(other) is not { Implicit: false })
            result.AddError($"{option.Name} needs {other.Name}.");
    });

    public ConformanceOptions Read(ParseResult parsed, TerminalReport terminal)
    {
        List<KeyValuePair<string, string>> signIn = [.. (parsed.GetValue(header) ?? []).Select(line => line.Split(':', 2)).Where(p => p.Length == 2).Select(p => new KeyValuePair<string, string>(p[0].Trim(), p[1].Trim()))];
        if (parsed.GetValue(cookie) is { } cookies)
            signIn.Add(new("Cookie", cookies));
        IPersonStep? Asked(string what, bool isSeen) =>
            parsed.GetValue(ask) ? new AskSomebody(what, terminal.Say, parsed.GetValue(browser), isSeen ? null : terminal.WaitForEnterAsync) : null;
        IPersonStep? Button(Option<string> button, Option<string> command, string what) =>
            parsed.GetValue(button) is { } pressed ? new SubmitForm { Button = pressed, SignIn = signIn }
            : parsed.GetValue(command) is { } line ? new RunCommand(line) : Asked(what, isSeen: true);
        return new ConformanceOptions
        {
            Profile = parsed.GetValue(profile)!,
            OtherProfile = parsed.GetValue(otherProfile),
            Listen = parsed.GetValue(listen) ?? new IPEndPoint(IPAddress.Loopback, 0),
            PublicUri = parsed.GetValue(publicUrl),
            SignIn = signIn,
            Allow = Button(allowButton, allowCommand, "Open this address and allow"),
            Refuse = Button(refuseButton, refuseCommand, "Open this address and refuse"),
            Unsubscribe = unsubscribe.Page(parsed) is { } list
                ? new SubmitForm { Page = list, Action = unsubscribe.Detail(parsed), SignIn = signIn }
                : unsubscribe.Command(parsed) ?? Asked("End the subscription to", isSeen: false),
            // A visitor is not signed in.
            Subscribe = subscribe.Page(parsed) is { } form
                ? new SubmitForm { Page = form, Field = subscribe.Detail(parsed) }
                : subscribe.Command(parsed) ?? Asked("As a visitor, subscribe to the person with this profile address", isSeen: false),
            Publish = Form(publish, parsed, signIn) ?? Asked("Publish this text", isSeen: false),
            ChangeBio = Form(changeBio, parsed, signIn) ?? Asked("Change the bio to", isSeen: false),
            Timeline = parsed.GetValue(timeline),
            Listenees = parsed.GetValue(listenees),
            IsHostile = parsed.GetValue(hostile),
            RequestTimeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
            Patience = TimeSpan.FromSeconds(parsed.GetValue(patience)),
            StepTimeout = TimeSpan.FromSeconds(parsed.GetValue(stepTimeout)),
            Quiet = TimeSpan.FromMilliseconds(parsed.GetValue(quiet)),
        };
    }

    private static IPersonStep? Form(PersonOptions options, ParseResult parsed, List<KeyValuePair<string, string>> signIn) =>
        options.Page(parsed) is { } page ? new SubmitForm { Page = page, Field = options.Detail(parsed), SignIn = signIn } : options.Command(parsed);

    private static Option<Uri> Page(string name, string description) => new(name) { Description = description, CustomParser = ReadUri };

    private static Uri? ReadUri(ArgumentResult result)
    {
        if (result.Tokens is [{ Value: var text }] && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            return uri;
        result.AddError($"'{string.Concat(result.Tokens.Select(t => t.Value))}' is no http or https address.");
        return null;
    }

    private static IPEndPoint? ReadEndPoint(ArgumentResult result)
    {
        if (result.Tokens is [{ Value: var text }] && IPEndPoint.TryParse(text, out var address))
            return address;
        result.AddError("--listen takes an address and a port, such as 0.0.0.0:8080.");
        return null;
    }

    /// <summary>The options of a step that a form of a page or a command can do.</summary>
    private sealed class PersonOptions(string step, string who, string what, string detailName, string detailDescription)
    {
        private readonly Option<Uri> page = ConformanceArguments.Page($"--{step}-page", $"A page with a form by which {who} {what}.");
        private readonly Option<string> detail = new(detailName) { Description = detailDescription, DefaultValueFactory = _ => "" };
        private readonly Option<string> command = new($"--{step}-command") { Description = $"A command by which {who} {what}, which is its last argument (on Windows: MICROBLOG_VALUE)." };

        public IEnumerable<Option> All => [page, detail, command];

        /// <summary>Two options that are useless alone.</summary>
        public (Option Page, Option Detail) Form => (page, detail);

        public Uri? Page(ParseResult parsed) => parsed.GetValue(page);

        public string Detail(ParseResult parsed) => parsed.GetValue(detail) ?? "";

        public RunCommand? Command(ParseResult parsed) => parsed.GetValue(command) is { } line ? new RunCommand(line) : null;
    }
}
