using System.Net;
using System.Text;
using Microblog.Omb.OAuth;

namespace Microblog.Testing.Tests.Invariants;

/// <summary>A hostile service. It holds two honest tokens of a victim's: one for its own listenee, which the victim wanted to hear, and, by an
/// accomplice on the victim's node, one in somebody else's name. It sends what these do not allow, and sends again what it overheard.</summary>
internal sealed class Evil
{
    public const string Forged = "FORGED";
    public const string Impersonated = "IMPERSONATED";
    public const string FalseName = "Mallory";

    private const string Version = "http://openmicroblogging.org/protocol/0.1";
    private const string Own = "https://evil.example/user/1";

    private readonly World world;
    private readonly SimulatedPeer peer;
    private readonly Person victim;
    private readonly SimulatedPerson accomplice;
    private readonly Person target;
    private TokenCredentials? own;
    private TokenCredentials? stolen;
    private int sent;

    public Evil(World world, Person victim, SimulatedPerson accomplice, Person target)
    {
        (this.world, this.victim, this.accomplice, this.target) = (world, victim, accomplice, target);
        peer = world.Network.AddPeer("https://evil.example/", _ => new HttpResponseMessage(HttpStatusCode.OK));
    }

    /// <summary>Obtains the tokens, while everything still works.</summary>
    public async Task BeginAsync()
    {
        own = await DanceAsync(victim.Home, "https://evil.example/", Own, "eve");
        stolen = await DanceAsync(accomplice, target.Home.Node.BaseUri.AbsoluteUri, target.Uri.Value, target.Name);
    }

    public Task ActAsync() => World.TryAsync(() => world.Network.Random.Next(4) switch
    {
        0 => PushAsync(own!, victim.Home, "notice", target.Uri.Value, $"{Forged} {++sent}"),
        1 => PushAsync(stolen!, accomplice, "notice", target.Uri.Value, $"{Impersonated} {++sent}"),
        2 => RenameAsync(),
        _ => RepeatSomethingAsync(),
    });

    /// <summary>Overhears profile changes, has the node killed after the last, and sends the earlier ones again.</summary>
    public async Task RevertAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            await world.RenameAsync(target);
            await world.Network.AdvanceAsync(TimeSpan.FromSeconds(15));
        }

        var node = victim.Home.Node;
        if (!node.IsUp)
            return;
        node.Crash();
        await World.TryAsync(() => node.StartAsync());
        foreach (var exchange in Overheard(TimeSpan.FromMinutes(1)).Where(push => push.Uri.AbsolutePath.EndsWith("/profile", StringComparison.Ordinal)).Reverse())
            await World.TryAsync(() => RepeatAsync(exchange));
    }

    // Something that was overheard, byte for byte.
    private Task RepeatSomethingAsync()
    {
        var overheard = Overheard(TimeSpan.FromMinutes(6));
        return overheard.Count == 0 ? Task.CompletedTask : RepeatAsync(overheard[world.Network.Random.Next(overheard.Count)]);
    }

    private Task<string> RepeatAsync(Exchange exchange) => PostAsync(exchange.Uri, Encoding.ASCII.GetString(exchange.Body.Span));

    // The pushes to the victim's node.
    private List<Exchange> Overheard(TimeSpan within) =>
        [.. world.Network.Transcript.Exchanges.Where(exchange =>
            exchange.Method == "POST" && exchange.Uri.Authority == victim.Home.Node.BaseUri.Authority && exchange.From != peer.BaseUri.Authority
            && exchange.Uri.AbsolutePath.StartsWith("/omb/", StringComparison.Ordinal) && exchange.Uri.Segments.Length == 4
            && exchange.At > world.Network.Now - within)];

    private Task RenameAsync() => PostSignedAsync(
        new Uri(accomplice.Node.BaseUri, $"omb/{accomplice.Profile.Id}/profile"),
        stolen!,
        [new("omb_listenee", target.Uri.Value), new("omb_listenee_fullname", FalseName)]);

    private Task PushAsync(TokenCredentials token, SimulatedPerson listener, string operation, string listenee, string text) => PostSignedAsync(
        new Uri(listener.Node.BaseUri, $"omb/{listener.Profile.Id}/{operation}"),
        token,
        [
            new("omb_listenee", listenee), new("omb_notice_content", text),
            // Now and then the address of a real notice, to be first or to replace it.
            new("omb_notice", world.Written.LastOrDefault(w => w.Author == target && w.Notice is not null)?.Notice?.Uri.Value ?? "https://evil.example/notice/" + sent),
        ]);

    private async Task PostSignedAsync(Uri url, TokenCredentials token, KeyValuePair<string, string>[] fields)
    {
        var key = token == own ? "https://evil.example/" : target.Home.Node.BaseUri.AbsoluteUri;
        await PostAsync(url, Sign(key, url, fields, token));
    }

    private async Task<TokenCredentials> DanceAsync(SimulatedPerson listener, string consumerKey, string listenee, string nickname)
    {
        var site = listener.Node.BaseUri;
        var callback = consumerKey + "callback";
        var request = await TokenAsync(consumerKey, new Uri(site, "omb/request_token"), null,
            [new("omb_listener", listener.Profile.Uri.Value), new("oauth_callback", callback)]);
        await listener.Browser.GetAsync(new Uri(site, "omb/authorize?" + Form(
            [
                new("oauth_token", request.Token), new("omb_version", Version), new("omb_listener", listener.Profile.Uri.Value),
                new("omb_listenee", listenee), new("omb_listenee_profile", listenee), new("omb_listenee_nickname", nickname),
                new("omb_listenee_license", "https://creativecommons.org/licenses/by/4.0/"),
            ])));
        await listener.Browser.DecideAsync(isAllowed: true);
        var verifier = System.Web.HttpUtility.ParseQueryString(listener.Browser.Location!.Query)["oauth_verifier"]!;
        return await TokenAsync(consumerKey, new Uri(site, "omb/access_token"), request, [new("oauth_verifier", verifier)]);
    }

    private async Task<TokenCredentials> TokenAsync(string consumerKey, Uri url, TokenCredentials? token, KeyValuePair<string, string>[] fields)
    {
        var answer = await PostAsync(url, Sign(consumerKey, url, fields, token));
        Assert.True(TokenResponse.TryParse(200, Encoding.ASCII.GetBytes(answer), out var response), answer);
        return response.Credentials;
    }

    // By the victim's own clock, so that nothing is refused for its stamp alone.
    private string Sign(string consumerKey, Uri url, KeyValuePair<string, string>[] fields, TokenCredentials? token) =>
        new OAuthSigner(consumerKey).Sign(
            "POST", url, [new("omb_version", Version), .. fields], token,
            RequestStamp.Fresh(world.Network.Now + victim.Home.Node.ClockSkew)).Form;

    private async Task<string> PostAsync(Uri url, string form)
    {
        using var content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded");
        using var response = await peer.Client.PostAsync(url, content);
        return await response.Content.ReadAsStringAsync();
    }

    private static string Form(KeyValuePair<string, string>[] fields) =>
        string.Join('&', fields.Select(field => $"{field.Key}={Uri.EscapeDataString(field.Value)}"));
}
