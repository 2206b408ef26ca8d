using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Microblog.Load.Servers;

/// <summary>Many other services: each an address of 127.0.0.0/8 of its own, all on one port. They take every notice, and count.</summary>
internal static class SinkServer
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("omb_version=http://openmicroblogging.org/protocol/0.1");

    /// <summary>The root address of a service.</summary>
    /// <param name="network">Between 1 and 255: the sinks are in 1, and nobody is in the others unless somebody listens there.</param>
    /// <param name="number">From 0.</param>
    /// <param name="port">The sinks' port.</param>
    public static string Root(int network, int number, int port) => $"http://{Address(network, number)}:{port}/";

    public static IPAddress Address(int network, int number) => new([127, (byte)network, (byte)(number / 200), (byte)(1 + number % 200)]);

    public static WebApplication Build(int count)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var port = FreePort();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            for (var i = 0; i < count; i++)
                kestrel.Listen(Address(1, i), port);
        });
        var application = builder.Build();
        var arrivals = new Arrivals();
        application.MapPost("/omb/notice", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            arrivals.Add();
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = Answer.Length;
            await context.Response.BodyWriter.WriteAsync(Answer);
        });
        // Answers when so many have come since the start.
        application.MapGet("/arrived/{count:long}", (long count, CancellationToken cancellationToken) => arrivals.WaitAsync(count).WaitAsync(cancellationToken));
        application.MapGet("/count", () => arrivals.Count);
        return application;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(Address(1, 0), 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Arrivals
    {
        private long count;
        private long wanted = long.MaxValue;
        private TaskCompletionSource reached = new();

        public long Count => Volatile.Read(ref count);

        public void Add()
        {
            if (Interlocked.Increment(ref count) >= Volatile.Read(ref wanted))
                reached.TrySetResult();
        }

        public Task WaitAsync(long number)
        {
            reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref wanted, number);
            Interlocked.MemoryBarrier();
            if (Count >= number)
                reached.TrySetResult();
            return reached.Task;
        }
    }
}
