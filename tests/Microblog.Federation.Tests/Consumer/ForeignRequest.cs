using System.Text;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>A request as it arrived at the other service, with its form read by a reader of the test's own.</summary>
internal sealed record ForeignRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Path => Target.Split('?')[0];

    public string Query => Target.Contains('?', StringComparison.Ordinal) ? Target[(Target.IndexOf('?', StringComparison.Ordinal) + 1)..] : "";

    public IReadOnlyList<KeyValuePair<string, string>> QueryFields => Read(Query);

    public IReadOnlyList<KeyValuePair<string, string>> Form => Read(Encoding.ASCII.GetString(Body));

    /// <summary>The one value of a field of the body; <see langword="null"/> when it is not there.</summary>
    public string? this[string name] => Form.SingleOrDefault(field => field.Key == name).Value;

    public string? InQuery(string name) => QueryFields.SingleOrDefault(field => field.Key == name).Value;

    private static List<KeyValuePair<string, string>> Read(string text) =>
        [.. text.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(p => new KeyValuePair<string, string>(Decode(p[0]), Decode(p.Length > 1 ? p[1] : "")))];

    private static string Decode(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add(text[i] == '+' ? (byte)' ' : (byte)text[i]);
            }
        }

        return StrictUtf8.GetString([.. bytes]);
    }
}
