using System.Net;
using System.Security.Claims;
using Microblog.Http;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microblog.AspNetCore.Tests;

/// <summary>A node in a real server on a free port of the loopback interface. Its public address is another one, as behind a proxy.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    /// <summary>Names the user of a request: subject, or subject;role.</summary>
    public const string UserHeader = "X-Test-User";

    private readonly WebApplication app;

    private TestNode(WebApplication app)
    {
        this.app = app;
        var address = new Uri(app.Urls.Single());
        Port = address.Port;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
    }

    public int Port { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    public MicroblogNode Node => app.Services.GetRequiredService<MicroblogNode>();

    public IMicroblogStore Store => app.Services.GetRequiredService<IMicroblogStore>();

    public FakeTimeProvider Clock => (FakeTimeProvider)app.Services.GetRequiredService<TimeProvider>();

    public static async Task<TestNode> StartAsync(
        string baseUri = "https://notes.example/",
        string? path = null,
        Action<IServiceCollection>? services = null,
        Action<MicroblogWebOptions>? web = null,
        Action<WebApplication>? pipeline = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));
        builder.Services.AddSingleton<IMicroblogStore, InMemoryStore>();
        builder.Services.AddSingleton<INodeRoutes, EchoRoutes>();
        builder.Services.AddMicroblog(
            options =>
            {
                options.BaseUri = new Uri(baseUri);
                options.License = License.CcBy40;
                options.Delivery.IsEnabled = false;
            },
            web);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.Use(SignInByHeader);
        pipeline?.Invoke(app);
        app.MapMicroblog(path);
        await app.StartAsync();
        return new TestNode(app);
    }

    public async Task<Profile> JoinAsync(string nickname) => (await Node.JoinAsync(nickname, nickname)).Value;

    public async Task<Notice> PublishAsync(Profile author, string content, Visibility visibility = Visibility.Public) =>
        (await Node.PublishAsync(author.Id, new NoticeDraft { Content = content, Visibility = visibility })).Value;

    public Task<HttpResponseMessage> GetAsync(string path, string? user = null) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), user);

    public async Task<string> ReadAsync(string path, string? user = null)
    {
        using var response = await GetAsync(path, user);
        return await response.Content.ReadAsStringAsync();
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? user = null)
    {
        if (user is not null)
            request.Headers.Add(UserHeader, user);
        return Client.SendAsync(request);
    }

    /// <summary>Posts a form with the token that the person's pages would carry.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string user, params (string Name, string Value)[] fields) =>
        PostRawAsync(path, user, [.. fields, (ForgeryTokens.Field, Token(user.Split(';')[0], path))]);

    public Task<HttpResponseMessage> PostRawAsync(string path, string? user, params (string Name, string Value)[] fields) =>
        SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) },
            user);

    public string Token(string subject, string action) => Services.GetRequiredService<ForgeryTokens>().Issue(subject, action);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }

    private static Task SignInByHeader(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers[UserHeader] is [{ Length: > 0 } user, ..])
        {
            var parts = user.Split(';');
            context.User = new ClaimsPrincipal(new ClaimsIdentity(
                [new(ClaimTypes.NameIdentifier, parts[0]), new(ClaimTypes.Name, parts[0]), .. parts.Skip(1).Select(r => new Claim(ClaimTypes.Role, r))],
                "test"));
        }

        return next(context);
    }
}

/// <summary>Routes of another room, which say what they got.</summary>
internal sealed class EchoRoutes : INodeRoutes
{
    public const int BodyLimit = 1000;

    public IEnumerable<NodeRoute> Routes =>
    [
        new NodeRoute { Method = "GET", Template = "/activity/{name}", Handler = Echo },
        new NodeRoute { Method = "POST", Template = "/activity/{name}", MaxBodyBytes = BodyLimit, Access = RouteAccess.Credential, Rate = RateClass.Push, Handler = Echo },
        new NodeRoute { Method = "GET", Template = "/.well-known/echo", Place = RoutePlace.Site, Handler = Echo },
        new NodeRoute { Method = "POST", Template = "/activity", Rate = RateClass.Open, MaxBodyBytes = BodyLimit, Handler = Echo },
        new NodeRoute { Method = "GET", Template = "/api/fail", Handler = (_, _) => throw new InvalidOperationException("on purpose") },
    ];

    private static ValueTask<NodeResponse> Echo(NodeRequest request, CancellationToken cancellationToken) => new(NodeResponse.Text(
        200,
        $"{request.Method} {request.Origin} {request.RawTarget} user={request.User?.Identity?.Name} body={System.Text.Encoding.UTF8.GetString(request.Body.Span)}"));
}
