using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microblog.Federation.Tests.Consumer;
using Microblog.Federation.Tests.Provider;

namespace Microblog.Conformance.Tests.Foreign;

/// <summary>The listenee's service: discovers listeners, dances with their services, and pushes what dora writes.</summary>
internal sealed class ForeignConsumer(string origin, Fault fault) : IAsyncDisposable
{
    private const string Version = ForeignAnswer.Version;
    private const string Core = "http://oauth.net/core/1.0/endpoint/";
    private static readonly string[] Types = [Core + "request", Core + "authorize", Core + "access", Version + "/postNotice", Version + "/updateProfile"];
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(3), MaxResponseContentBufferSize = 1024 * 1024 };
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<string, Pending> pending = new();
    private readonly ConcurrentDictionary<string, Subscription> subscriptions = new();
    private readonly ConcurrentBag<Task> work = [];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(work);
        client.Dispose();
        stop.Dispose();
    }

    public ForeignAnswer Follow(string profile)
    {
        try
        {
            return Begin(profile);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or NotSupportedException)
        {
            return new ForeignAnswer(400, "That address cannot be read.");
        }
    }

    private ForeignAnswer Begin(string profile)
    {
        var found = DiscoverAsync(profile).GetAwaiter().GetResult();
        if (found is null || (found.LocalId != profile && found.LocalId.StartsWith("http", StringComparison.Ordinal) && !IsSame(found, DiscoverAsync(found.LocalId).GetAwaiter().GetResult())))
            return new ForeignAnswer(400, "There is nobody to be found at that address.");
        var (session, state) = (New(), New());
        var callback = $"{origin}/callback?state={state}";
        List<Field> fields = [Field.Of("omb_version", Version), .. fault == Fault.NoListenerSent ? [] : new[] { Field.Of("omb_listener", found.LocalId) }, Field.Of("oauth_callback", callback)];
        var (status, body) = PostAsync(found[Core + "request"], fields, "", "", New(), Now()).GetAwaiter().GetResult();
        if (status != 200 || Value(body, "oauth_token").Length == 0 || Value(body, "oauth_token_secret").Length == 0)
            return new ForeignAnswer(400, "The other service gives no token.");
        var isConfirmed = Value(body, "oauth_callback_confirmed") == "true";
        var dance = new Pending(found, Value(body, "oauth_token"), Value(body, "oauth_token_secret"), session, isConfirmed);
        pending[dance.Token] = dance;
        List<Field> query =
        [
            Field.Of("oauth_token", dance.Token), Field.Of("omb_version", Version), Field.Of("omb_listener", found.LocalId), .. Listenee(""),
            .. isConfirmed ? [] : new[] { Field.Of("oauth_callback", callback) },
        ];
        var address = found[Core + "authorize"];
        return new ForeignAnswer(303, "", "text/plain", $"Location: {address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Field.Form(query)}", $"Set-Cookie: visit={session}; Path=/");
    }

    public ForeignAnswer Callback(ForeignRequest request)
    {
        string Returned(string name) => request.QueryFields.FirstOrDefault(f => f.Key == name).Value ?? "";
        if (!pending.TryGetValue(Returned("oauth_token"), out var dance))
            return new ForeignAnswer(400, "You refused, or this is over.");
        var isTwice = fault == Fault.CallbackTwice && dance.IsDone;
        if (!isTwice && (dance.IsDone || !request.Headers.GetValueOrDefault("Cookie", "").Contains("visit=" + dance.Session, StringComparison.Ordinal)))
            return new ForeignAnswer(400, "Another browser began this.");
        if ((Returned("omb_version") != Version && fault != Fault.CallbackVersionIgnored) || Returned("omb_listener_nickname").Length == 0 || Returned("omb_listener_profile").Length == 0
            || (dance.IsConfirmed && Returned("oauth_verifier").Length == 0))
            return new ForeignAnswer(400, "The other service's answer does not work.");
        dance.IsDone = true;
        var (status, body) = PostAsync(dance.Found[Core + "access"], [Field.Of("oauth_verifier", Returned("oauth_verifier"))], dance.Token, dance.Secret, New(), Now()).GetAwaiter().GetResult();
        if (status != 200 || Value(body, "oauth_token").Length == 0 || (Value(body, "oauth_token_secret").Length == 0 && fault != Fault.SecretNotNeeded))
            return new ForeignAnswer(400, "The other service gives no token.");
        subscriptions[dance.Found.LocalId] = new Subscription(dance.Found, Value(body, "oauth_token"), Value(body, "oauth_token_secret"));
        return ForeignAnswer.Html("<html><body>You will hear dora.</body></html>");
    }

    public ForeignAnswer Publish(string text)
    {
        var uri = $"{origin}/notice/{New()}";
        Field[] Fields(string notice) => [Field.Of("omb_version", Version), Field.Of("omb_listenee", origin + "/dora"), Field.Of("omb_notice", notice), Field.Of("omb_notice_content", text)];
        foreach (var group in Groups(Version + "/postNotice"))
            work.Add(Task.Run(() => PushAsync(group, Version + "/postNotice", tries => Fields(fault == Fault.NewUriOnRetry && tries > 0 ? uri + tries : uri))));
        return ForeignAnswer.Html("<html><body>Written.</body></html>");
    }

    public ForeignAnswer ChangeBio(string bio)
    {
        IEnumerable<Field> about = bio.Length == 0 && fault == Fault.BlankNotSent ? [] : [Field.Of("omb_listenee_bio", bio)];
        Field[] fields = [Field.Of("omb_version", Version), .. Listenee(""), .. about];
        foreach (var group in Groups(Version + "/updateProfile"))
            work.Add(Task.Run(() => PushAsync(group, Version + "/updateProfile", _ => fields)));
        return ForeignAnswer.Html("<html><body>Changed.</body></html>");
    }

    private IEnumerable<List<Subscription>> Groups(string type) => fault == Fault.PostsToEachListener
        ? subscriptions.Values.Select(s => new List<Subscription> { s })
        : subscriptions.Values.GroupBy(s => s.Found[type], StringComparer.Ordinal).Select(g => g.ToList());

    // One address, any token of its listeners; the table in section 9.
    private async Task PushAsync(List<Subscription> listeners, string type, Func<int, Field[]> fields)
    {
        var (address, nonce, time, tries) = (listeners[0].Found[type], New(), Now(), 0);
        try
        {
            for (var listener = listeners[0]; tries < 5; tries++)
            {
                var (status, _) = fault == Fault.NonceKeptOnRetry
                    ? await PostAsync(address, fields(tries), listener.Token, listener.Secret, nonce, time)
                    : await PostAsync(address, fields(tries), listener.Token, listener.Secret, New(), Now());
                if (status is 307 && fault == Fault.FollowsRedirects)
                    address = new Uri(new Uri(address), "elsewhere").AbsoluteUri;
                else if (status == 403 && tries >= 1 && fault != Fault.GoesOnAfter403)
                    subscriptions.TryRemove(listener.Found.LocalId, out var _);
                else if (status == 400 && fault == Fault.StopsAfter400)
                    subscriptions.TryRemove(listener.Found.LocalId, out var _);
                if (status is 200 or 400 || (status is 401 or 403 && tries >= 1))
                    return;
                if (status >= 500)
                    await Task.Delay(30, stop.Token);
                else if (status is not (401 or 403 or 307) || (status == 307 && fault != Fault.FollowsRedirects))
                    return;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
        {
            // Slow, gone, or the test is over; this service does not try again.
        }
    }

    private async Task<(int Status, string Body)> PostAsync(string address, IEnumerable<Field> fields, string token, string secret, string nonce, string time)
    {
        List<Field> all =
        [
            .. fields.Where(f => f.Wire.Length > 0 || f.Name.StartsWith("omb_", StringComparison.Ordinal)),
            Field.Of("oauth_consumer_key", origin + "/"),
            Field.Of("oauth_signature_method", "HMAC-SHA1"),
            Field.Of("oauth_timestamp", time),
            Field.Of("oauth_nonce", nonce),
            .. token.Length == 0 ? [] : new[] { Field.Of("oauth_token", token) },
        ];
        var parts = address.Split('?', 2);
        var query = parts.Length < 2 ? [] : parts[1].Split('&').Select(p => p.Split('=')).Select(p => Field.Of(p[0], Uri.UnescapeDataString(p[1])));
        all.Add(Field.Of("oauth_signature", HmacSigner.Sign("POST", parts[0], [.. all, .. query], "", secret)));
        using var content = new StringContent(Field.Form(all), null, "application/x-www-form-urlencoded");
        using var response = await client.PostAsync(new Uri(address), content, stop.Token);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(stop.Token));
    }

    private async Task<Found?> DiscoverAsync(string profile)
    {
        var address = profile;
        for (var hops = 0; hops < 5; hops++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Add("Accept", "application/xrds+xml");
            using var response = await client.SendAsync(request, stop.Token);
            var body = await response.Content.ReadAsStringAsync(stop.Token);
            if (response.Headers.Location is { } location)
                address = new Uri(new Uri(address), location).AbsoluteUri;
            else if (!response.IsSuccessStatusCode)
                return null;
            else if (response.Content.Headers.ContentType?.MediaType == "application/xrds+xml")
                return Read(body);
            else if (response.Headers.TryGetValues("X-XRDS-Location", out var values))
                address = values.First();
            else if (Regex.Match(body, "http-equiv='x-xrds-location' content='([^']*)'", RegexOptions.IgnoreCase) is { Success: true } meta)
                address = WebUtility.HtmlDecode(meta.Groups[1].Value);
            else
                return null;
        }

        return null;
    }

    // From the last XRD by its pointers, names and namespaces compared without their case.
    private Found? Read(string body)
    {
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = fault == Fault.EntitiesRead ? DtdProcessing.Parse : DtdProcessing.Prohibit };
            using var reader = XmlReader.Create(new StringReader(body.Trim()), settings);
            var xrds = XDocument.Load(reader).Root!.Elements().Where(e => e.Name.LocalName == "XRD").ToList();
            var entry = xrds[^1];
            XElement Pointed(string type) => xrds.Single(x => x.Attribute(XNamespace.Xml + "id")?.Value == Address(Service(entry, type)!)!.TrimStart('#'));
            var (oauth, omb) = (Pointed("http://oauth.net/discovery/1.0"), Pointed(Version));
            var addresses = Types.ToDictionary(type => type, type => Service(type.StartsWith(Core, StringComparison.Ordinal) ? oauth : omb, type) is { } service ? Address(service) : null);
            var id = Service(oauth, Core + "request")?.Elements().FirstOrDefault(e => e.Name.LocalName == "LocalID")?.Value.Trim();
            return id is null || addresses.Values.Any(a => a is null) ? null : new Found(id, addresses!);
        }
        catch (Exception e) when (e is XmlException or InvalidOperationException)
        {
            return null;
        }
    }

    private static XElement? Service(XElement xrd, string type) =>
        xrd.Elements().FirstOrDefault(s => s.Name.LocalName == "Service" && s.Elements().Any(t => t.Name.LocalName == "Type" && t.Value.Trim() == type));

    private string? Address(XElement service)
    {
        var all = service.Elements().Where(e => e.Name.LocalName == "URI");
        return (fault == Fault.PriorityIgnored ? all : all.OrderBy(e => (int?)e.Attribute("priority") ?? int.MaxValue)).FirstOrDefault()?.Value.Trim();
    }

    private List<Field> Listenee(string bio) =>
    [
        Field.Of("omb_listenee", origin + "/dora"), Field.Of("omb_listenee_profile", origin + "/dora"), Field.Of("omb_listenee_nickname", "dora"),
        Field.Of("omb_listenee_license", "https://creativecommons.org/licenses/by/4.0/"), .. bio.Length == 0 ? [] : new[] { Field.Of("omb_listenee_bio", bio) },
    ];

    private static bool IsSame(Found one, Found? other) => other is not null && one.LocalId == other.LocalId && Types.All(type => one[type] == other[type]);

    private static string Value(string body, string name) =>
        body.Trim().Split('&').Select(p => p.Split('=', 2)).Where(p => p[0] == name && p.Length == 2).Select(p => WebUtility.UrlDecode(p[1])).FirstOrDefault("");

    private static string New() => RandomNumberGenerator.GetHexString(20, lowercase: true);

    private static string Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private sealed record Found(string LocalId, Dictionary<string, string> Addresses)
    {
        public string this[string type] => Addresses[type];
    }

    private sealed record Subscription(Found Found, string Token, string Secret);

    private sealed class Pending(Found found, string token, string secret, string session, bool isConfirmed)
    {
        public Found Found => found;

        public string Token => token;

        public string Secret => secret;

        public string Session => session;

        public bool IsConfirmed => isConfirmed;

        public bool IsDone { get; set; }
    }
}
