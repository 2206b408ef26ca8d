using System.Net;
using System.Text.RegularExpressions;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>Posting notices to the service (7).</summary>
internal static partial class PushChecks
{
    private const string Content = "  a+b %26 c&d=e; \u00fc \u3042 \U0001F600 e\u0301";

    public static IReadOnlyList<Check<ProviderTarget>> All { get; } =
    [
        new("OMB-50", "Take postNotice by POST only; answer 405 to everything else.", async (target, ct) =>
            (await target.SendAsync(target.Notice() with { Method = "GET" }, ct).ConfigureAwait(false)).Status(405)),
        new("OMB-51", "Demand a signature with an access token at postNotice and updateProfile.", async (target, ct) =>
        {
            var grant = target.Grant.Value;
            foreach (var call in new[] { target.Notice(), target.Update(grant, new KeyValuePair<string, string>("omb_listenee_bio", "x")) })
            {
                (await target.SendAsync(call with { BeforeSigning = oauth => oauth.Clear(), AfterSigning = oauth => oauth.Clear() }, ct).ConfigureAwait(false)).Status(400, 401);
                (await target.SendAsync(call with { Token = null }, ct).ConfigureAwait(false)).Status(400, 401);
            }
        }),
        new("OMB-52", "Refuse with 400 when omb_version, omb_listenee, omb_notice or omb_notice_content is missing, empty or repeated.", async (target, ct) =>
        {
            foreach (var name in new[] { "omb_version", "omb_listenee", "omb_notice", "omb_notice_content" })
            {
                (await target.SendAsync(target.Notice().Without(name), ct).ConfigureAwait(false)).Status(400);
                (await target.SendAsync(target.Notice().With(name, ""), ct).ConfigureAwait(false)).Status(400);
                (await target.SendAsync(target.Notice().Twice(name), ct).ConfigureAwait(false)).Status(400);
            }
        }),
        new("OMB-53", "Say omb_version=" + WireText.Version + " in the body of a success.", async (target, ct) =>
        {
            var reply = await target.SendAsync(target.Notice(), ct).ConfigureAwait(false);
            Expect.That(WebUtility.UrlDecode(reply.Text).Contains(WireText.Version, StringComparison.Ordinal), "the version in the body", reply.Exchange);
        }),
        new("OMB-53", "Answer with status 200 and write the version literally, not percent-encoded: widespread senders search for exactly that text.", async (target, ct) =>
        {
            var reply = await target.SendAsync(target.Notice(), ct).ConfigureAwait(false);
            reply.Status(200);
            var isSaid = WebUtility.UrlDecode(reply.Text).Contains(WireText.Version, StringComparison.Ordinal);
            Expect.That(!isSaid || reply.Text.Contains("omb_version=" + WireText.Version, StringComparison.Ordinal), "the literal text omb_version=" + WireText.Version, reply.Exchange);
        }) { Part = "200, literally", Level = ClauseLevel.Must },
        new("OMB-54", "Take notices of more than 140 characters.", async (target, ct) =>
            (await target.SendAsync(target.Notice(target.Grant.Value, string.Concat(Enumerable.Repeat("0123456789", 30))), ct).ConfigureAwait(false)).Status(200)),
        new("OMB-55", "Answer 200 to a notice URI that you have already from this grant, and keep the first; senders repeat what they got no answer to.", async (target, ct) =>
        {
            var marker = "twice" + Chance.Text(10);
            var call = target.Notice(target.Grant.Value, marker);
            (await target.SendAsync(call, ct).ConfigureAwait(false)).Status(200);
            foreach (var reply in await Task.WhenAll(target.SendAsync(call, ct), target.SendAsync(call, ct)).ConfigureAwait(false))
                reply.Status(200);
            if (target.Options.Timeline is not null)
                await SeenAsync(target, marker, 1, ct).ConfigureAwait(false);
        }),
        new("OMB-56", "Keep the same notice URI apart when another listenee's grant brings it: answer 200, and neither drop nor replace one of the two.", async (target, ct) =>
        {
            var (mine, theirs) = ("mine" + Chance.Text(10), "theirs" + Chance.Text(10));
            var first = target.Notice(target.Grant.Value, mine);
            (await target.SendAsync(first, ct).ConfigureAwait(false)).Status(200);
            (await target.SendAsync(target.Notice(target.OldGrant.Value, theirs, first.Fields.Value("omb_notice")), ct).ConfigureAwait(false)).Status(200);
            if (target.Options.Timeline is null)
                return;
            await SeenAsync(target, mine, 1, ct).ConfigureAwait(false);
            await SeenAsync(target, theirs, 1, ct).ConfigureAwait(false);
        }),
        new("OMB-58", "Answer 401 to an unknown token, a wrong signature, a used nonce and a refused timestamp. 403 would end the subscription at the sender.", async (target, ct) =>
        {
            var call = target.Notice();
            (await target.SendAsync(call with { Token = new Token("unknown" + Chance.Text(10), "x") }, ct).ConfigureAwait(false)).Status(401);
            (await target.SendAsync(call.WronglySigned(), ct).ConfigureAwait(false)).Status(401);
            (await target.SendAsync(call.Stamped("oauth_timestamp", SignedCall.Seconds(target.Options.Clock.GetUtcNow().AddHours(-6))), ct).ConfigureAwait(false)).Status(401);
            var once = call.Stamped("oauth_nonce", Chance.Text(20));
            // The same second, so that the nonce is the same in every respect.
            once = once with { BeforeSigning = once.BeforeSigning + Second(target) };
            (await target.SendAsync(once, ct).ConfigureAwait(false)).Status(200);
            (await target.SendAsync(once, ct).ConfigureAwait(false)).Status(401);
        }) { Part = "failures of OAuth" },
        new("OAUTH-62", "Answer 403 to nothing but a revoked token.", async (target, ct) =>
        {
            foreach (var call in new[] { target.Notice().Stamped("oauth_signature_method", "HMAC-MD5"), target.Notice().Unstamped("oauth_nonce"), target.Notice().Stamped("oauth_version", "2.0") })
            {
                var reply = await target.SendAsync(call, ct).ConfigureAwait(false);
                Expect.That(reply.Status is 400 or 401, $"400 or 401, never 403, and it was {reply}", reply.Exchange);
            }
        }),
        new("OMB-59", "Take a token only from the consumer it was issued to (else 401), and only for its listenee (else 400).", async (target, ct) =>
        {
            (await target.SendAsync(target.Notice() with { Key = "https://thief.example/" }, ct).ConfigureAwait(false)).Status(401);
            (await target.SendAsync(target.Notice().With("omb_listenee", target.Site.Root + "people/somebodyelse"), ct).ConfigureAwait(false)).Status(400);
        }),
        new("OMB-41", "Refuse with 400 a notice whose URI lies under your own address.", async (target, ct) =>
            (await target.SendAsync(target.Notice().With("omb_notice", new Uri(target.Options.Profile, "/notice/kit" + Chance.Text(6)).AbsoluteUri), ct).ConfigureAwait(false)).Status(400)) { Part = "notices" },
        new("OMB-61", "Refuse with 400 an omb_seealso_disposition other than link and inline.", async (target, ct) =>
        {
            var call = target.Notice().With("omb_seealso", target.Site.Root + "more");
            (await target.SendAsync(call with { Fields = [.. call.Fields, new("omb_seealso_disposition", "sideways")] }, ct).ConfigureAwait(false)).Status(400);
        }),
        new("OMB-60", "Show the notice to the listener whose token brought it.", async (target, ct) =>
        {
            var marker = "reach" + Chance.Text(10);
            (await target.SendAsync(target.Notice(target.Grant.Value, marker), ct).ConfigureAwait(false)).Status(200);
            await SeenAsync(target, marker, 1, ct).ConfigureAwait(false);
        }),
        new("OMB-63", "Keep the content exactly: decode the form once, as UTF-8, and change nothing.", async (target, ct) =>
        {
            var marker = Chance.Text(10);
            (await target.SendAsync(target.Notice(target.Grant.Value, marker + Content), ct).ConfigureAwait(false)).Status(200);
            await SeenAsync(target, marker + Content, 1, ct).ConfigureAwait(false);
        }),
    ];

