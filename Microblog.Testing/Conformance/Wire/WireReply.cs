using System.Text;

namespace Microblog.Testing.Conformance.Wire;

/// <summary>What came back, or why nothing did.</summary>
/// <param name="Exchange">The bytes.</param>
/// <param name="Address">What was asked; <see langword="null"/> when it could not be.</param>
/// <param name="Status">The status; 0 when there was no answer.</param>
/// <param name="Headers">The header lines.</param>
/// <param name="Body">The body.</param>
/// <param name="Problem">Why there is no answer; empty when there is one.</param>
public sealed record WireReply(
    WireExchange Exchange, Uri? Address, int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, string Problem = "")
{
    /// <summary>Whether the connection stayed open without an answer until the kit gave up.</summary>
    public bool HasTimedOut { get; init; }

    /// <summary>The requests that led here, oldest first and this one's last, where a step made more than one.</summary>
    internal IReadOnlyList<WireExchange> Trail { get; init; } = [Exchange];

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The media type in lower case, without its parameters; empty when it is not said.</summary>
    public string MediaType => Header("Content-Type").Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>Whether it sends the asker elsewhere.</summary>
    public bool IsRedirect => Status is >= 300 and < 400 && Header("Location").Length > 0;

    /// <summary>The first header of that name; empty when there is none.</summary>
    public string Header(string name) =>
        Headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";

    /// <summary>A value of a body that is a form; empty when absent.</summary>
    public string Form(string name) => FormText.Read(Text).Value(name);

    /// <summary>What came, in a few words.</summary>
    public override string ToString() => Problem.Length > 0 ? Problem : $"{Status}";

    internal static WireReply Failed(WireExchange exchange, string problem) => new(exchange, null, 0, [], [], problem);
}
