using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microblog.Load.Servers;

/// <summary>A node whose author publishes on request, and the raw limit beside it: Kestrel writing the same bytes to all who hold a stream.</summary>
internal static class LiveServer
{
    /// <summary>Names who asks. A person's name is their number.</summary>
    public const string PersonHeader = "X-Person";

    public static WebApplication BuildNode(NodeDatabase database)
    {
        var application = NodeServer.Build(database, configure: services => services.Configure<MicroblogOptions>(options => options.Live.MaxPerAddress = 10_000), pipeline: SignIn);
        application.MapPost("/publish", async (MicroblogNode node, CancellationToken cancellationToken) =>
        {
            var author = (await node.FindProfileAsync("author", cancellationToken))!;
            await node.PublishAsync(author.Id, new NoticeDraft { Content = "Something has happened." }, cancellationToken: cancellationToken);
        });
        application.MapPost("/people/{count:int}", (MicroblogNode node, int count, CancellationToken cancellationToken) => AddPeopleAsync(node, count, cancellationToken));
        return application;
    }

    public static WebApplication BuildBare()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var application = builder.Build();
        var open = new ConcurrentBag<HttpResponse>();
        var text = Encoding.UTF8.GetBytes("id: 1\nevent: notice\ndata: {\"html\":\"" + new string('x', 1_000) + "\"}\n\n");
        application.MapGet("/live/public", async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync("retry: 3000\n\n"u8.ToArray());
            open.Add(context.Response);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        application.MapPost("/publish", () => Task.WhenAll(open.Select(response => response.Body.WriteAsync(text).AsTask())));
        return application;
    }

    private static async Task AddPeopleAsync(MicroblogNode node, int count, CancellationToken cancellationToken)
    {
        await node.JoinAsync("author", "author", cancellationToken);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), cancellationToken, async (i, ct) =>
        {
            var name = "p" + i.ToString(CultureInfo.InvariantCulture);
            var person = await node.JoinAsync(name, name, ct);
            await node.SubscribeAsync(person.Value.Id, "author", ct);
        });
    }

    private static void SignIn(WebApplication application) => application.Use((context, next) =>
    {
        if (context.Request.Headers[PersonHeader] is [{ Length: > 0 } name])
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], "load"));
        return next(context);
    });
}
