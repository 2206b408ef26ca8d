using System.Net;
using System.Text;
using Microblog.Conformance.Tests.Foreign;
using Microblog.Federation.Tests.Consumer;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Steps;

namespace Microblog.Conformance.Tests.Foreign;

/// <summary>A small microblogging service written from the specification, which shares no code with ours nor with the kit: in both
/// roles right, but for one fault that the test chooses. Its person is dora, who is signed in with a cookie.</summary>
internal sealed class ForeignSite : IAsyncDisposable
{
    private const string Cookie = "session=dora";
    private readonly ForeignServer server;
    private readonly ForeignProvider provider;
    private readonly ForeignConsumer consumer;

    public ForeignSite(Fault fault)
    {
        server = new ForeignServer(Respond, () => DateTimeOffset.UtcNow);
        provider = new ForeignProvider(server.Origin, fault);
        consumer = new ForeignConsumer(server.Origin, fault);
    }

    public Uri At(string path) => new(new Uri(server.Origin), path);

    public ConformanceOptions ProviderOptions() => Options(isConsumer: false);

    public ConformanceOptions ConsumerOptions(bool isHostile = false) => Options(isConsumer: true, isHostile);

    public async ValueTask DisposeAsync()
    {
        await consumer.DisposeAsync();
        await server.DisposeAsync();
    }

    private ConformanceOptions Options(bool isConsumer, bool isHostile = false)
    {
        KeyValuePair<string, string>[] signIn = [new("Cookie", Cookie)];
        return new ConformanceOptions
        {
            Profile = At("dora"),
            OtherProfile = At("emil"),
            SignIn = signIn,
            Allow = isConsumer ? null : new SubmitForm { Button = "answer=yes", SignIn = signIn },
            Refuse = isConsumer ? null : new SubmitForm { Button = "answer=no", SignIn = signIn },
            Unsubscribe = isConsumer ? null : new SubmitForm { Page = At("listenees"), Action = "/drop", SignIn = signIn },
            Timeline = At("home"),
            Listenees = At("listenees"),
            Subscribe = isConsumer ? new SubmitForm { Page = At("follow"), Field = "who" } : null,
            Publish = isConsumer ? new SubmitForm { Page = At("write"), Field = "text", SignIn = signIn } : null,
            ChangeBio = isConsumer ? new SubmitForm { Page = At("me"), Field = "about", SignIn = signIn } : null,
            IsHostile = isHostile,
            Quiet = TimeSpan.FromMilliseconds(250),
            Patience = TimeSpan.FromSeconds(3),
            RequestTimeout = TimeSpan.FromSeconds(isHostile ? 2 : 10),
            StepTimeout = TimeSpan.FromSeconds(5),
        };
    }

    private ForeignAnswer Respond(ForeignRequest request)
    {
        try
        {
            return Route(request);
        }
        catch (Exception e) when (e is DecoderFallbackException or IndexOutOfRangeException)
        {
            return new ForeignAnswer(400, "malformed");
        }
    }

    private ForeignAnswer Route(ForeignRequest request)
    {
        var isSignedIn = request.Headers.GetValueOrDefault("Cookie", "").Split("; ").Contains(Cookie);
        return (request.Method, request.Path) switch
        {
            ("GET", "/dora" or "/emil") => provider.Page(request),
            ("GET", "/dora/xrds" or "/emil/xrds") => provider.Document(request.Path.Split('/')[1]),
            (_, "/request") => provider.RequestToken(request),
            ("GET", "/authorize") => provider.Ask(request, isSignedIn),
            ("POST", "/authorize") => provider.Decide(request, isSignedIn),
            (_, "/access") => provider.AccessToken(request),
            (_, "/dora/notice") => provider.Notice(request),
            ("POST", "/dora/update") => provider.Update(request),
            ("GET", "/home") when isSignedIn => provider.Home(),
            ("GET", "/listenees") when isSignedIn => provider.Listenees(),
            ("POST", "/drop") when isSignedIn => provider.Drop(request["nick"]!),
            ("GET", "/follow") => Form("/follow", "who", "Follow dora"),
            ("POST", "/follow") => consumer.Follow(request["who"]!),
            ("GET", "/callback") => consumer.Callback(request),
            ("GET", "/write") when isSignedIn => Form("/write", "text", "Write"),
            ("POST", "/write") when isSignedIn => consumer.Publish(request["text"]!),
            ("GET", "/me") when isSignedIn => Form("/me", "about", "About me"),
            ("POST", "/me") when isSignedIn => consumer.ChangeBio(request["about"]!),
            _ => new ForeignAnswer(404, "nothing here"),
        };
    }

    private static ForeignAnswer Form(string action, string field, string title) => ForeignAnswer.Html(
        $"<html><head><title>{WebUtility.HtmlEncode(title)}</title></head><body><form method=post action='{action}'><input name='{field}' value=''><button>Go</button></form></body></html>");
}
