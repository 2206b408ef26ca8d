using System.Text;
using System.Text.RegularExpressions;
using Microblog.Testing.Conformance.Steps;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>The authorization page, the decision and the way back (5).</summary>
internal static partial class AuthorizationChecks
{
    private const string OwnQuery = "keep=a%20b&n=7";

    public static IReadOnlyList<Check<ProviderTarget>> All { get; } =
    [
        new("OMB-30", "Answer an authorization request that lacks a required parameter, or has a wrong omb_version, with an error page and no redirect.", async (target, ct) =>
        {
            var fields = await NewAsync(target, target.Alice, ct).ConfigureAwait(false);
            foreach (var missing in new[] { "oauth_token", "omb_version", "omb_listener", "omb_listenee", "omb_listenee_profile", "omb_listenee_nickname", "omb_listenee_license" })
                (await target.VisitAsync(fields.Where(f => f.Key != missing), ct).ConfigureAwait(false)).Refusal($"a request without {missing}");
            (await target.VisitAsync(With(fields, "omb_version", "0.2"), ct).ConfigureAwait(false)).Refusal("a wrong omb_version");
        }),
        new("OMB-31", "Take the decision only by a POST of the signed-in listener that carries a secret of the form, which no other site can know.", async (target, ct) =>
        {
            if (target.Options.Allow is not SubmitForm allow)
                throw new NotReachedException("needs the form of the authorization page: give --allow-button");
            var callback = target.Site.NewCallback();
            var token = await target.GetRequestTokenAsync(callback.Address, ct).ConfigureAwait(false);
            var fields = target.Authorization(token, target.Alice);
            var page = await target.VisitAsync(fields, ct).ConfigureAwait(false);
            if (allow.Find(page, "") is not { } form)
                throw new NotReachedException($"the authorization page ({page}) has no form with the button '{allow.Button}'");
            // What a forger knows: the address, and the button.
            var known = form.Fields.Where(f => fields.Any(k => k.Key == f.Key || k.Value == f.Value)).Append(Pressed(allow));
            await RefusedAsync(target, form, page, known, isSignedIn: true, "a form without its secret", ct).ConfigureAwait(false);
            await RefusedAsync(target, form, page, form.Fields.Append(Pressed(allow)), isSignedIn: false, "a decision of nobody", ct).ConfigureAwait(false);
        }),
        new("OMB-32", "Keep omb_listener with the request token, and refuse an authorization request that names another.", async (target, ct) =>
        {
            var fields = await NewAsync(target, target.Alice, ct).ConfigureAwait(false);
            (await target.VisitAsync(With(fields, "omb_listener", target.Listener.Value + "0"), ct).ConfigureAwait(false)).Refusal("another omb_listener");
        }),
        new("OMB-38", "Treat an empty optional parameter as if it were not there.", async (target, ct) =>
        {
            var fields = await NewAsync(target, target.Alice, ct).ConfigureAwait(false);
            foreach (var name in new[] { "fullname", "homepage", "bio", "location", "avatar" })
                fields = With(fields, "omb_listenee_" + name, "");
            (await target.VisitAsync(fields, ct).ConfigureAwait(false)).Status(200);
        }),
        new("OMB-39", "Escape everything that the other service says before it stands in a page.", async (target, ct) =>
        {
            const string Probe = "<script>kit()</script>\"'><img src=x onerror=kit()>";
            var fields = await NewAsync(target, target.Alice, ct).ConfigureAwait(false);
            var page = await target.VisitAsync(With(With(fields, "omb_listenee_fullname", Probe), "omb_listenee_bio", Probe), ct).ConfigureAwait(false);
            Expect.That(!page.Text.Contains("<script>kit()", StringComparison.Ordinal) && !page.Text.Contains("<img src=x", StringComparison.Ordinal), "the markup in full name and bio to be escaped", page.Exchange);
        }),
        new("OMB-40", "Take any absolute URI as omb_listenee: tag, urn, mailto, acct as well as http.", async (target, ct) =>
        {
            foreach (var identifier in new[] { "tag:kit.example,2008:1", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "acct:kit@kit.example" })
            {
                var fields = await NewAsync(target, target.Alice with { Identifier = identifier }, ct).ConfigureAwait(false);
                (await target.VisitAsync(fields, ct).ConfigureAwait(false)).Status(200);
            }
        }),
        new("OMB-41", "Refuse with 400 a listenee whose identifier or profile lies under your own address: only you speak for your people.", async (target, ct) =>
        {
            var own = new Uri(target.Options.Profile, "/kit").AbsoluteUri;
            (await target.VisitAsync(await NewAsync(target, target.Alice with { Identifier = own }, ct).ConfigureAwait(false), ct).ConfigureAwait(false)).Status(400);
            var fields = await NewAsync(target, target.Alice, ct).ConfigureAwait(false);
            (await target.VisitAsync(With(fields, "omb_listenee_profile", own), ct).ConfigureAwait(false)).Status(400);
        }),
        new("OMB-33", "After the person agreed, redirect to the callback with oauth_token, omb_version, omb_listener_nickname and omb_listener_profile added.", async (target, ct) =>
        {
            var callback = target.Site.NewCallback(OwnQuery);
            var token = await target.GetRequestTokenAsync(callback.Address, ct).ConfigureAwait(false);
            target.RequestToken.Value = token;
            // Nobody has agreed yet, so this must not work; OAUTH-38 looks at it.
            target.Early = await target.SendAsync(target.Exchange(token, "guess"), ct).ConfigureAwait(false);
            var back = await target.DecideAsync(target.Options.Allow, "--allow-button, --allow-command or --ask", target.Authorization(token, target.Alice), callback, ct).ConfigureAwait(false);
            Expect.That(back is not null, $"the browser to come back to {callback.Address}");
            var fields = back!.QueryFields;
            if (fields.Value("oauth_token") == token.Value)
                target.Callback.Value = back;
            string[] needed = ["omb_listener_nickname", "omb_listener_profile"];
            var missing = needed.Where(name => fields.Value(name).Length == 0);
            Expect.That(fields.Value("oauth_token") == token.Value, "oauth_token, the request token", back.Exchange);
            Expect.That(fields.Value("omb_version") == WireText.Version, "omb_version=" + WireText.Version, back.Exchange);
            Expect.That(!missing.Any(), $"{string.Join(" and ", missing)}", back.Exchange);
        }),
        new("OMB-34", "Add those of omb_listener_fullname, _homepage, _bio, _location and _avatar that the person has.", (target, _) =>
        {
            var fields = target.Callback.Value.QueryFields;
            string[] optional = ["fullname", "homepage", "bio", "location", "avatar"];
            if (!optional.Any(name => fields.Value("omb_listener_" + name).Length > 0))
                throw new NotObservableException("the person may have none of these fields");
            return Task.CompletedTask;
        }),
        new("OMB-12", "Nicknames are of [a-z0-9], at most 64, and not digits only.", (target, _) =>
        {
            var back = target.Callback.Value;
            var nickname = back.QueryFields.Value("omb_listener_nickname");
            if (nickname.Length == 0)
                throw new BlockedException("OMB-33");
            Expect.That(LocalNickname().IsMatch(nickname) && !nickname.All(char.IsAsciiDigit), $"a nickname of [a-z0-9]{{1,64}}, and it is '{nickname}'", back.Exchange);
            return Task.CompletedTask;
        }) { Part = "its form" },
        new("OMB-35", "Keep the callback's own query as it is, byte for byte, and add each name once, with '&' where there is a query already.", (target, _) =>
        {
            var back = target.Callback.Value;
            var names = back.QueryFields.Select(f => f.Key).ToList();
            Expect.That($"&{back.Query}&".Contains($"&{OwnQuery}&", StringComparison.Ordinal), $"the query to hold '{OwnQuery}' unchanged", back.Exchange);
            Expect.That(names.Distinct(StringComparer.Ordinal).Count() == names.Count, "each name once", back.Exchange);
            return Task.CompletedTask;
        }),
        new("OMB-36", "After a refusal send the browser back without oauth_token and omb_ parameters, and destroy the request token.", async (target, ct) =>
        {
            var callback = target.Site.NewCallback();
            var token = await target.GetRequestTokenAsync(callback.Address, ct).ConfigureAwait(false);
            var back = await target.DecideAsync(target.Options.Refuse, "--refuse-button, --refuse-command or --ask", target.Authorization(token, target.Alice), callback, ct).ConfigureAwait(false);
            Expect.That(back is not null, $"the browser to come back to {callback.Address}");
            Expect.That(!back!.QueryFields.Any(f => f.Key is "oauth_token" or "oauth_verifier" || f.Key.StartsWith("omb_", StringComparison.Ordinal)), "neither oauth_token nor omb_ parameters", back.Exchange);
            (await target.SendAsync(target.Exchange(token, "guess"), ct).ConfigureAwait(false)).Refusal("the exchange of a refused token");
        }),
    ];

