using System.Text;

namespace Microblog.Testing.Conformance.Wire;

/// <summary>A request as it arrived at the kit's server.</summary>
internal sealed record WireRequest(
    WireExchange Exchange, string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string Path => Target.Split('?', 2)[0];

    public string Query => Target.Split('?', 2) is [_, var query] ? query : "";

    public IReadOnlyList<KeyValuePair<string, string>> QueryFields { get; } = FormText.Read(Target.Split('?', 2) is [_, var query] ? query : "");

    public IReadOnlyList<KeyValuePair<string, string>> Form { get; } = FormText.Read(Encoding.Latin1.GetString(Body));

    public string Header(string name) =>
        Headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";
}

/// <summary>What the kit's server does with a request.</summary>
internal sealed record WireAnswer(int Status, string Body = "", string MediaType = "text/plain", params string[] Headers)
{
    /// <summary>The connection stays open, and nothing comes.</summary>
    public static WireAnswer Silence { get; } = new(0);

    /// <summary>A body without an end.</summary>
    public static WireAnswer Endless { get; } = new(-1);

    public static WireAnswer Redirect(string location, int status = 302) => new(status, "", "text/plain", "Location: " + location);

    public byte[] ToBytes(DateTimeOffset date)
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var head = $"HTTP/1.1 {Status} {(Status < 400 ? "OK" : "Refused")}\r\nDate: {date:R}\r\nContent-Type: {MediaType}\r\n"
            + $"Content-Length: {body.Length}\r\nConnection: close\r\n" + string.Concat(Headers.Select(h => h + "\r\n")) + "\r\n";
        return [.. Encoding.Latin1.GetBytes(head), .. body];
    }
}
