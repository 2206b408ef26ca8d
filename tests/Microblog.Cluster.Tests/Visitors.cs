using System.Net;
using Microblog.Federation.Tests;

namespace Microblog.Cluster.Tests;

/// <summary>What people do with their browsers.</summary>
internal static class Visitors
{
    public static async Task JoinAsync(this Browser browser, Uri node, string person)
    {
        await browser.OpenAsync(new Uri(node, "account/sign-up"));
        await browser.SubmitAsync(("name", person), ("password", "correct horse battery"));
        await browser.OpenAsync(new Uri(node, "join"));
        await browser.SubmitAsync(("nickname", person));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    /// <summary>Follows somebody of the same node.</summary>
    public static async Task FollowAsync(this Browser browser, Uri node, string person)
    {
        await browser.OpenAsync(new Uri(node, "subscribe"));
        await browser.SubmitAsync(("target", person));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    /// <summary>Follows somebody of another node: asked for there, agreed to here.</summary>
    public static async Task FollowFromAsync(this Browser browser, Uri own, string self, Uri other, string person)
    {
        await browser.OpenAsync(new Uri(other, person + "/subscribe"));
        await browser.SubmitAsync(("profile", new Uri(own, self).AbsoluteUri));
        await browser.SubmitAsync(("decision", "allow"));
        Assert.True(browser.Status == HttpStatusCode.OK, $"{browser.Location} answered {browser.Status}:\n{browser.Html}");
        Assert.StartsWith(other.AbsoluteUri, browser.Location.AbsoluteUri, StringComparison.Ordinal);
    }
}
