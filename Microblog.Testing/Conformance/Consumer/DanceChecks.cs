using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Consumer;

/// <summary>How the service asks for tokens, sends the listener to decide, and takes the answer (4 to 6).</summary>
internal static class DanceChecks
{
    public static IReadOnlyList<Check<ConsumerTarget>> All { get; } =
    [
        new("OMB-110", "Send omb_version and omb_listener, the LocalID as it stands in the document, with the request for a request token.", (target, _) =>
        {
            var listener = target.For("OMB-110");
            var request = Single(listener, "request");
            target.First.Value = listener;
            if (listener.Of("access").Count > 0)
                target.Control.Value = listener;
            Expect.That(request.Form.Value("omb_version") == WireText.Version, "omb_version=" + WireText.Version, request.Exchange);
            Expect.That(request.Form.Value("omb_listener") == listener.Address, "omb_listener, the LocalID " + listener.Address, request.Exchange);
            return Task.CompletedTask;
        }) { Prepare = (target, ct) => target.SubscribeAsync(target.For("OMB-110"), ct) },
        new("OMB-111", "Do the whole dance for every listener, also when you post to the same service already.", (target, _) =>
        {
            Single(target.For("OMB-111"), "request");
            Single(target.For("OMB-111"), "access");
            return Task.CompletedTask;
        }) { Prepare = (target, ct) => target.SubscribeAsync(target.For("OMB-111"), ct) },
        new("OMB-112", "Send the browser to the authorize address with all of oauth_token, omb_version, omb_listener, omb_listenee, omb_listenee_profile, _nickname and _license.", (target, _) =>
        {
            var request = Single(target.First.Value, "authorize");
            string[] needed = ["oauth_token", "omb_version", "omb_listener", "omb_listenee", "omb_listenee_profile", "omb_listenee_nickname", "omb_listenee_license"];
            var missing = needed.Where(name => request.QueryFields.Value(name).Length == 0);
            Expect.That(!missing.Any(), $"all required parameters; missing: {string.Join(", ", missing)}", request.Exchange);
            return Task.CompletedTask;
        }) { Part = "the required ones" },
        new("OMB-113", "Use your own root address as the consumer key, and the empty secret.", (target, _) =>
        {
            var request = Single(target.First.Value, "request");
            var key = request.Form.Value("oauth_consumer_key");
            Expect.That(
                target.Options.Profile.AbsoluteUri.StartsWith(key, StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(key, UriKind.Absolute, out Uri? _),
                $"the root address of the service as oauth_consumer_key, and it is '{key}'", request.Exchange);
            return Task.CompletedTask;
        }),
        new("OAUTH-7", "Sign the request for a request token with the key '&': both secrets are empty, and the ampersand stays.", (target, _) =>
        {
            var request = Single(target.First.Value, "request");
            Expect.That(target.First.Value.IsRightlySigned(request), "a signature with both secrets empty", request.Exchange);
            return Task.CompletedTask;
        }) { Part = "as a consumer" },
        new("OMB-114", "Add your parameters with '&' to an authorize address that has a query.", (target, _) =>
        {
            var request = Single(target.For("OMB-114"), "authorize");
            Expect.That(
                request.Query.StartsWith("a=1&", StringComparison.Ordinal) && request.QueryFields.Value("oauth_token").Length > 0,
                "the endpoint's own query a=1, then '&' and the parameters", request.Exchange);
            return Task.CompletedTask;
        })
        {
            Prepare = (target, ct) =>
            {
                var listener = target.For("OMB-114");
                listener.EndpointQuery = kind => kind == "authorize" ? "?a=1" : "";
                listener.Refuse();
                return target.SubscribeAsync(listener, ct);
            },
        },
        new("OAUTH-51", "Send oauth_callback with the request for a request token, and at authorization exactly when it was not confirmed.", async (target, ct) =>
        {
            var control = target.First.Value;
            var (request, authorize) = (Single(control, "request"), Single(control, "authorize"));
            Expect.That(request.Form.Value("oauth_callback").Length > 0, "oauth_callback", request.Exchange);
            Expect.That(authorize.QueryFields.Value("oauth_callback").Length == 0, "no oauth_callback at authorization, once it was confirmed", authorize.Exchange);
            var old = target.Site.NewListener();
            old.ConfirmsCallback = false;
            old.Refuse();
            await target.SubscribeAsync(old, ct).ConfigureAwait(false);
            Expect.That(Single(old, "authorize").QueryFields.Value("oauth_callback").Length > 0, "oauth_callback at authorization, when it was not confirmed", Single(old, "authorize").Exchange);
        }),
        new("OAUTH-53", "Read token answers for what they hold: extra parameters, white space around and a wrong media type do not matter.", async (target, ct) =>
        {
            var listener = target.Site.NewListener();
            listener.Instead = (kind, _) => kind == "request"
                ? new WireAnswer(200, $"\n oauth_token=odd&oauth_token_secret=odd&xoauth_token_expires=3600&omb_version={WireText.Version} \n", "text/html") : null;
            listener.Refuse();
            await target.SubscribeAsync(listener, ct).ConfigureAwait(false);
            Expect.That(listener.Of("authorize").Count > 0, "the browser at the authorization page", listener.Exchanges);
        }),
        new("OMB-120", "Honour a callback only once, and only in the browser session that began.", async (target, ct) =>
        {
            var control = target.Control.Value;
            Single(control, "access");
            var again = await target.Wire.GetAsync(control.LastCallback, [new("Accept", "text/html")], ct).ConfigureAwait(false);
            Expect.That(control.Of("access").Count == 1, "no second exchange when the callback is opened again", [again.Exchange, .. control.Of("access").Select(r => r.Exchange)]);

            var other = target.Site.NewListener();
            other.Instead = (kind, _) => kind == "return" ? new WireAnswer(200, "The browser stays here.", "text/html") : null;
            await target.SubscribeAsync(other, ct).ConfigureAwait(false);
            var stranger = await target.Wire.GetAsync(other.LastCallback, [new("Accept", "text/html")], ct).ConfigureAwait(false);
            Expect.That(other.Of("access").Count == 0, "no exchange when another browser opens the callback", [stranger.Exchange, .. other.Of("access").Select(r => r.Exchange)]);
        }),
        NeverStored("OMB-121", "Take a callback without oauth_token for a refusal: tell the visitor, and store nothing.", listener => listener.Refuse()),
        NeverStored("OMB-122", "Refuse a callback whose omb_version is wrong.", listener => listener.Returns = fields => fields.Select(f => f.Key == "omb_version" ? new(f.Key, "0.2") : f)) with { Part = "wrong" },
        NeverStored("OMB-122", "Refuse a callback without omb_version.", listener => listener.Returns = fields => fields.Where(f => f.Key != "omb_version")) with { Part = "missing" },
        NeverStored("OMB-123", "Store nothing unless the access token answer is 200 and holds both token and secret.", listener => listener.Instead = (kind, _) =>
            kind == "access" ? new WireAnswer(200, "oauth_token=alone", "application/x-www-form-urlencoded") : null),
        NeverStored("OAUTH-52", "Once oauth_callback_confirmed was sent, refuse a callback without oauth_verifier.", listener => listener.Returns = fields => fields.Where(f => f.Key != "oauth_verifier")),
    ];

    /// <summary>The one request of a kind.</summary>
    public static WireRequest Single(Listener listener, string kind)
    {
        var found = listener.Of(kind);
        Expect.That(found.Count == 1, $"one request to the '{kind}' endpoint of {listener.Address}, and there were {found.Count}", listener.Exchanges);
        return found[0];
    }

    private static Check<ConsumerTarget> NeverStored(string clause, string remedy, Action<Listener> shape)
    {
        var name = clause + remedy;
        return new(clause, remedy, async (target, ct) =>
        {
            var listener = target.For(name);
            Expect.That(listener.Of("authorize").Count > 0, "the browser at the authorization page", listener.Exchanges);
            await target.FirstNoticeAsync(ct).ConfigureAwait(false);
            Expect.That(listener.Of("notice").Count == 0, "nothing stored, so that no notice comes, and one came", listener.Exchanges);
        })
        {
            Prepare = async (target, ct) =>
            {
                shape(target.For(name));
                var page = await target.SubscribeAsync(target.For(name), ct).ConfigureAwait(false);
                Expect.That(page is null or { Status: > 0 and < 500 }, $"a page for the visitor, and it was {page}", page is null ? [] : [page.Exchange]);
            },
        };
    }
}
