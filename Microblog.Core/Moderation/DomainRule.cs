using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Microblog.Moderation;

/// <summary>How the operator treats a domain with all its subdomains. The rule of the nearest domain counts.</summary>
/// <param name="Domain">Lower case, in ASCII, without a port.</param>
/// <param name="Standing">How.</param>
/// <param name="At">Since when.</param>
public sealed record DomainRule(string Domain, Standing Standing, DateTimeOffset At)
{
    /// <summary>Longest name of a domain.</summary>
    public const int MaxLength = 253;

    /// <summary>Accepts a host name or an IP address, as people type it: also with a scheme, or a port, which counts for nothing.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="domain">As rules name it.</param>
    public static bool TryParseDomain(string? text, [NotNullWhen(true)] out string? domain)
    {
        var typed = text?.Trim() ?? "";
        if (typed.StartsWith("*.", StringComparison.Ordinal))
            typed = typed[2..];
        var host = WebAddress.HostOf(typed.Contains("://", StringComparison.Ordinal) ? typed : "http://" + typed);
        domain = WithoutPort(host);
        return domain.Length is > 0 and <= MaxLength;
    }

    /// <summary>The domains whose rules hold for a host, the nearest first.</summary>
    /// <param name="host">As <see cref="WebAddress.HostOf"/> gives it, perhaps with a port.</param>
    public static IReadOnlyList<string> DomainsOf(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var name = WithoutPort(host);
        var domains = new List<string> { name };
        if (IPAddress.TryParse(name, out _))
            return domains;
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
            domains.Add(name[(dot + 1)..]);
        return domains;
    }

    /// <summary>How a host is to be treated.</summary>
    /// <param name="host">As <see cref="WebAddress.HostOf"/> gives it, perhaps with a port.</param>
    /// <param name="mode">What holds where no rule does.</param>
    /// <param name="rules">The rules by their domain.</param>
    public static Standing StandingOf(string host, FederationMode mode, IReadOnlyDictionary<string, Standing> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        foreach (var domain in DomainsOf(host))
        {
            if (rules.TryGetValue(domain, out var standing))
                return standing;
        }

        return mode == FederationMode.AllowList ? Standing.Suspended : Standing.Good;
    }

    // The colons of an IPv6 address stand in brackets. With a dot at its end a name leads to the same host.
    private static string WithoutPort(string host) =>
        (host.LastIndexOf(':') is var colon and > 0 && colon > host.LastIndexOf(']') ? host[..colon] : host).TrimEnd('.');
}
