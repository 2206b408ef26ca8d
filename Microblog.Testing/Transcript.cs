using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microblog.Testing.Simulation;

namespace Microblog.Testing;

/// <summary>What happened in a simulated network, in order: every exchange, and what was done to the nodes.</summary>
/// <remarks>Secrets are shown as numbers, so that two runs of one seed give the same text.</remarks>
public sealed partial class Transcript
{
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

    internal string Elapsed(DateTimeOffset since) => (Now - since).TotalSeconds.ToString("+0.000", CultureInfo.InvariantCulture);

    internal string WithoutSecrets(string text) => Secret().Replace(text, match => match.Groups["name"].Value + NumberOf(match.Groups["secret"].Value));

    private string NumberOf(string secret)
    {
        if (!secrets.TryGetValue(secret, out var number))
            secrets.Add(secret, number = secrets.Count + 1);
        return "‹" + number.ToString(CultureInfo.InvariantCulture) + "›";
    }

    // OAuth's values in headers, forms and addresses; the state of a dance stands in a path, and forms bear a forgery token.
    [GeneratedRegex(
        """(?<name>(?:oauth_(?:token|token_secret|nonce|signature|verifier)|forgery_token)=["]?|omb(?:/|%2F)callback(?:/|%2F))(?<secret>[^&"\s?,]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Secret();
}
