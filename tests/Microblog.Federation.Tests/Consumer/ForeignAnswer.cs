using System.Text;

namespace Microblog.Federation.Tests.Consumer;

/// <summary>What the other service does with a request: an HTTP answer, bytes that are none, silence, or a closed door.</summary>
internal sealed record ForeignAnswer(int Status, string Body = "", string ContentType = "text/plain", params string[] Headers)
{
    public const string Version = "http://openmicroblogging.org/protocol/0.1";

    public string Protocol { get; init; } = "HTTP/1.1";

    public static ForeignAnswer Ok { get; } = new(200, "omb_version=" + Version);

    /// <summary>The connection stays open and nothing comes.</summary>
    public static ForeignAnswer Hang { get; } = new(0);

    /// <summary>The connection is closed without a byte.</summary>
    public static ForeignAnswer Drop { get; } = new(-1);

    /// <summary>Bytes that are no HTTP.</summary>
    public static ForeignAnswer Garbage { get; } = new(-2, "\0\u0001 220 smtp.example ESMTP\r\n\r\n");

    public static ForeignAnswer Html(string html, params string[] headers) => new(200, html, "text/html; charset=utf-8", headers);

    public static ForeignAnswer Redirect(int status, string location) => new(status, "", "text/plain", "Location: " + location);

    public byte[] ToBytes(DateTimeOffset date)
    {
        var body = Encoding.UTF8.GetBytes(Body);
        if (Status < 0)
            return body;
        var head = $"{Protocol} {Status} Scripted\r\nDate: {date:R}\r\nContent-Type: {ContentType}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n"
            + string.Concat(Headers.Select(h => h + "\r\n")) + "\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
