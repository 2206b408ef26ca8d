using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Consumer;

/// <summary>How the service posts notices and updates, and what it makes of the answers (7 to 9).</summary>
internal static class PushingChecks
{
    private static readonly string[] NonceFields = ["oauth_consumer_key", "oauth_token", "oauth_timestamp", "oauth_nonce"];

    public static IReadOnlyList<Check<ConsumerTarget>> All { get; } =
    [
        new("OMB-130", "Post each notice with omb_version, omb_listenee, omb_notice and omb_notice_content, signed with the token of that subscription.", async (target, ct) =>
        {
            var control = target.Control.Value;
            string text;
            try
            {
                text = await target.FirstNoticeAsync(ct).ConfigureAwait(false);
            }
            catch (BlockedException e) when (e.Clause == "OMB-130")
            {
                throw new CheckFailedException(
                    $"the notice within {target.Options.Patience.TotalSeconds:0} seconds after the person's step to publish it, which is below if the kit made it: did it publish?",
                    [.. control.Of("notice").Select(r => r.Exchange).Take(2), .. target.Publishing.Take(2)]);
            }

            var notice = control.Notices(text)[0];
            Expect.That(notice.Method == "POST" && notice.Form.Value("omb_version") == WireText.Version, "a POST with omb_version", notice.Exchange);
            Expect.That(
                Uri.TryCreate(notice.Form.Value("omb_notice"), UriKind.Absolute, out Uri? _)
                && notice.Form.Value("omb_listenee") == DanceChecks.Single(control, "authorize").QueryFields.Value("omb_listenee"),
                "omb_notice, an absolute URI, and the same omb_listenee as at authorization", notice.Exchange);
            Expect.That(notice.Form.Value("oauth_token") == control.LastToken && control.IsRightlySigned(notice), "a signature with this listener's token", notice.Exchange);
        }),
        new("OMB-125", "Let a second subscription of the same listener replace the token.", async (target, ct) =>
        {
            var listener = target.For("OMB-125");
            var notices = await target.FirstNoticeAsync(listener, 1, ct).ConfigureAwait(false);
            Expect.That(
                notices.Count == 1 && notices[0].Form.Value("oauth_token") == listener.LastToken,
                "one post, with the second token", notices.Select(n => n.Exchange));
        })
        {
            Part = "the same host",
            Prepare = async (target, ct) =>
            {
                await target.SubscribeAsync(target.For("OMB-125"), ct).ConfigureAwait(false);
                await target.SubscribeAsync(target.For("OMB-125"), ct).ConfigureAwait(false);
            },
        },
        new("OMB-131", "Post once to each postNotice address, however many listeners share it.", async (target, ct) =>
        {
            var notices = await target.FirstNoticeAsync(target.For("OMB-131"), 1, ct).ConfigureAwait(false);
            Expect.That(notices.Count == 1, $"one post to the shared address, and there were {notices.Count}", notices.Select(n => n.Exchange));
        })
        {
            Prepare = async (target, ct) =>
            {
                target.For("OMB-131 b").NoticeEndpoint = target.For("OMB-131").Endpoint("notice");
                await target.SubscribeAsync(target.For("OMB-131"), ct).ConfigureAwait(false);
                await target.SubscribeAsync(target.For("OMB-131 b"), ct).ConfigureAwait(false);
            },
        },
        Answered("OMB-132", "End a subscription whose token is answered 403, after one more try with the time of the answer's Date; post no later notice with it.", _ => new WireAnswer(403, "token_revoked"), async (target, listener, ct) =>
        {
            var first = await target.FirstNoticeAsync(listener, 1, ct).ConfigureAwait(false);
            Expect.That(first.Count is 1 or 2, $"one post, and at most one more, and there were {first.Count}", first.Select(n => n.Exchange));
            var later = listener.Notices(await target.SecondNoticeAsync(ct).ConfigureAwait(false));
            Expect.That(later.Count == 0, "no post of a later notice", later.Select(n => n.Exchange));
        }),
        Answered("OMB-133", "Keep a subscription whose push was answered 400.", nth => nth == 1 ? new WireAnswer(400, "I do not like it.") : null, GoesOnAsync) with { Part = "after 400" },
        Answered("OMB-133", "Keep a subscription whose push was answered 401.", nth => nth <= 2 ? new WireAnswer(401, "oauth_problem=signature_invalid") : null, GoesOnAsync) with { Part = "after 401" },
        Answered("OMB-133", "Send a notice that was answered 500 again after a while, under the same notice URI.", nth => nth == 1 ? new WireAnswer(500, "Out of order.") : null, async (target, listener, ct) =>
        {
            var text = await target.FirstNoticeAsync(ct).ConfigureAwait(false);
            if (!await target.UntilAsync(() => listener.Notices(text).Count > 1, target.Options.Patience, ct).ConfigureAwait(false))
                throw new NotObservableException($"the notice was not sent again within {target.Options.Patience.TotalSeconds:0} seconds; it may come later (--patience)");
            var posts = listener.Notices(text);
            Expect.That(posts.Select(p => p.Form.Value("omb_notice")).Distinct(StringComparer.Ordinal).Count() == 1, "the same omb_notice each time", posts.Select(p => p.Exchange));
        }, isTrouble: true) with { Part = "after 500" },
        Answered("OMB-134", "Do not let others wait for a peer that does not answer.", _ => WireAnswer.Silence, async (target, listener, ct) =>
        {
            // That the others have it while this one hangs is what both notices wait for.
            await target.SecondNoticeAsync(ct).ConfigureAwait(false);
            await target.FirstNoticeAsync(listener, 1, ct).ConfigureAwait(false);
            Expect.That(listener.Of("notice").Count > 0, "a post to the silent listener as well", listener.Exchanges);
        }, isTrouble: true),
        Answered("OMB-135", "Take 200 for a success when the version is anywhere in the body; do not send the notice again.", _ => new WireAnswer(200, "Thank you.\n" + WireText.Version + "\n"), async (target, listener, ct) =>
        {
            var notices = await target.FirstNoticeAsync(listener, 1, ct).ConfigureAwait(false);
            Expect.That(notices.Count == 1, $"one post, and there were {notices.Count}", notices.Select(n => n.Exchange));
        }),
        Answered("OMB-136", "Do not follow redirects of signed posts: the signature covers the address.", _ => WireAnswer.Redirect("elsewhere", 307), async (target, listener, ct) =>
        {
            await target.FirstNoticeAsync(listener, 1, ct).ConfigureAwait(false);
            Expect.That(listener.Of("notice").Count > 0 && listener.Of("elsewhere").Count == 0, "no request to where the redirect leads", listener.Of("notice").Concat(listener.Of("elsewhere")).Select(r => r.Exchange));
        }),
        Answered("OAUTH-55", "After a 401 with nonce_used or timestamp_refused, try once more with a fresh nonce and timestamp.", nth => nth == 1 ? new WireAnswer(401, "oauth_problem=nonce_used") : null, async (target, listener, ct) =>
        {
            var notices = await target.FirstNoticeAsync(listener, 2, ct).ConfigureAwait(false);
            Expect.That(notices.Count == 2, $"the same notice once more, and there were {notices.Count} posts", notices.Select(n => n.Exchange));
        }),
        new("OMB-140", "Push changes of the profile.", async (target, ct) =>
        {
            var bio = "bio " + Chance.Text(10);
            var update = await target.ChangeBioAsync(bio, ct).ConfigureAwait(false);
            Expect.That(update is not null, $"an update within {target.Options.Patience.TotalSeconds:0} seconds");
            target.Update.Value = update!;
            Expect.That(
                update!.Form.Value("omb_listenee_bio") == bio && update.Form.Value("omb_version") == WireText.Version && target.Control.Value.IsRightlySigned(update),
                "omb_version and the new omb_listenee_bio, rightly signed", update.Exchange);
        }),
        new("OMB-141", "Send licence, nickname and profile with every update; some peers refuse an update without them.", (target, _) =>
        {
            var update = target.Update.Value;
            string[] needed = ["omb_listenee_license", "omb_listenee_nickname", "omb_listenee_profile"];
            var missing = needed.Where(name => update.Form.Value(name).Length == 0);
            Expect.That(!missing.Any(), $"all three; missing: {string.Join(", ", missing)}", update.Exchange);
            return Task.CompletedTask;
        }),
        new("OMB-140", "Send a blanked field as an empty value; a field that is not sent means that it stays.", async (target, ct) =>
        {
            target.Update.Require();
            var update = await target.ChangeBioAsync("", ct).ConfigureAwait(false);
            Expect.That(
                update is not null && update.Form.Any(f => f.Key == "omb_listenee_bio") && update.Form.Value("omb_listenee_bio").Length == 0,
                "omb_listenee_bio with an empty value", update is null ? [] : [update.Exchange]);
        }) { Part = "a blanked field", Level = ClauseLevel.Must },
        new("OAUTH-25", "Choose a new nonce for every request, retries included.", (target, _) =>
        {
            target.Control.Require();
            var repeated = Signed(target)
                .GroupBy(NonceOf, StringComparer.Ordinal)
                .FirstOrDefault(group => group.Count() > 1);
            Expect.That(repeated is null, "no nonce twice", repeated is null ? [] : repeated.Select(r => r.Exchange));
            return Task.CompletedTask;
        }),
        new("OAUTH-50", "Send OAuth and OMB parameters in the form body, each once, and nothing of them in the query.", (target, _) =>
        {
            target.Control.Require();
            foreach (var request in Signed(target))
            {
                var names = request.Form.Select(f => f.Key).ToList();
                Expect.That(
                    names.Contains("oauth_signature") && names.Distinct(StringComparer.Ordinal).Count() == names.Count
                    && !request.QueryFields.Any(f => f.Key.StartsWith("oauth_", StringComparison.Ordinal) || f.Key.StartsWith("omb_", StringComparison.Ordinal)),
                    "every parameter once, in the body", request.Exchange);
            }

            return Task.CompletedTask;
        }),
    ];

