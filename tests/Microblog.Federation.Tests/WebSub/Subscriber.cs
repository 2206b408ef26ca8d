using System.Text.Json.Nodes;
using Microblog.Tests.Foreign;

namespace Microblog.Federation.Tests.WebSub;

/// <summary>A subscriber in another language, which shares nothing with the node (tests/foreign/websub_subscriber.py).</summary>
internal sealed class Subscriber : IDisposable
{
    public const string Program = "/usr/bin/python3";

    private readonly ForeignProgram program = ForeignProgram.Start(
        Program, Path.Combine(AppContext.BaseDirectory, "foreign", "websub_subscriber.py"));

    private Subscriber()
    {
    }

    public int Port { get; private set; }

    public Uri Callback => new($"http://127.0.0.1:{Port}/hook");

    public static async Task<Subscriber> StartAsync()
    {
        var subscriber = new Subscriber();
        subscriber.Port = (int)(await subscriber.program.ReadAsync())["port"]!;
        return subscriber;
    }

    public Task<JsonObject> DiscoverAsync(string feed) => program.AskAsync(new { @do = "discover", feed });

    /// <summary>Asks the hub as a subscriber does, and expects to be asked back.</summary>
    /// <returns>The hub's status.</returns>
    public Task<int> AskAsync(TestNode node, string mode, string topic, string secret = "", string lease = "", string at = "/hook") =>
        AskAsync(node, Form(mode, topic, secret, lease), at);

    public async Task<int> AskAsync(TestNode node, Dictionary<string, string> form, string at = "/hook", bool unexpected = false) =>
        (int)(await program.AskAsync(new { @do = "ask", hub = new Uri(node.BaseUri, "websub/hub").AbsoluteUri, form, at, unexpected }))["status"]!;

    /// <summary>Subscribes, and waits until the node has it.</summary>
    public async Task SubscribeAsync(TestNode node, string topic, string secret = "", string lease = "", string at = "/hook")
    {
        Assert.Equal(202, await AskAsync(node, "subscribe", topic, secret, lease, at));
        var callback = new Uri(Callback, at).AbsoluteUri;
        await Eventually.Async(
            async () => await node.Node.ReadAsync((session, ct) => session.Hub.FindAsync(topic, callback, ct)), found => found is not null);
    }

    public async Task AnswerAsync(int status) => await program.AskAsync(new { @do = "set", status });

    public async Task EchoAsync(string echo) => await program.AskAsync(new { @do = "set", echo });

    /// <summary>What was delivered since the beginning, once it is at least so much.</summary>
    public Task<List<JsonObject>> DeliveriesAsync(int count) => WaitAsync("deliveries", count);

    public Task<List<JsonObject>> RefusedAsync(int count) => WaitAsync("refused", count);

    public Task<List<JsonObject>> QuestionsAsync(int count) => WaitAsync("questions", count);

    /// <summary>The notices that were delivered, in the order in which they came, once there are so many.</summary>
    public async Task<List<string>> ReceivedAsync(int notices)
    {
        for (var deliveries = 1; ; deliveries++)
        {
            // Newest first in each.
            List<string> received = [.. (await DeliveriesAsync(deliveries)).SelectMany(one => one["ids"]!.AsArray().Reverse()).Select(id => (string)id!)];
            if (received.Count >= notices || deliveries > notices)
                return received;
        }
    }

    public void Dispose() => program.Dispose();

    private async Task<List<JsonObject>> WaitAsync(string what, int count)
    {
        var list = (await program.AskAsync(new { @do = "wait", @for = what, count }))["list"]!.AsArray();
        Assert.True(list.Count >= count, $"There are {list.Count} {what} and not {count}.");
        return [.. list.Select(one => one!.AsObject())];
    }

    private static Dictionary<string, string> Form(string mode, string topic, string secret, string lease)
    {
        var form = new Dictionary<string, string> { ["hub.mode"] = mode, ["hub.topic"] = topic };
        if (secret.Length > 0)
            form["hub.secret"] = secret;
        if (lease.Length > 0)
            form["hub.lease_seconds"] = lease;
        return form;
    }
}
