using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microblog.TestServers;

namespace Microblog.Cluster.Tests.WebSub;

/// <summary>Somebody who has feeds sent (W3C WebSub): agrees to every question, and keeps what comes to each of its callbacks.</summary>
internal sealed class Subscriber : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Uri address = new($"http://127.0.0.1:{FreePort.Find()}/");
    private readonly ConcurrentQueue<(string Callback, string Text)> sent = [];
    private readonly TaskCompletionSource<string> held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task listening;
    private volatile bool holdsNext;

    public Subscriber()
    {
        listener.Prefixes.Add(address.AbsoluteUri);
        listener.Start();
        listening = ListenAsync();
    }

    /// <summary>The callbacks that were asked, in the order in which the questions came.</summary>
    public ConcurrentQueue<string> Questions { get; } = [];

    /// <summary>The callback to which a delivery has come that gets no answer, once there is one.</summary>
    public Task<string> Held => held.Task;

    /// <summary>Asks a process for a feed, to be sent to a callback.</summary>
    public async Task SubscribeAsync(Uri process, string topic, string callback)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var form = new FormUrlEncodedContent(
        [
            new("hub.mode", "subscribe"), new("hub.topic", topic), new("hub.callback", new Uri(address, callback).AbsoluteUri),
        ]);
        using var response = await client.PostAsync(new Uri(process, "websub/hub"), form);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    /// <summary>Lets the next delivery wait for an answer for ever.</summary>
    public void HoldNext() => holdsNext = true;

    /// <summary>The notices that came to a callback, in order, with those that got no answer.</summary>
    public IReadOnlyList<string> SentTo(string callback) => [.. sent.Where(one => one.Callback == callback).Select(one => one.Text)];

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await listening;
    }

    private async Task ListenAsync()
    {
        while (true)
        {
            try
            {
                await AnswerAsync(await listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                if (!listener.IsListening)
                    return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, callback) = (context.Request, context.Request.Url!.AbsolutePath.TrimStart('/'));
        var answer = "";
        if (request.HttpMethod == "GET")
        {
            Questions.Enqueue(callback);
            answer = request.QueryString["hub.challenge"] ?? "";
        }
        else
        {
            // Newest first.
            var items = (await JsonNode.ParseAsync(request.InputStream))!["items"]!.AsArray();
            foreach (var item in items.Reverse())
                sent.Enqueue((callback, (string)item!["content_text"]!));
            if (holdsNext)
            {
                holdsNext = false;
                held.SetResult(callback);
                return;
            }
        }

        context.Response.Close(Encoding.ASCII.GetBytes(answer), willBlock: true);
    }
}