    private static async Task<List<KeyValuePair<string, string>>> NewAsync(ProviderTarget target, Listenee listenee, CancellationToken cancellationToken) =>
        target.Authorization(await target.GetRequestTokenAsync(target.Site.NewCallback().Address, cancellationToken).ConfigureAwait(false), listenee);

    private static List<KeyValuePair<string, string>> With(List<KeyValuePair<string, string>> fields, string name, string value) =>
        [.. fields.Where(f => f.Key != name), new(name, value)];

    private static KeyValuePair<string, string> Pressed(SubmitForm step) =>
        step.Button.Split('=', 2) is [var name, var value] ? new(name, value) : new("", "");

    private static async Task RefusedAsync(
        ProviderTarget target, HtmlForm form, WireReply page, IEnumerable<KeyValuePair<string, string>> fields, bool isSignedIn, string what, CancellationToken cancellationToken)
    {
        if (form.Target(page.Address!) is not { } action)
            throw new NotReachedException($"the form of the authorization page leads to no address: '{form.Action}'");
        List<KeyValuePair<string, string>> headers = [new("Origin", target.Site.Root.TrimEnd('/')), .. isSignedIn ? target.SignInFor(action) : []];
        var body = Encoding.ASCII.GetBytes(FormText.Write(fields.Where(f => f.Key.Length > 0)));
        var reply = await target.Wire.SendAsync("POST", action.AbsoluteUri, headers, body, cancellationToken).ConfigureAwait(false);
        Expect.That(
            reply.Status != 0 && !(reply.IsRedirect && reply.Header("Location").StartsWith(target.Site.Root, StringComparison.Ordinal)),
            $"{what} to decide nothing, and it led to the callback", page.Exchange, reply.Exchange);
    }

    [GeneratedRegex("^[a-z0-9]{1,64}$", RegexOptions.None, 1000)]
    private static partial Regex LocalNickname();
}