    private static Action<List<KeyValuePair<string, string>>> Second(ProviderTarget target)
    {
        var now = SignedCall.Seconds(target.Options.Clock.GetUtcNow());
        return oauth =>
        {
            oauth.RemoveAll(f => f.Key == "oauth_timestamp");
            oauth.Add(new("oauth_timestamp", now));
        };
    }

    // A service may show it a moment later.
    private static async Task SeenAsync(ProviderTarget target, string text, int times, CancellationToken cancellationToken)
    {
        var started = target.Options.Clock.GetTimestamp();
        while (true)
        {
            var page = await target.LookAsync(target.Options.Timeline, "--timeline", cancellationToken).ConfigureAwait(false);
            var seen = Count(WebUtility.HtmlDecode(Tags().Replace(page.Text, "")), text);
            if (seen == times)
                return;
            Expect.That(
                seen < times && target.Options.Clock.GetElapsedTime(started) < target.Options.Quiet,
                $"the text '{text}' {times} time(s) on the timeline, and it is there {seen} times", page.Exchange);
            await Task.Delay(TimeSpan.FromMilliseconds(50), target.Options.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int Count(string page, string text)
    {
        var count = 0;
        for (var at = page.IndexOf(text, StringComparison.Ordinal); at >= 0; at = page.IndexOf(text, at + 1, StringComparison.Ordinal))
            count++;
        return count;
    }

    [GeneratedRegex("<[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex Tags();
}
