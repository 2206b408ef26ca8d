using System.Net;
using System.Security.Claims;
using Microblog.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microblog.Cli.Tests.Doctor;

/// <summary>A whole node on a free port, with a person who has written. The cookie <c>user=root</c> is the operator's.</summary>
internal sealed class PatientNode : IAsyncDisposable
{
    private readonly WebApplication app;

    private PatientNode(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.Single());

    public IServiceProvider Services => app.Services;

    /// <param name="baseUri">What the node takes itself for.</param>
    /// <param name="path">Where it is mapped, if not at the base URI's path.</param>
    /// <param name="services">Changes its services.</param>
    /// <param name="pipeline">Goes before it.</param>
    /// <param name="isEmpty">Whether nobody is there.</param>
    /// <param name="speaksOmb">Whether it speaks OpenMicroBlogging.</param>
    public static async Task<PatientNode> StartAsync(
        Uri baseUri, string? path = null, Action<IServiceCollection>? services = null, Action<WebApplication>? pipeline = null, bool isEmpty = false, bool speaksOmb = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        services?.Invoke(builder.Services);
        var microblog = builder.Services.AddMicroblog(
            o =>
            {
                o.BaseUri = baseUri;
                o.License = License.CcBy40;
            },
            web => web.RateLimits.Page = web.RateLimits.Open = null).UseInMemory();
        if (speaksOmb)
            microblog.AddOmb();
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (context.Request.Cookies["user"] is { } user)
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity(
                    [new(ClaimTypes.NameIdentifier, user), .. user == "root" ? [new Claim(ClaimTypes.Role, "operator")] : Array.Empty<Claim>()], "test"));
            }

            return next(context);
        });
        pipeline?.Invoke(app);
        app.MapMicroblog(path);
        await app.StartAsync();
        if (!isEmpty)
        {
            var node = app.Services.GetRequiredService<MicroblogNode>();
            var alice = (await node.JoinAsync("alice", "alice")).Value;
            Assert.Equal("hello", (await node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello" })).Value.Content);
        }

        return new PatientNode(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

/// <summary>The system's clock, set forward or back.</summary>
internal sealed class WrongClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + offset;
}
