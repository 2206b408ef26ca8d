using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Microblog.Testing.Tests;

public sealed class TranscriptTests
{
    private static readonly string[] Names = ["oauth_token", "oauth_token_secret", "oauth_nonce", "oauth_signature", "oauth_verifier", "forgery_token"];

    [Fact]
    public void No_secret_of_any_exchange_appears()
    {
        // A secret is what its peer made it; this one is told from everything else by its middle.
        var secret = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(edge => edge.Get + "s3cr3t" + edge.Get);
        var exchange = Gen.Choose(0, 4).Zip(Gen.Elements(Names)).Zip(secret);
        Prop.ForAll(exchange.ToArbitrary(), drawn => Assert.DoesNotContain("s3cr3t", Show(drawn.Item1.Item1, drawn.Item1.Item2, drawn.Item2), StringComparison.Ordinal))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public async Task No_secret_of_a_real_dance_appears_and_two_runs_read_alike()
    {
        await using var network = new SimulatedNetwork();
        var (ann, _) = await Scenarios.FollowAsync(network);
        await ann.PublishAsync("hello");
        await network.SettleAsync(TimeSpan.FromHours(1));
        var text = network.Transcript.ToString();
        var secrets = network.Transcript.Exchanges
            .SelectMany(exchange => (exchange.Uri.Query.TrimStart('?') + "&" + Encoding.UTF8.GetString(exchange.Body.Span)).Split('&'))
            .Select(pair => pair.Split('=', 2))
            .Where(pair => Names.Contains(pair[0]))
            .Select(pair => WebUtility.UrlDecode(pair[1]))
            .Where(value => value.Length > 0)
            .ToList();
        Assert.True(secrets.Count > 5);
        Assert.All(secrets, value => Assert.DoesNotContain(value, text, StringComparison.Ordinal));
        Assert.Contains("omb_notice_content=hello", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_a_transcript_is_the_end_of_the_whole()
    {
        await using var network = new SimulatedNetwork();
        await Scenarios.FollowAsync(network);
        var (whole, end) = (network.Transcript.ToString(), network.Transcript.ToString(3));
        Assert.EndsWith(end, whole, StringComparison.Ordinal);
        Assert.True(end.Length < whole.Length);
        Assert.Equal(whole, network.Transcript.ToString());
    }

    [Fact]
    public async Task A_body_that_is_no_text_is_shown_as_its_media_type_and_length()
    {
        await using var network = new SimulatedNetwork();
        byte[] picture = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0];
        var there = network.AddPeer("https://there.example/", _ => new HttpResponseMessage
        {
            Content = new ByteArrayContent(picture) { Headers = { ContentType = new("image/png") } },
        });
        var here = network.AddPeer("https://here.example/", _ => new HttpResponseMessage());
        using var bare = new ByteArrayContent(picture[..9]);
        using var response = await here.Client.PostAsync(there.BaseUri, bare);
        var text = network.Transcript.ToString();
        Assert.Contains("200 image/png, 10 bytes\n", text, StringComparison.Ordinal);
        Assert.Contains(" no media type, 9 bytes\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PNG", text, StringComparison.Ordinal);
    }

    private static string Show(int place, string name, string secret)
    {
        var network = new SimulatedNetwork();
        var pair = $"a=b&{name}={Uri.EscapeDataString(secret)}&c=d";
        var form = WebUtility.UrlEncode(secret);
        var there = network.AddPeer("https://there.example/", _ => place switch
        {
            0 => new HttpResponseMessage { Content = new StringContent(pair) },
            1 => Redirect("https://here.example/omb/callback/" + Uri.EscapeDataString(secret) + "?" + pair),
            _ => new HttpResponseMessage(),
        });
        var here = network.AddPeer("https://here.example/", _ => new HttpResponseMessage());
        using var request = place switch
        {
            2 => new HttpRequestMessage(HttpMethod.Post, there.BaseUri) { Content = new StringContent($"x=y&{name}={form}") },
            3 => new HttpRequestMessage(HttpMethod.Get, new Uri(there.BaseUri, "/path?" + pair)),
            4 => new HttpRequestMessage(HttpMethod.Get, new Uri(there.BaseUri, "/sign-in?returnUrl=" + Uri.EscapeDataString("/omb/authorize?" + pair))),
            _ => new HttpRequestMessage(HttpMethod.Get, there.BaseUri),
        };
        request.Headers.TryAddWithoutValidation("Authorization", $"OAuth {name}=\"s3cr3t\"");
        // Outside of a step a call of the network has ended when it returns.
        using var response = here.Client.SendAsync(request).GetAwaiter().GetResult();
        return network.Transcript.ToString();
    }

    private static HttpResponseMessage Redirect(string where)
    {
        var response = new HttpResponseMessage(HttpStatusCode.Found);
        response.Headers.TryAddWithoutValidation("Location", where);
        return response;
    }
}
