using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microblog.Remote;
using Microblog.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.Federation.Tests;

/// <summary>A whole node on a real socket of this machine. Whoever sends the header <c>X-User</c> is signed in under that name.</summary>
public sealed class TestNode : IAsyncDisposable
{
    private readonly WebApplication application;

    private TestNode(WebApplication application, Uri baseUri) => (this.application, BaseUri) = (application, baseUri);

    public Uri BaseUri { get; }

    public MicroblogNode Node => application.Services.GetRequiredService<MicroblogNode>();

    public IMicroblogStore Store => application.Services.GetRequiredService<IMicroblogStore>();

    public IServiceProvider Services => application.Services;

    /// <summary>Starts a node on a free port, with an in-memory store unless <paramref name="configure"/> chooses another.</summary>
    /// <param name="configure">Changes the node's services.</param>
    /// <param name="options">Changes the node's options.</param>
    /// <param name="address">The address of a node that was stopped before and goes on here.</param>
    public static async Task<TestNode> StartAsync(
        Action<MicroblogBuilder>? configure = null, Action<MicroblogOptions>? options = null, Uri? address = null)
    {
        var baseUri = address ?? new Uri($"http://127.0.0.1:{FreePort()}/");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(baseUri.AbsoluteUri);
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(HeaderAuthentication.Name)
            .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>(HeaderAuthentication.Name, null);
        builder.Services.Configure<RemoteOptions>(o => o.AllowRequestsToLoopbackAddresses = true);
        var microblog = builder.Services.AddMicroblog(o =>
        {
            o.BaseUri = baseUri;
            o.License = License.CcBy40;
            o.Delivery.PollInterval = TimeSpan.FromMilliseconds(50);
            o.Delivery.FirstRetry = TimeSpan.FromMilliseconds(50);
            options?.Invoke(o);
        }).UseInMemory().AddOmb();
        configure?.Invoke(microblog);

        var application = builder.Build();
        application.UseAuthentication();
        application.MapMicroblog();
        await application.StartAsync();
        return new TestNode(application, baseUri);
    }

    /// <summary>Somebody of this node, already with a profile; the host's user has the same name.</summary>
    public async Task<Profile> JoinAsync(string nickname) => (await Node.JoinAsync(nickname, nickname)).Value;

    /// <summary>What a person hears, newest first.</summary>
    public async Task<IReadOnlyList<string>> HomeAsync(Profile person) =>
        [.. (await Node.HomeAsync(person.Id, PageRequest.Newest(200))).Select(entry => entry.Notice.Content)];

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public const string Name = "header";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (!Request.Headers.TryGetValue("X-User", out var user))
                return Task.FromResult(AuthenticateResult.NoResult());
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user.ToString()), new Claim(ClaimTypes.Name, user.ToString())], Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name)));
        }
    }
}
