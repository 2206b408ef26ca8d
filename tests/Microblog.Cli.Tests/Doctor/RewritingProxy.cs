using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Microblog.Cli.Tests.Doctor;

/// <summary>A proxy on a socket of its own, which does to requests and answers what it is told.</summary>
internal sealed class RewritingProxy : IAsyncDisposable
{
    private static readonly string[] Hop = ["Host", "Connection", "Transfer-Encoding", "Content-Length", "Content-Type"];

    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly X509Certificate2? certificate;
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private WebApplication? app;

    public RewritingProxy(bool tls = false)
    {
        if (tls)
            certificate = SelfSigned();
        // The port is ours from here on, though nobody answers before the start.
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Root = new Uri($"{(tls ? "https" : "http")}://localhost:{((IPEndPoint)socket.LocalEndPoint!).Port}/");
    }

    /// <summary>Where the public reaches it.</summary>
    public Uri Root { get; }

    /// <summary>Where it passes requests.</summary>
    public Uri? Behind { get; set; }

    /// <summary>Changes the request target.</summary>
    public Func<string, string> Target { get; set; } = target => target;

    /// <summary>Changes what goes to the node.</summary>
    public Action<HttpRequestMessage> Request { get; set; } = _ => { };

    /// <summary>Changes what goes back.</summary>
    public Action<HttpResponse> Answer { get; set; } = _ => { };

    /// <summary>Answers by itself, unless it returns false.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    public X509Certificate2Collection Certificates => certificate is null ? [] : [certificate];

    public string Pem => certificate!.ExportCertificatePem();

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(o => o.CreateBoundListenSocket = _ => socket);
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, Root.Port, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        app = builder.Build();
        app.Run(ForwardAsync);
        await app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        certificate?.Dispose();
        if (app is not null)
            await app.DisposeAsync();
        socket.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        if (await Instead(context))
            return;
        var target = Target(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(Behind!.GetLeftPart(UriPartial.Authority) + target));
        request.Headers.Host = context.Request.Host.Value;
        if (context.Request.ContentLength > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        foreach (var (name, value) in context.Request.Headers.Where(h => !Hop.Contains(h.Key)))
            request.Headers.TryAddWithoutValidation(name, value.AsEnumerable());
        Request(request);
        await PassBackAsync(context, request);
    }

    private async Task PassBackAsync(HttpContext context, HttpRequestMessage request)
    {
        try
        {
            using var response = await client.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Where(h => h.Key != "Transfer-Encoding"))
                context.Response.Headers[name] = values.ToArray();
            Answer(context.Response);
            var body = await response.Content.ReadAsByteArrayAsync();
            if (body.Length > 0)
                await context.Response.Body.WriteAsync(body);
        }
        catch (HttpRequestException)
        {
            context.Response.StatusCode = 502;
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
