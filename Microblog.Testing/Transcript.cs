using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microblog.Http;
using Microblog.Omb.OAuth;
using Microblog.Testing.Simulation;

namespace Microblog.Testing;

/// <summary>What happened in a simulated network, in order: every exchange, and what was done to the nodes.</summary>
/// <remarks>Secrets are shown as numbers, so that two runs of one seed give the same text.</remarks>
public sealed partial class Transcript
{
    private const int MostNested = 3;

    private static readonly HashSet<string> SecretNames = new(StringComparer.Ordinal)
    {
        OAuthNames.Token, OAuthNames.TokenSecret, OAuthNames.Nonce, OAuthNames.Signature, OAuthNames.Verifier, ForgeryTokens.Field,
    };

    private readonly Scheduler scheduler;
    private readonly List<object> entries = [];
    private readonly Dictionary<string, int> secrets = new(StringComparer.Ordinal);
    private int exchanges;

    internal Transcript(Scheduler scheduler) => this.scheduler = scheduler;

    /// <summary>The exchanges, in the order in which they began.</summary>
    public IEnumerable<Exchange> Exchanges => entries.OfType<Exchange>();

    internal DateTimeOffset Now => scheduler.Now;

    /// <summary>The whole text, or its end.</summary>
    /// <param name="last">At most so many entries.</param>
    public string ToString(int last)
    {
        // All of it is read, so that each secret keeps its number whatever part is shown.
        var texts = entries.Select(entry => entry is string ? entry + "\n" : entry.ToString()).ToList();
        return string.Concat(texts.Skip(Math.Max(0, texts.Count - last)));
    }

    /// <inheritdoc/>
    public override string ToString() => ToString(int.MaxValue);

    internal Exchange Begin(string from, WireRequest request)
    {
        var exchange = new Exchange(this, ++exchanges, from, request);
        entries.Add(exchange);
        return exchange;
    }

    internal void Note(string what) => entries.Add(Now.ToString("MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture) + " " + what);

    /// <summary>An address as people read it, without its secrets.</summary>
    internal string Address(string text, int depth = 0)
    {
        var query = text.IndexOf('?', StringComparison.Ordinal);
        var path = DanceState().Replace(query < 0 ? text : text[..query], match => match.Groups["name"].Value + NumberOf(match.Groups["secret"].Value));
        return query < 0 ? path : path + "?" + Form(text[(query + 1)..], depth);
    }

    /// <summary>A form as people read it, without its secrets.</summary>
    internal string Form(string text, int depth = 0) => string.Join('&', text.Split('&').Select(pair =>
    {
        var parts = pair.Split('=', 2);
        if (parts.Length < 2)
            return WebUtility.UrlDecode(pair);
        var (name, value) = (WebUtility.UrlDecode(parts[0]), WebUtility.UrlDecode(parts[1]));
        if (SecretNames.Contains(name))
            return name + "=" + NumberOf(value);
        // A callback, or where to go on after signing in, is an address with secrets of its own.
        var isAddress = value.StartsWith('/') || Uri.IsWellFormedUriString(value, UriKind.Absolute);
        return name + "=" + (!isAddress ? value : depth < MostNested ? Address(value, depth + 1) : "…");
    }));

    private string NumberOf(string secret)
    {
        if (!secrets.TryGetValue(secret, out var number))
            secrets.Add(secret, number = secrets.Count + 1);
        return "‹" + number.ToString(CultureInfo.InvariantCulture) + "›";
    }

    // The state of a dance stands in a path.
    [GeneratedRegex("(?<name>omb/callback/)(?<secret>[^/]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex DanceState();
}
