using Microblog.AspNetCore;
using Microblog.Remote;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Microblog.Load.Servers;

/// <summary>A whole node, as samples/Node builds it, on a free port of this machine.</summary>
internal static class NodeServer
{
    /// <summary>The public address, to which requests are signed.</summary>
    public const string Root = "http://node.example/";

    /// <summary>Adds the client API, with as many requests as there come.</summary>
    public static void AddApi(IServiceCollection services)
    {
        services.Configure<MicroblogWebOptions>(web => web.RateLimits.Client = null);
        new MicroblogBuilder(services).AddTwitterApi(api => api.RequestsPerHour = null);
    }

    public static WebApplication Build(NodeDatabase database, HttpMessageHandler? network = null, Action<IServiceCollection>? configure = null, Action<WebApplication>? pipeline = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var node = builder.Services.AddMicroblog(options =>
        {
            options.BaseUri = new Uri(Root);
            options.License = License.CcBy40;
        }).AddOmb();
        database.UseIn(node);
        // To the sinks.
        builder.Services.Configure<RemoteOptions>(options => options.AllowRequestsToLoopbackAddresses = true);
        builder.Services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(database.Directory, "keys")));
        if (network is not null)
            builder.Services.AddKeyedSingleton<HttpMessageHandler>(typeof(RemoteClient), network);
        configure?.Invoke(builder.Services);
        var application = builder.Build();
        pipeline?.Invoke(application);
        application.MapMicroblog();
        return application;
    }
}
