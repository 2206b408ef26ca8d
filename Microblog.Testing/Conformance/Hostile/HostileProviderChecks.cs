using System.Text;
using Microblog.Testing.Conformance.Provider;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Hostile;

/// <summary>What an attacker sends to a listener's service.</summary>
internal static class HostileProviderChecks
{
    public static IReadOnlyList<Check<ProviderTarget>> All { get; } =
    [
        new("HOSTILE-1", "Stop reading a body at a bound (413), before it is parsed.", async (target, ct) =>
        {
            var address = target.Endpoints.Value[WireText.PostNotice];
            var reply = await target.Wire.SendAsync("POST", address, [], Encoding.ASCII.GetBytes("x=" + new string('a', 10 * 1024 * 1024)), ct).ConfigureAwait(false);
            // A connection that is closed in the middle of such a body is a refusal too.
            Expect.That(!reply.HasTimedOut && (reply.Status is 0 or (>= 400 and < 500)), $"a refusal, and it was {reply}", reply.Exchange);
            await ServesAsync(target, ct).ConfigureAwait(false);
        }),
        new("HOSTILE-2", "Refuse identifiers that are not UTF-8 with 400.", async (target, ct) =>
        {
            var call = target.RequestTokenCall() with { Writing = form => form.Replace("omb_listener=", "omb_listener=%FF%C0%80", StringComparison.Ordinal) };
            (await target.SendAsync(call, ct).ConfigureAwait(false)).Refusal("a listener of broken bytes");
            await ServesAsync(target, ct).ConfigureAwait(false);
        }),
        new("HOSTILE-3", "Bound the number of parameters, or the time that they take.", async (target, ct) =>
        {
            var form = string.Join('&', Enumerable.Range(0, 10_000).Select(i => $"p{i}=x"));
            var reply = await target.Wire.SendAsync("POST", target.Endpoints.Value[WireText.Request], [], Encoding.ASCII.GetBytes(form), ct).ConfigureAwait(false);
            reply.Refusal("a form of ten thousand parameters");
            await ServesAsync(target, ct).ConfigureAwait(false);
        }),
        new("HOSTILE-4", "Read the Authorization header with a parser that can say no.", async (target, ct) =>
        {
            foreach (var header in new[] { "OAuth", "OAuth ,,,,", "OAuth oauth_nonce", "OAuth oauth_nonce=\"%", "OAuth " + new string('=', 4000) })
            {
                var reply = await target.Wire.SendAsync("POST", target.Endpoints.Value[WireText.Request], [new("Authorization", header)], [], ct).ConfigureAwait(false);
                reply.Refusal($"the header '{(header.Length > 40 ? header[..40] + "…" : header)}'");
            }

            await ServesAsync(target, ct).ConfigureAwait(false);
        }),
        new("OAUTH-12", "Verify a signature over the bytes that arrived, also where they are not UTF-8.", async (target, ct) =>
        {
            // Bytes that are no text, put in front of what was signed: whoever drops them before verifying takes a changed notice.
            var call = target.Notice() with { Writing = form => form.Replace("omb_notice_content=", "omb_notice_content=%C3%28%FF", StringComparison.Ordinal) };
            (await target.SendAsync(call, ct).ConfigureAwait(false)).Status(400, 401);
            await ServesAsync(target, ct).ConfigureAwait(false);
        }) { Part = "changed bytes" },
    ];

    private static async Task ServesAsync(ProviderTarget target, CancellationToken cancellationToken)
    {
        var reply = await target.GetAsync(target.Options.Profile.AbsoluteUri, WireText.XrdsType, cancellationToken).ConfigureAwait(false);
        Expect.That(reply.Status is 200 or (>= 300 and < 400), $"the profile page to answer as before, and it was {reply}", reply.Exchange);
    }
}
