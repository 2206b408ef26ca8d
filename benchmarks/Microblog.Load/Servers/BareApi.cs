using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Microblog.Load.Servers;

/// <summary>The raw limit of the client API: Kestrel sends the same bytes, and a plain writer stores one notice for each post. It knows nobody.</summary>
internal static class BareApi
{
    public static WebApplication Build(string directory)
    {
        var home = File.ReadAllBytes(Path.Combine(directory, "home.json"));
        var posted = home[..Math.Min(home.Length, home.Length / 20)];
        var path = Path.Combine(directory, "node.db");
        BareServer.CreateTables(path);
        var writer = new BareWriter(path);
        var grant = new Grant(1, 1, 1, "", new Omb.OAuth.TokenCredentials("token", "secret"));
        var number = 0;

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var application = builder.Build();
        application.MapGet("/api/statuses/home_timeline.json", async context =>
        {
            if (context.Request.Headers.IfNoneMatch.Count > 0)
            {
                context.Response.StatusCode = 304;
                return;
            }

            await SendAsync(context, home);
        });
        application.MapPost("/api/statuses/update.json", async context =>
        {
            var form = await context.Request.ReadFormAsync();
            var id = Interlocked.Increment(ref number).ToString(CultureInfo.InvariantCulture);
            await writer.WriteAsync(new BareRow("http://node.example/notice/" + id, form["status"].ToString(), "", "", id, 0, grant));
            await SendAsync(context, posted);
        });
        application.Lifetime.ApplicationStopped.Register(writer.Dispose);
        return application;
    }

    private static async Task SendAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body);
    }
}
