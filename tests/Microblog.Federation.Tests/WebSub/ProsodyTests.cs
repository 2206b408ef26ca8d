using Microblog.Tests.Foreign;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Federation.Tests.WebSub;

/// <summary>Prosody, an XMPP server, subscribes to feeds and passes them on as publish–subscribe items (Debian: prosody-modules).</summary>
public sealed class ProsodyTests : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-prosody-");
    private TestNode node = null!;
    private Profile alice = null!;

    public async Task InitializeAsync()
    {
        node = await TestNode.StartAsync(microblog => microblog.AddWebSub());
        alice = await node.JoinAsync("alice");
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        directory.Delete(recursive: true);
    }

    // Atom alone: of RSS it does not keep the link to the hub.
    [ForeignFact("prosodyctl")]
    public async Task Prosody_subscribes_confirms_and_takes_what_is_new_with_its_signature()
    {
        var (topic, port) = (new Uri(node.BaseUri, "alice/feed.atom").AbsoluteUri, TestNode.FreePort());
        using var prosody = ForeignProgram.Start("prosody", "-F", "--config", await ConfigureAsync(topic, port));
        await UntilAsync(prosody, "Confirming subscribe request");
        await Eventually.Async(
            async () => await node.Node.ReadAsync((session, ct) => session.Hub.FindAsync(topic, $"http://127.0.0.1:{port}/callback?node=alice", ct)),
            found => found is not null);
        // It takes only what is dated later than its last look at the feed, in whole seconds.
        var looked = DateTimeOffset.UtcNow;
        await Eventually.Async(() => Task.FromResult(DateTimeOffset.UtcNow), now => now.ToUnixTimeSeconds() > looked.ToUnixTimeSeconds());

        await node.Node.PublishAsync(alice.Id, new NoticeDraft { Content = "hello from far" });

        await UntilAsync(prosody, "Valid signature");
        await Eventually.Async(() => Task.FromResult(Stored()), stored => stored.Contains("hello from far", StringComparison.Ordinal));
    }

    private static async Task UntilAsync(ForeignProgram prosody, string said)
    {
        while (await prosody.ReadTextAsync() is { } line)
        {
            if (line.Contains(said, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"It ended and never said: {said}");
    }

    private string Stored() => string.Concat(directory.EnumerateFiles("*", SearchOption.AllDirectories)
        .Where(file => file.FullName.Contains("pubsub", StringComparison.Ordinal)).Select(file => File.ReadAllText(file.FullName)));

    private async Task<string> ConfigureAsync(string topic, int port)
    {
        var file = Path.Combine(directory.FullName, "prosody.cfg.lua");
        await File.WriteAllTextAsync(
            file,
            $$"""
            run_as_root = true
            data_path = "{{directory.FullName}}/data"
            pidfile = "{{directory.FullName}}/pid"
            log = { { levels = { min = "debug" }, to = "console" } }
            modules_disabled = { "s2s", "c2s", "tls", "saslauth", "offline" }
            interfaces = { "127.0.0.1" }
            http_ports = { {{port}} }
            http_interfaces = { "127.0.0.1" }
            https_ports = { }
            VirtualHost "localhost"
            Component "pubsub.localhost" "pubsub"
                modules_enabled = { "pubsub_feeds" }
                http_host = "127.0.0.1"
                http_external_url = "http://127.0.0.1:{{port}}/"
                feeds = { alice = "{{topic}}" }
            """);
        return file;
    }
}
