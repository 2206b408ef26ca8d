using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microblog.Applications;
using Microblog.Http;
using Microblog.Storage;
using Microblog.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;

namespace Microblog.TwitterApi.Tests;

/// <summary>A node with the client API in a real server on a free port of the loopback interface, on a SQLite file of its own.</summary>
internal sealed class ApiNode : IAsyncDisposable
{
    /// <summary>Names the signed-in user of a browser.</summary>
    public const string UserHeader = "X-Test-User";

    private readonly WebApplication app;
    private readonly Socket listener;
    private readonly DirectoryInfo folder;
    private readonly Dictionary<string, (Profile Person, string Password)> people = new(StringComparer.Ordinal);

    private ApiNode(WebApplication app, Socket listener, DirectoryInfo folder, Uri root)
    {
        (this.app, this.listener, this.folder, Root) = (app, listener, folder, root);
        Client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => IsOurs(shown) },
        })
        {
            BaseAddress = root,
        };
    }

    /// <summary>The node's base.</summary>
    public Uri Root { get; }

    public HttpClient Client { get; }

    /// <summary>The certificate by which programs know the server; where it has one.</summary>
    public string Certificate => Path.Combine(folder.FullName, "server.pem");

    public MicroblogNode Node => app.Services.GetRequiredService<MicroblogNode>();

    public IMicroblogStore Store => app.Services.GetRequiredService<IMicroblogStore>();

    public IServiceProvider Services => app.Services;

    public FakeTimeProvider Clock => (FakeTimeProvider)app.Services.GetRequiredService<TimeProvider>();

    /// <param name="api">The API's options; HTTP Basic is accepted unless it says otherwise.</param>
    /// <param name="options">The node's options.</param>
    /// <param name="isSecure">Whether the server speaks TLS.</param>
    /// <param name="isClockReal">Whether time passes, as clients that sign expect; else it stands still.</param>
    public static async Task<ApiNode> StartAsync(
        Action<TwitterApiOptions>? api = null, Action<MicroblogOptions>? options = null, bool isSecure = false, bool isClockReal = false, string path = "/",
        Action<IServiceCollection>? services = null)
    {
        var folder = Directory.CreateTempSubdirectory("microblog-api-");
        // Bound before the node is told its own address, so that nobody else gets the port.
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        var root = new Uri($"{(isSecure ? "https" : "http")}://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}{path}");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.ListenHandle((ulong)listener.Handle, listen =>
        {
            if (isSecure)
                listen.UseHttps(MakeCertificate(folder));
        }));
        if (!isClockReal)
            builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));
        builder.Services
            .AddMicroblog(
                o =>
                {
                    o.BaseUri = root;
                    o.License = License.CcBy40;
                    o.Delivery.IsEnabled = false;
                    options?.Invoke(o);
                },
                web => web.RateLimits.Client = web.RateLimits.Page = web.RateLimits.Open = null)
            .UseSqlite($"Data Source={Path.Combine(folder.FullName, "node.db")}")
            .AddOmb()
            .AddTwitterApi(o =>
            {
                (o.AcceptBasic, o.AcceptBasicWithoutTls) = (true, true);
                api?.Invoke(o);
            });
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.Use(SignInByHeader);
        app.MapMicroblog();
        await app.StartAsync();
        return new ApiNode(app, listener, folder, root);
    }

    /// <summary>Lets somebody join, who then calls by an application password.</summary>
    public async Task<Profile> JoinAsync(string nickname)
    {
        var person = (await Node.JoinAsync(nickname, nickname)).Value;
        var password = (await app.Services.GetRequiredService<PasswordDesk>().MakeAsync(person.Id, "tests")).Value;
        people[nickname] = (person, password.Text);
        return person;
    }

    public string PasswordOf(string nickname) => people[nickname].Password;

    public async Task<Notice> PublishAsync(Profile author, string content, Visibility visibility = Visibility.Public, NoticeId replyTo = default)
    {
        // Each at a moment of its own.
        if (app.Services.GetRequiredService<TimeProvider>() is FakeTimeProvider clock)
            clock.Advance(TimeSpan.FromSeconds(1));
        return (await Node.PublishAsync(author.Id, new NoticeDraft { Content = content, Visibility = visibility, ReplyTo = replyTo })).Value;
    }

    /// <summary>Registers an application and lets it into an account.</summary>
    /// <returns>Key, secret, token and token secret.</returns>
    public async Task<string[]> LetInAsync(Profile person, bool mayWrite = true, string name = "A test client")
    {
        var desk = app.Services.GetRequiredService<ApplicationDesk>();
        var registered = (await desk.RegisterAsync(
            person.Id, new ApplicationDetails { Name = name, Homepage = "https://client.example/", MayWrite = mayWrite })).Value;
        var granted = await Store.ExecuteAsync(
            (session, ct) => app.Services.GetRequiredService<AccessDesk>().GrantAsync(
                session, person.Id, registered.Application.Key, mayWrite, new AccessSecret(RandomText(), RandomText()), ct),
            CancellationToken.None);
        return [registered.Application.Key, registered.Secret, granted!.Token, granted.Secret];
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? nickname = null) => SendAsync(new HttpRequestMessage(HttpMethod.Get, At(path)), nickname);

    public Task<HttpResponseMessage> PostAsync(string path, string? nickname, params (string Name, string Value)[] fields) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, At(path)) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) },
        nickname);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? nickname)
    {
        if (nickname is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{nickname}:{PasswordOf(nickname)}")));
        return Client.SendAsync(request);
    }

    /// <summary>The answer as JSON; the request has to succeed.</summary>
    public async Task<JToken> ReadAsync(string path, string? nickname = null) => await JsonAsync(await GetAsync(path, nickname));

    /// <summary>The answer to a form as JSON; the request has to succeed.</summary>
    public async Task<JToken> WriteAsync(string path, string nickname, params (string Name, string Value)[] fields) =>
        await JsonAsync(await PostAsync(path, nickname, fields));

    public static async Task<JToken> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        // Dates stay texts.
        using var reader = new Newtonsoft.Json.JsonTextReader(new StringReader(text)) { DateParseHandling = Newtonsoft.Json.DateParseHandling.None };
        return await JToken.LoadAsync(reader);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        listener.Dispose();
        folder.Delete(recursive: true);
    }

    private bool IsOurs(X509Certificate? shown)
    {
        using var ours = X509CertificateLoader.LoadCertificateFromFile(Certificate);
        return shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(ours.RawData);
    }

    private static Task SignInByHeader(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers[UserHeader] is [{ Length: > 0 } user, ..])
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, user), new(ClaimTypes.Name, user)], "test"));
        return next(context);
    }

    private Uri At(string path) => new(Root, "api/" + path);

    private static string RandomText() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 32);

    private static X509Certificate2 MakeCertificate(DirectoryInfo folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(Path.Combine(folder.FullName, "server.pem"), certificate.ExportCertificatePem());
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
