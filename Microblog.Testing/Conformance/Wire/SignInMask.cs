using System.Text;
using System.Text.RegularExpressions;

namespace Microblog.Testing.Conformance.Wire;

/// <summary>Takes what signs the person in out of recorded bytes: results are shown in terminals and kept by build servers.</summary>
internal sealed partial class SignInMask(IReadOnlyList<KeyValuePair<string, string>> signIn)
{
    // Shorter values are names such as "dora", which stand in half of what is shown.
    private const int LeastSecret = 8;
    private const string Mask = "...";

    private readonly string[] secrets = [.. signIn.SelectMany(Secrets).Where(s => s.Length >= LeastSecret).OrderByDescending(s => s.Length)];

    public WireExchange Hide(WireExchange exchange)
    {
        var masked = new WireExchange(Hide(exchange.Peer)) { Signed = Hide(exchange.Signed) };
        masked.AddSent(Hide(exchange.Sent));
        masked.AddReceived(Hide(exchange.Received));
        return masked;
    }

    public string Hide(string text)
    {
        text = Cookies().Replace(text, "${name}" + Mask);
        foreach (var (name, value) in signIn.Where(h => h.Value.Length > 0))
            text = text.Replace($"{name}: {value}", $"{name}: {Mask}", StringComparison.OrdinalIgnoreCase);
        // A service may send back what it got.
        return secrets.Aggregate(text, (shown, secret) => shown.Replace(secret, Mask, StringComparison.Ordinal));
    }

    private byte[] Hide(byte[] bytes) => Encoding.Latin1.GetBytes(Hide(Encoding.Latin1.GetString(bytes)));

    private static IEnumerable<string> Secrets(KeyValuePair<string, string> header) =>
        [header.Value, .. header.Value.Split([' ', ';', ',']), .. header.Value.Split(';').Select(c => c.Split('=', 2)).Where(c => c.Length == 2).Select(c => c[1].Trim())];

    [GeneratedRegex("^(?<name>(?:set-)?cookie:[ \\t]*)[^\\r\\n]*", RegexOptions.Multiline | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Cookies();
}
