using Microblog.Testing.Conformance.Steps;
using System.Net;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Provider;

/// <summary>Changed profiles (8), and the end of a subscription.</summary>
internal static class UpdateChecks
{
    public static IReadOnlyList<Check<ProviderTarget>> All { get; } =
    [
        new("OMB-70", "Leave alone what an update does not mention.", async (target, ct) =>
        {
            var bio = "bio " + Chance.Text(10);
            await UpdateAsync(target, ct, ("bio", bio)).ConfigureAwait(false);
            await UpdateAsync(target, ct, ("location", "Elsewhere")).ConfigureAwait(false);
            await ShownAsync(target, bio, isShown: true, "a bio that a later update did not mention", ct).ConfigureAwait(false);
        }),
        new("OMB-71", "Blank a field that comes with an empty value.", async (target, ct) =>
        {
            var bio = "bio " + Chance.Text(10);
            await UpdateAsync(target, ct, ("bio", bio)).ConfigureAwait(false);
            await ShownAsync(target, bio, isShown: true, "a bio that an update brought", ct).ConfigureAwait(false);
            await UpdateAsync(target, ct, ("bio", "")).ConfigureAwait(false);
            await ShownAsync(target, bio, isShown: false, "a bio that was blanked", ct).ConfigureAwait(false);
        }),
        new("OMB-73", "Take an update as a whole or not at all; an empty licence, nickname or profile is refused with 400.", async (target, ct) =>
        {
            var bio = "bio " + Chance.Text(10);
            var reply = await target.SendAsync(target.Update(target.Grant.Value, new("omb_listenee_bio", bio), new("omb_listenee_license", "")), ct).ConfigureAwait(false);
            reply.Status(400);
            if (target.Options.Listenees is not null)
                await ShownAsync(target, bio, isShown: false, "a bio of a refused update", ct).ConfigureAwait(false);
        }),
        new("OMB-74", "Refuse with 400 an update in the name of somebody else than the token's listenee.", async (target, ct) =>
        {
            var grant = target.Grant.Value;
            var other = grant with { Listenee = target.Bert };
            (await target.SendAsync(target.Update(other, new KeyValuePair<string, string>("omb_listenee_bio", "x")), ct).ConfigureAwait(false)).Status(400);
        }),
        new("OMB-57", "Keep revoked tokens with their secrets, and answer 403 to pushes with them, at postNotice and updateProfile.", async (target, ct) =>
        {
            var grant = target.Grant.Value;
            if (target.Options.Unsubscribe is not { } unsubscribe)
                throw new NotReachedException("needs the person to unsubscribe: give --unsubscribe-page, --unsubscribe-command or --ask");
            await unsubscribe.PerformAsync(grant.Listenee.Nickname, target.Wire, target.Options, ct).ConfigureAwait(false);
            target.HasEnded = true;
            (await target.SendAsync(target.Notice(grant, "Does anybody hear?"), ct).ConfigureAwait(false)).Status(403);
            (await target.SendAsync(target.Update(grant, new KeyValuePair<string, string>("omb_listenee_bio", "x")), ct).ConfigureAwait(false)).Status(403);
        }),
        new("OMB-75", "Let a person subscribe again after unsubscribing, with a new token.", async (target, ct) =>
        {
            if (!target.HasEnded)
                throw new BlockedException("OMB-57");
            var callback = target.Site.NewCallback();
            var token = await target.GetRequestTokenAsync(callback.Address, ct).ConfigureAwait(false);
            var back = await target.DecideAsync(target.Options.Allow, "--allow-button, --allow-command or --ask", target.Authorization(token, target.Alice), callback, ct).ConfigureAwait(false);
            Expect.That(back is not null, "the browser to come back a second time");
            var reply = await target.SendAsync(target.Exchange(token, back!.QueryFields.Value("oauth_verifier")), ct).ConfigureAwait(false);
            reply.Status(200);
            var again = new Grant(new Token(reply.Form("oauth_token"), reply.Form("oauth_token_secret")), target.Alice, token);
            (await target.SendAsync(target.Notice(again, "Here again."), ct).ConfigureAwait(false)).Status(200);
        }) { Part = "subscribing again" },
    ];

    private static async Task UpdateAsync(ProviderTarget target, CancellationToken cancellationToken, params (string Name, string Value)[] fields)
    {
        var call = target.Update(target.Grant.Value, [.. fields.Select(f => new KeyValuePair<string, string>("omb_listenee_" + f.Name, f.Value))]);
        (await target.SendAsync(call, cancellationToken).ConfigureAwait(false)).Status(200);
    }

    private static async Task ShownAsync(ProviderTarget target, string text, bool isShown, string what, CancellationToken cancellationToken)
    {
        var page = await target.LookAsync(target.Options.Listenees, "--listenees", cancellationToken).ConfigureAwait(false);
        Expect.That(WebUtility.HtmlDecode(page.Text).Contains(text, StringComparison.Ordinal) == isShown, $"{what} {(isShown ? "to stay" : "to be gone")} ('{text}')", page.Exchange);
    }
}
