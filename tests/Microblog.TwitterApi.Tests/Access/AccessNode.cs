using Microblog.Applications;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Moderation;
using Microblog.Omb.OAuth;
using Microblog.Storage;
using Microblog.Testing;
using Microblog.TwitterApi.Access;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>A process that answers API requests, without a socket. Several may share one store.</summary>
internal sealed class AccessNode : IDisposable
{
    private readonly ServiceProvider services;

    public AccessNode(FakeTimeProvider clock, IMicroblogStore store, Action<TwitterApiOptions>? configure = null)
    {
        var collection = new ServiceCollection();
        collection.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        collection.AddSingleton<TimeProvider>(clock);
        collection.AddSingleton<ISecretProtector, Reversing>();
        collection.AddMicroblogCore(options =>
        {
            options.BaseUri = new Uri("https://here.example/micro/");
            options.License = License.CcBy40;
            options.SiteName = "Here \"& there\"";
        }).AddTwitterApi(configure);
        collection.AddSingleton(store);
        services = collection.BuildServiceProvider();
    }

    public MicroblogNode Node => services.GetRequiredService<MicroblogNode>();

    public NodeModeration Moderation => services.GetRequiredService<NodeModeration>();

    public ApplicationDesk Applications => services.GetRequiredService<ApplicationDesk>();

    public AccessDesk Access => services.GetRequiredService<AccessDesk>();

    public PasswordDesk Passwords => services.GetRequiredService<PasswordDesk>();

    public async Task<Profile> JoinAsync(string nickname) => (await Node.JoinAsync(nickname, nickname)).Value;

    /// <summary>An application that a person has let in.</summary>
    public async Task<Credentials> LetInAsync(Profile person, bool mayWrite = true, Profile? owner = null)
    {
        var details = new ApplicationDetails { Name = "Reader", Homepage = "https://reader.example/", MayWrite = mayWrite };
        var registered = (await Applications.RegisterAsync((owner ?? person).Id, details)).Value;
        return await LetInAsync(person, registered, mayWrite);
    }

    public async Task<Credentials> LetInAsync(Profile person, RegisteredApplication application, bool mayWrite)
    {
        var fresh = TokenCredentials.Create();
        var granted = await services.GetRequiredService<IMicroblogStore>().ExecuteAsync(
            (session, ct) => Access.GrantAsync(session, person.Id, application.Application.Key, mayWrite, new AccessSecret(fresh.Token, fresh.Secret), ct), default);
        return new Credentials(application, new TokenCredentials(granted!.Token, granted.Secret));
    }

    /// <summary>Who calls.</summary>
    public async Task<(Caller? Caller, ApiRefusal? Refusal)> FindAsync(NodeRequest request, bool isWrite = false) =>
        await services.GetRequiredService<CallerFinder>().FindAsync(request, isWrite ? NonceUse.Store : NonceUse.Process, default);

    public void Dispose() => services.Dispose();

    // Enough of a seal for a test.
    private sealed class Reversing : ISecretProtector
    {
        public byte[] Protect(ReadOnlySpan<byte> secret)
        {
            var bytes = secret.ToArray();
            Array.Reverse(bytes);
            return bytes;
        }

        public byte[]? Unprotect(ReadOnlySpan<byte> sealedSecret) => Protect(sealedSecret);
    }
}

/// <summary>What an application has in hand to speak for a person.</summary>
internal sealed record Credentials(RegisteredApplication Application, TokenCredentials Token)
{
    public const string Address = "https://here.example/micro/api/test.json";

    /// <summary>A request signed with them.</summary>
    public NodeRequest Sign(
        FakeTimeProvider clock, string method = "GET", OAuthPlacement placement = OAuthPlacement.Header, RequestStamp? stamp = null, string? secret = null,
        SignatureMethod with = SignatureMethod.HmacSha1)
    {
        var signer = new OAuthSigner(Application.Application.Key, Application.Secret) { Method = with };
        var token = new TokenCredentials(Token.Token, secret ?? Token.Secret);
        var call = signer.Sign(method, new Uri(Address + "?count=5&q=a%20b"), [new("status", "čaj + 1")], token, stamp ?? RequestStamp.Fresh(clock.GetUtcNow()), placement);
        return Requests.Of(method, call.Url.PathAndQuery, call.Authorization, call.Form);
    }
}

internal static class Requests
{
    public static NodeRequest Of(string method, string target, string? authorization = null, string form = "", bool isSecure = true, string from = "192.0.2.1") => new()
    {
        Method = method,
        Origin = "https://here.example",
        RawTarget = target,
        Headers = HeadersOf(authorization),
        IsSecure = isSecure,
        RemoteAddress = System.Net.IPAddress.Parse(from),
        Body = System.Text.Encoding.ASCII.GetBytes(form),
    };

    public static NodeRequest Basic(string pair, bool isSecure = true, string from = "192.0.2.1") =>
        Of("GET", "/micro/api/test.json", "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pair)), isSecure: isSecure, from: from);

    private static Dictionary<string, Microsoft.Extensions.Primitives.StringValues> HeadersOf(string? authorization)
    {
        var headers = new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>(StringComparer.OrdinalIgnoreCase)
        {
            ["Content-Type"] = "application/x-www-form-urlencoded",
        };
        if (authorization is not null)
            headers["Authorization"] = authorization;
        return headers;
    }
}
