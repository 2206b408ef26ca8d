using System.Net;

namespace Microblog.Federation.Tests;

/// <summary>The whole story between two processes on real files and sockets.</summary>
public sealed class TwoProcessesTests
{
    private const int Notices = 1_000;
    private const string Listener = "anna";
    private const string Publisher = "bert";

    private static readonly string[] Awkward =
    [
        "plus + percent % ampersand & equals = semicolon ; hash # question ?",
        "two\nlines and a tab\t, and  two spaces ",
        "emoji 🙂👩‍👩‍👧‍👦 and combining e\u0301",
        "שלום עולם مرحبا بالعالم",
        "~*'()!/\\\"<>&amp;%41%zz+%2B",
        "日本語 “quotes” – dashes … \u00a0no-break",
    ];

    [Fact]
    [Trait("Clause", "OMB-63")]
    [Trait("Clause", "OMB-75")]
    [Trait("Clause", "OMB-130")]
    public async Task A_thousand_notices_arrive_byte_for_byte_in_order_and_once_though_the_listener_is_killed_in_the_middle()
    {
        await using var listener = new NodeProcess();
        await using var publisher = new NodeProcess();
        await Task.WhenAll(listener.StartAsync(), publisher.StartAsync());
        using var anna = new Browser(null);
        using var bert = new Browser(null);
        await SignUpAsync(anna, listener, Listener);
        await SignUpAsync(bert, publisher, Publisher);
        await SubscribeAsync(anna, listener, publisher);

        var sent = Enumerable.Range(0, Notices).Select(i => i == 500 ? new string('ü', 5_000) : $"{i} {Awkward[i % Awkward.Length]}".Trim()).ToList();
        foreach (var (content, i) in sent.Select((content, i) => (content, i)))
        {
            if (i == Notices / 3)
                await listener.KillAsync();
            if (i == Notices * 2 / 3)
                await listener.StartAsync();
            await PostAsync(bert, publisher, content);
        }

        var heard = await Eventually.Async(() => listener.HeardAsync(Listener), heard => heard.Count >= Notices);
        Assert.Equal(sent, heard);

        await bert.OpenAsync(new Uri(publisher.BaseUri, "settings"));
        await bert.SubmitAsync(("fullname", "Bert & Söhne"), ("bio", "I moved."), ("location", "Here"));
        await Eventually.Async(
            () => listener.QueryAsync("SELECT full_name || '/' || bio || '/' || location FROM microblog_profile WHERE is_local = 0"),
            profiles => profiles is ["Bert & Söhne/I moved./Here"]);

        await UnsubscribeAsync(anna, listener);
        await PostAsync(bert, publisher, "nobody hears this");
        await Eventually.Async(
            () => publisher.QueryAsync("SELECT count(*) || '' FROM microblog_subscription WHERE state = 2"), ended => ended is ["1"]);
        var refusals = Refusals(listener);
        await PostAsync(bert, publisher, "nor this");

        await SubscribeAsync(anna, listener, publisher);
        await PostAsync(bert, publisher, "but this");
        await Eventually.Async(() => listener.HeardAsync(Listener), heard => heard.Count == Notices + 1 && heard[^1] == "but this");
        Assert.Equal(refusals, Refusals(listener));
    }

    private static int Refusals(NodeProcess node) => node.Log.Count(line => line.Contains("TokenRevoked", StringComparison.Ordinal));

    private static async Task SignUpAsync(Browser browser, NodeProcess node, string person)
    {
        await browser.OpenAsync(new Uri(node.BaseUri, "account/sign-up"));
        await browser.SubmitAsync(("name", person), ("password", "correct horse battery"));
        await browser.OpenAsync(new Uri(node.BaseUri, "join"));
        await browser.SubmitAsync(("nickname", person));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    private static async Task SubscribeAsync(Browser browser, NodeProcess listener, NodeProcess publisher)
    {
        await browser.OpenAsync(new Uri(publisher.BaseUri, Publisher + "/subscribe"));
        await browser.SubmitAsync(("profile", listener.BaseUri + Listener));
        await browser.SubmitAsync(("decision", "allow"));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.StartsWith(publisher.BaseUri.AbsoluteUri, browser.Location.AbsoluteUri, StringComparison.Ordinal);
    }

    private static async Task UnsubscribeAsync(Browser browser, NodeProcess listener)
    {
        await browser.OpenAsync(new Uri(listener.BaseUri, "following"));
        await browser.SubmitToAsync("/unsubscribe");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    private static async Task PostAsync(Browser browser, NodeProcess node, string content)
    {
        if (browser.Location != new Uri(node.BaseUri, "home"))
            await browser.OpenAsync(new Uri(node.BaseUri, "home"));
        await browser.SubmitAsync(("content", content));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }
}