    private static string NonceOf(WireRequest request) => string.Join(' ', NonceFields.Select(request.Form.Value));

    private static IEnumerable<WireRequest> Signed(ConsumerTarget target) => target.Site.Listeners.SelectMany(l => l.Signed);

    /// <summary>A listener who subscribed and answers notices in a way of its own.</summary>
    private static Check<ConsumerTarget> Answered(
        string clause, string remedy, Func<int, WireAnswer?> answer, Func<ConsumerTarget, Listener, CancellationToken, Task> judge, bool isTrouble = false)
    {
        var name = clause + remedy;
        Listener Listener(ConsumerTarget target) => isTrouble ? target.Aside(name) : target.For(name);
        return new(clause, remedy, (ConsumerTarget target, CancellationToken ct) => judge(target, Listener(target), ct))
        {
            Prepare = (target, ct) =>
            {
                Listener(target).Instead = (kind, nth) => kind == "notice" ? answer(nth) : null;
                return target.SubscribeAsync(Listener(target), ct);
            },
        };
    }

    private static async Task GoesOnAsync(ConsumerTarget target, Listener listener, CancellationToken cancellationToken)
    {
        var text = await target.SecondNoticeAsync(cancellationToken).ConfigureAwait(false);
        await target.UntilAsync(() => listener.Notices(text).Count > 0, target.Options.Patience, cancellationToken).ConfigureAwait(false);
        Expect.That(listener.Notices(text).Count > 0, "the next notice as well", listener.Of("notice").Select(n => n.Exchange));
    }
}
