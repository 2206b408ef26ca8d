using Microblog.Testing.Conformance.Consumer;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Hostile;

/// <summary>What a listener's page may do to the service that discovers it.</summary>
internal static class HostileConsumerChecks
{
    public static IReadOnlyList<Check<ConsumerTarget>> All { get; } =
    [
        Survives("an external entity", "Read XML without DTDs.", listener => listener.Xrds = document => document
            .Replace("<XRDS ", $"<!DOCTYPE XRDS [<!ENTITY e SYSTEM \"{listener.Address}/entity\">]>\n<XRDS ", StringComparison.Ordinal)
            .Replace("<LocalID>", "<LocalID>&e;", StringComparison.Ordinal)),
        Survives("entities that multiply", "Read XML without DTDs.", listener => listener.Xrds = document => document
            .Replace("<XRDS ", "<!DOCTYPE XRDS [<!ENTITY a \"aaaaaaaaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">"
                + "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;\">]>\n<XRDS ", StringComparison.Ordinal)
            .Replace("<LocalID>", "<LocalID>&e;", StringComparison.Ordinal)),
        Survives("a body without end", "Bound the size of what you fetch.", listener => listener.Instead = (_, _) => WireAnswer.Endless),
        Survives("redirects in a circle", "Bound the number of redirects.", listener => listener.Instead = (_, _) => WireAnswer.Redirect(listener.Address)),
        Survives("a redirect to a link-local address", "Check the address of every connection when it is made, after redirects too.", listener => listener.Instead = (_, _) => WireAnswer.Redirect("http://169.254.169.254/")),
        Survives("a redirect to a file", "Follow redirects to http and https only.", listener => listener.Instead = (_, _) => WireAnswer.Redirect("file:///etc/passwd")),
    ];

    private static Check<ConsumerTarget> Survives(string part, string remedy, Action<Listener> shape) => new("OMB-105", remedy, async (target, ct) =>
    {
        var listener = target.Site.NewListener();
        shape(listener);
        var page = await target.SubscribeAsync(listener, ct).ConfigureAwait(false);
        Expect.That(page is null or { Status: > 0 and < 500 }, $"a page that says no, in time, and it was {page}", page is null ? [] : [page.Exchange]);
        Expect.That(listener.Of("page").Count is > 0 and < 50, $"a bounded number of requests, and there were {listener.Of("page").Count}", listener.Exchanges.Take(3));
        Expect.That(listener.Of("entity").Count == 0, "the entity not to be fetched", listener.Exchanges);
        Expect.That(listener.Of("request").Count == 0, "no request for a request token", listener.Exchanges);
    }) { Part = part };
}
