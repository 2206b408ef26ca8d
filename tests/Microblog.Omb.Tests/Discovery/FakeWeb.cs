using System.Net;
using System.Text;
using Microblog.Omb.Discovery;
using Microblog.Remote;
using Microblog.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microblog.Omb.Tests.Discovery;

/// <summary>A web of a few pages in memory; everything else is 404. Remembers what was asked for.</summary>
internal sealed class FakeWeb : HttpMessageHandler
{
    private readonly Dictionary<string, Func<HttpRequestMessage, HttpResponseMessage>> _pages = [];

    public List<string> Asked { get; } = [];

    public Func<string, bool> IsLocal { get; set; } = _ => false;

    public FakeWeb Page(string url, string mediaType, byte[] body, params (string Name, string Value)[] headers) =>
        Page(url, _ => Answer(200, mediaType, body, headers));

    public FakeWeb Page(string url, string mediaType, string body, params (string Name, string Value)[] headers) =>
        Page(url, mediaType, Encoding.UTF8.GetBytes(body), headers);

    public FakeWeb Page(string url, Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        _pages[url] = answer;
        return this;
    }

    public FakeWeb Xrds(string url, OmbEndpoints user) =>
        Page(url, "application/xrds+xml", XrdsWriter.Write(user, XrdsWriter.DefaultCapabilities));

    public FakeWeb Redirect(string url, string to, int status = 302) => Page(url, _ => Answer(status, "text/html", [], ("Location", to)));

    public FakeWeb Status(string url, int status) => Page(url, _ => Answer(status, "text/html", []));

    public async Task<DiscoveryResult> DiscoverAsync(string profileUrl, RandomSource? random = null)
    {
        using var remote = new RemoteClient(
            Options.Create(new RemoteOptions()), TimeProvider.System, NullLogger<RemoteClient>.Instance, this);
        return await new ProfileDiscovery(remote, TimeProvider.System, random ?? new RandomSource(), IsLocal).DiscoverAsync(profileUrl, default);
    }

    public async Task<DiscoveryResult.Found> FindAsync(string profileUrl, RandomSource? random = null)
    {
        var result = await DiscoverAsync(profileUrl, random);
        Assert.True(result is DiscoveryResult.Found, result.ToString());
        return (DiscoveryResult.Found)result;
    }

    public async Task<string> FailAsync(string profileUrl, DiscoveryFailure reason)
    {
        var result = await DiscoverAsync(profileUrl);
        Assert.True(result is DiscoveryResult.Failed failed && failed.Reason == reason, result.ToString());
        return ((DiscoveryResult.Failed)result).Detail;
    }

    public static HttpResponseMessage Answer(int status, string mediaType, byte[] body, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(body) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        foreach (var (name, value) in headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var url = request.RequestUri!.GetLeftPart(UriPartial.Query);
        Asked.Add(url);
        return Task.FromResult(_pages.TryGetValue(url, out var answer) ? answer(request) : Answer(404, "text/html", []));
    }
}
