using System.Globalization;
using System.Text;
using Microblog.Storage.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Microblog.Load.Servers;

/// <summary>The raw limit of postNotice: Kestrel reads the same form and a plain writer stores the same rows. It verifies nothing, asks
/// nothing and refuses nothing.</summary>
internal static class BareServer
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("omb_version=http://openmicroblogging.org/protocol/0.1");

    public static WebApplication Build(string directory)
    {
        var path = Path.Combine(directory, "node.db");
        CreateTables(path);
        var grants = Grant.Load(directory).ToDictionary(g => g.Token.Token, StringComparer.Ordinal);
        var writer = new BareWriter(path);

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var application = builder.Build();
        application.MapPost("/omb/{listener}/notice", async context =>
        {
            var form = await context.Request.ReadFormAsync();
            var grant = grants[form["oauth_token"].ToString()];
            await writer.WriteAsync(new BareRow(
                form["omb_notice"].ToString(),
                form["omb_notice_content"].ToString(),
                form["omb_notice_url"].ToString(),
                form["omb_notice_license"].ToString(),
                form["oauth_nonce"].ToString(),
                (long.Parse(form["oauth_timestamp"].ToString(), CultureInfo.InvariantCulture) + 301) * 1000,
                grant));
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = Answer.Length;
            await context.Response.BodyWriter.WriteAsync(Answer);
        });
        application.Lifetime.ApplicationStopped.Register(writer.Dispose);
        return application;
    }

    // The store's own tables and indexes.
    public static void CreateTables(string path)
    {
        var store = new SqliteStore(
            new SqliteStoreOptions { ConnectionString = $"Data Source={path}" }, TimeProvider.System, NullLogger<SqliteStore>.Instance);
        store.StartAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        store.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
