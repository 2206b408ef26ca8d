using Microblog.AspNetCore;
using Microblog.Federation.Tests;
using Microblog.Testing.Conformance;
using Microblog.Testing.Conformance.Steps;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Conformance.Tests;

/// <summary>Our own node with two people, and what the kit has to be told about it.</summary>
public sealed class OwnNode(TestNode node) : IAsyncDisposable
{
    public static IReadOnlyList<KeyValuePair<string, string>> SignIn { get; } = [new("X-User", "dora")];

    public TestNode Node => node;

    public Uri At(string path) => new(node.BaseUri, path);

    public static async Task<OwnNode> StartAsync()
    {
        var node = await TestNode.StartAsync(microblog => microblog.Services.Configure<MicroblogWebOptions>(web =>
            web.RateLimits.Write = web.RateLimits.Open = web.RateLimits.Page = null));
        await node.JoinAsync("dora");
        await node.JoinAsync("emil");
        return new OwnNode(node);
    }

    public ConformanceOptions Options(bool isHostile = false) => new()
    {
        Profile = At("dora"),
        OtherProfile = At("emil"),
        SignIn = SignIn,
        Allow = new SubmitForm { Button = "decision=allow", SignIn = SignIn },
        Refuse = new SubmitForm { Button = "decision=refuse", SignIn = SignIn },
        Unsubscribe = new SubmitForm { Page = At("following"), Action = "/unsubscribe", SignIn = SignIn },
        Subscribe = new SubmitForm { Page = At("dora/subscribe"), Field = "profile" },
        Publish = new SubmitForm { Page = At("home"), Field = "content", SignIn = SignIn },
        ChangeBio = new SubmitForm { Page = At("settings"), Field = "bio", SignIn = SignIn },
        Timeline = At("home"),
        Listenees = At("following"),
        IsHostile = isHostile,
        Quiet = TimeSpan.FromMilliseconds(400),
        Patience = TimeSpan.FromSeconds(10),
        StepTimeout = TimeSpan.FromSeconds(10),
    };

    public ValueTask DisposeAsync() => node.DisposeAsync();
}
