using System.Net;
using Microblog.Pages;

namespace Microblog.Testing.Tests;

public sealed class BrowserTests : IAsyncLifetime, IDisposable
{
    private readonly SimulatedNetwork network = new();
    private readonly List<string> cookies = [];
    private SimulatedPerson ann = null!;

    public async Task InitializeAsync()
    {
        ann = await (await network.AddNodeAsync("https://a.example/")).JoinAsync("ann");
        network.AddPeer("https://peer.example/", request =>
        {
            cookies.Add(request.Headers.TryGetValues("Cookie", out var sent) ? string.Join("; ", sent) : "");
            var response = new HttpResponseMessage(HttpStatusCode.OK);
            switch (request.RequestUri!.AbsolutePath)
            {
                case "/keep":
                    response.Headers.Add("Set-Cookie", ["a=1; Path=/; HttpOnly", "b=2=3", "nonsense"]);
                    break;
                case "/forget":
                    response.Headers.Add("Set-Cookie", "a=; Max-Age=0");
                    break;
                case "/around":
                    (response.StatusCode, response.Headers.Location) = (HttpStatusCode.Found, new Uri("/around", UriKind.Relative));
                    break;
                case "/form":
                    (response.StatusCode, response.Headers.Location) = (HttpStatusCode.SeeOther, new Uri("there?by=" + request.Method, UriKind.Relative));
                    break;
            }

            return response;
        });
    }

    public async Task DisposeAsync() => await network.DisposeAsync();

    void IDisposable.Dispose()
    {
    }

    [Fact]
    public async Task Cookies_are_kept_for_their_host_until_they_are_taken_back()
    {
        foreach (var path in new[] { "keep", "forget", "look" })
            await ann.Browser.GetAsync(new Uri("https://peer.example/" + path));
        Assert.Equal(["", "a=1; b=2=3", "b=2=3"], cookies);
    }

    [Fact]
    public async Task Redirects_are_followed_from_where_they_stand_and_with_GET()
    {
        await ann.Browser.GetAsync(new Uri("https://peer.example/deep/"));
        await ann.Browser.PostAsync("/form", [new("x", "y")]);
        Assert.Equal("https://peer.example/there?by=POST", ann.Browser.Location!.AbsoluteUri);
        Assert.Equal("GET", network.Transcript.Exchanges.Last().Method);
    }

    [Fact]
    public async Task Being_sent_in_circles_ends()
    {
        var failure = await Assert.ThrowsAsync<SimulationException>(() => ann.Browser.GetAsync(new Uri("https://peer.example/around")));
        Assert.Contains("circles", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_signed_in_sees_the_own_pages_and_everybody_else_is_sent_to_sign_in()
    {
        await ann.Browser.GetAsync(new Uri("https://a.example/home"));
        Assert.Equal("ann", Assert.IsType<TimelinePage>(ann.Browser.Page).Frame!.Viewer!.Profile!.Nickname);

        var elsewhere = await network.AddNodeAsync("https://b.example/");
        await ann.Browser.GetAsync(new Uri(elsewhere.BaseUri, "/home"));
        Assert.Equal("https://b.example/sign-in?returnUrl=%2Fhome", ann.Browser.Location!.AbsoluteUri);
    }

    [Fact]
    public async Task Consent_may_be_refused_and_then_nobody_follows()
    {
        var bob = await (await network.AddNodeAsync("https://b.example/")).JoinAsync("bob");
        await bob.Browser.GetAsync(new Uri("https://a.example/ann/subscribe"));
        await bob.Browser.SubscribeAsync(bob.Profile.Url);
        Assert.IsType<ConsentPage>(bob.Browser.Page);
        await bob.Browser.DecideAsync(false);
        await ann.PublishAsync("hello");
        await network.SettleAsync(TimeSpan.FromHours(1));
        Assert.Empty(await bob.HomeAsync());
    }

    [Fact]
    public async Task A_form_of_another_page_is_a_clear_error()
    {
        await ann.Browser.GetAsync(new Uri("https://a.example/"));
        var failure = await Assert.ThrowsAsync<SimulationException>(() => ann.Browser.DecideAsync(true));
        Assert.Contains("expects a ConsentPage", failure.Message, StringComparison.Ordinal);
    }
}
