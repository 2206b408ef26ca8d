using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>Request tokens, and how signed requests are read and verified (sections 4 of OMB and 3 to 7 of OAuth).</summary>
internal static class RequestTokenChecks
{
    public static IReadOnlyList<Check<ProviderTarget>> All { get; } =
    [
        new("OMB-22", "Answer a well-formed request with 200 and the form oauth_token, oauth_token_secret, omb_version.", async (target, ct) =>
        {
            var reply = await target.SendAsync(target.RequestTokenCall(target.Site.NewCallback().Address), ct).ConfigureAwait(false);
            reply.Status(200);
            var token = new Token(reply.Form("oauth_token"), reply.Form("oauth_token_secret"));
            if (token is { Value.Length: > 0, Secret.Length: > 0 })
                target.RequestToken.Value = token;
            Expect.That(target.RequestToken.IsKnown && reply.Form("omb_version") == WireText.Version, "oauth_token, oauth_token_secret and omb_version", reply.Exchange);
        }),
        new("OMB-20", "Refuse with 400 when omb_version is missing or is not exactly " + WireText.Version + ".", async (target, ct) =>
        {
            var call = Call(target);
            (await target.SendAsync(call.Without("omb_version"), ct).ConfigureAwait(false)).Status(400);
            (await target.SendAsync(call.With("omb_version", "http://openmicroblogging.org/protocol/0.2"), ct).ConfigureAwait(false)).Status(400);
        }),
        new("OMB-21", "Refuse with 400 when omb_listener is missing or names nobody here.", async (target, ct) =>
        {
            var call = Call(target);
            (await target.SendAsync(call.Without("omb_listener"), ct).ConfigureAwait(false)).Status(400);
            (await target.SendAsync(call.With("omb_listener", target.Listener.Value + "/nobody" + Chance.Text(8)), ct).ConfigureAwait(false)).Status(400);
        }),
        new("OMB-23", "Take the token endpoints by GET as well; some consumers ask so.", async (target, ct) =>
            (await target.SendAsync(Call(target) with { Method = "GET" }, ct).ConfigureAwait(false)).Status(200)),
        new("OAUTH-1", "Decode percent-encoding to bytes and encode anew for the base string: A-Z a-z 0-9 - . _ ~ stay, all else is % and upper-case hex.", (target, ct) =>
            AcceptedAsync(target, Call(target).With("x", "-._~ !*'()+%&=/é\u3001\U0001F600"), ct)),
        new("OAUTH-3", "Sign the parameters of query, header and body alike, without realm and oauth_signature.", (target, ct) =>
            AcceptedAsync(target, Call(target) with { Place = Place.Header, Writing = header => header.Replace("OAuth ", "OAuth realm=\"http://x/\", ", StringComparison.Ordinal) }, ct)),
        new("OAUTH-4", "Keep parameters that occur more than once, and sort by encoded name, then encoded value, byte by byte.", (target, ct) =>
        {
            var call = Call(target);
            return AcceptedAsync(target, call with { Fields = [.. call.Fields, new("x", "b"), new("x", "a"), new("x-y", "1"), new("X", "2"), new("x", "%")] }, ct);
        }),
        new("OAUTH-5", "Read '+' in a form as a space.", (target, ct) =>
            AcceptedAsync(target, Call(target).With("x", "a b") with { Writing = form => form.Replace("a%20b", "a+b", StringComparison.Ordinal) }, ct)),
        new("OAUTH-13", "Take OAuth parameters from the Authorization header, the form body, or the query.", async (target, ct) =>
        {
            foreach (var place in Enum.GetValues<Place>())
                await AcceptedAsync(target, Call(target) with { Place = place }, ct).ConfigureAwait(false);
        }),
        new("OAUTH-14", "Match the scheme 'OAuth' without regard to case, allow white space around commas, percent-decode names and values.", (target, ct) =>
            AcceptedAsync(target, Call(target) with
            {
                Place = Place.Header,
                Writing = header => header.Replace("OAuth ", "oAuTh   ", StringComparison.Ordinal).Replace(", ", " ,  ", StringComparison.Ordinal).Replace("oauth_nonce", "oauth%5Fnonce", StringComparison.Ordinal),
            }, ct)),
        new("OAUTH-15", "Refuse with 400 a request in which an OAuth parameter occurs twice.", async (target, ct) =>
            (await target.SendAsync(Call(target) with { BeforeSigning = oauth => oauth.Add(new("oauth_version", "1.0")) }, ct).ConfigureAwait(false)).Status(400)),
        new("OAUTH-16", "Refuse with 400 a missing required parameter, an unknown signature method and an oauth_version other than 1.0; take a request without oauth_version.", async (target, ct) =>
        {
            var call = Call(target);
            foreach (var name in new[] { "oauth_consumer_key", "oauth_signature_method", "oauth_timestamp", "oauth_nonce" })
                (await target.SendAsync(call.Unstamped(name), ct).ConfigureAwait(false)).Status(400);
            (await target.SendAsync(call.Stamped("oauth_signature_method", "HMAC-MD5"), ct).ConfigureAwait(false)).Status(400);
            (await target.SendAsync(call.Stamped("oauth_version", "2.0"), ct).ConfigureAwait(false)).Status(400);
            await AcceptedAsync(target, call.Unstamped("oauth_version"), ct).ConfigureAwait(false);
        }),
        new("OAUTH-17", "Answer 401 when the signature does not match.", async (target, ct) =>
            (await target.SendAsync(Call(target).WronglySigned(), ct).ConfigureAwait(false)).Status(401)),
        new("OAUTH-18", "Verify HMAC-SHA256 as HMAC-SHA1, with SHA-256.", (target, ct) => AcceptedAsync(target, Call(target) with { IsSha256 = true }, ct)),
        new("OAUTH-20", "Take timestamps within five minutes of your clock, in any order; answer 401 to those hours away.", async (target, ct) =>
        {
            foreach (var seconds in new[] { -240, 240, -120 })
                await AcceptedAsync(target, Call(target).Stamped("oauth_timestamp", At(target, TimeSpan.FromSeconds(seconds))), ct).ConfigureAwait(false);
            foreach (var hours in new[] { -6, 6 })
                (await target.SendAsync(Call(target).Stamped("oauth_timestamp", At(target, TimeSpan.FromHours(hours))), ct).ConfigureAwait(false)).Status(401);
        }),
        new("OAUTH-21", "Remember key, token, timestamp and nonce of each request and answer 401 when they come again, also when both come at once.", async (target, ct) =>
        {
            var call = Call(target) with { BeforeSigning = Stamp(At(target, TimeSpan.Zero), Chance.Text(20)) };
            var replies = await Task.WhenAll(target.SendAsync(call, ct), target.SendAsync(call, ct)).ConfigureAwait(false);
            Expect.That(replies.Order(ByStatus).Select(r => r.Status).SequenceEqual([200, 401]), $"one 200 and one 401, and they were {replies[0]} and {replies[1]}", replies.Select(r => r.Exchange));
        }),
        new("OAUTH-22", "Let a nonce count only together with timestamp, token and key.", async (target, ct) =>
        {
            // Both read from the clock at once, so that they differ.
            var (nonce, timestamps) = (Chance.Text(20), new[] { At(target, TimeSpan.Zero), At(target, TimeSpan.FromSeconds(-10)) });
            foreach (var timestamp in timestamps)
                await AcceptedAsync(target, Call(target) with { BeforeSigning = Stamp(timestamp, nonce) }, ct).ConfigureAwait(false);
        }),
        new("OAUTH-23", "Verify the signature before you remember the nonce.", async (target, ct) =>
        {
            var call = Call(target) with { BeforeSigning = Stamp(At(target, TimeSpan.Zero), Chance.Text(20)) };
            await target.SendAsync(call.WronglySigned(), ct).ConfigureAwait(false);
            await AcceptedAsync(target, call, ct).ConfigureAwait(false);
        }),
        new("OAUTH-26", "Answer 400 to a timestamp that is no positive decimal number.", async (target, ct) =>
        {
            foreach (var timestamp in new[] { "", "-1", "soon", "99999999999999999999999" })
                (await target.SendAsync(Call(target).Stamped("oauth_timestamp", timestamp), ct).ConfigureAwait(false)).Status(400);
        }),
        new("OAUTH-30", "Send tokens as application/x-www-form-urlencoded, and never over a request that failed verification.", async (target, ct) =>
        {
            var good = await target.SendAsync(Call(target), ct).ConfigureAwait(false);
            Expect.That(good.MediaType == "application/x-www-form-urlencoded", $"the media type of a form, and it was '{good.MediaType}'", good.Exchange);
            var bad = await target.SendAsync(Call(target).WronglySigned(), ct).ConfigureAwait(false);
            Expect.That(bad.Form("oauth_token_secret").Length == 0, "no token for a request whose signature is wrong", bad.Exchange);
        }),
        new("OAUTH-31", "Take any consumer key with the empty secret, also one that is no URL. There is no registration in this network.", (target, ct) =>
            AcceptedAsync(target, Call(target) with { Key = "kit-" + Chance.Text(8) }, ct)),
        new("OAUTH-32", "Send oauth_callback_confirmed=true when, and only when, the request carried oauth_callback.", async (target, ct) =>
        {
            var with = await target.SendAsync(target.RequestTokenCall(target.Site.NewCallback().Address), ct).ConfigureAwait(false);
            Expect.That(with.Form("oauth_callback_confirmed") == "true", "oauth_callback_confirmed=true", with.Exchange);
            var without = await target.SendAsync(target.RequestTokenCall(), ct).ConfigureAwait(false);
            Expect.That(without.Status == 200 && without.Form("oauth_callback_confirmed").Length == 0, "a token without oauth_callback_confirmed", without.Exchange);
        }),
        new("OAUTH-60", "Send WWW-Authenticate: OAuth realm=\"…\" with every 401.", async (target, ct) =>
        {
            var reply = await target.SendAsync(Call(target).Stamped("oauth_timestamp", At(target, TimeSpan.FromHours(-9))), ct).ConfigureAwait(false);
            if (reply.Status != 401)
                throw new BlockedException("OAUTH-20");
            Expect.That(reply.Header("WWW-Authenticate").StartsWith("OAuth", StringComparison.OrdinalIgnoreCase), "the header WWW-Authenticate with the scheme OAuth", reply.Exchange);
        }),
    ];

    private static IComparer<WireReply> ByStatus { get; } = Comparer<WireReply>.Create((a, b) => a.Status.CompareTo(b.Status));

    // A request that would be answered by a token. Where none is to be had, the clause about that says so.
    private static SignedCall Call(ProviderTarget target)
    {
        target.RequestToken.Require();
        return target.RequestTokenCall(target.Site.NewCallback().Address);
    }

    private static async Task AcceptedAsync(ProviderTarget target, SignedCall call, CancellationToken cancellationToken) =>
        (await target.SendAsync(call, cancellationToken).ConfigureAwait(false)).Status(200);

    private static string At(ProviderTarget target, TimeSpan offset) => SignedCall.Seconds(target.Options.Clock.GetUtcNow() + offset);

    private static Action<List<KeyValuePair<string, string>>> Stamp(string timestamp, string nonce) => oauth =>
    {
        oauth.RemoveAll(f => f.Key is "oauth_timestamp" or "oauth_nonce");
        oauth.Add(new("oauth_timestamp", timestamp));
        oauth.Add(new("oauth_nonce", nonce));
    };
}
