using System.Text;
using Microblog.Http;
using Microblog.Pages;
using Microblog.Scheduling;
using Microblog.Text;
using Microsoft.Extensions.Logging;

namespace Microblog.Diagnostics;

/// <summary>Gives every refusal a short reference, and remembers the newest ones so that the operator can look a reference up.</summary>
/// <remarks>In the memory of this process alone: hostile traffic costs no writes, and takes the place of nobody else's refusals.
/// The log keeps what goes from here. Safe for concurrent use.</remarks>
/// <param name="random">Draws the references.</param>
/// <param name="clock">Says when.</param>
/// <param name="logger">Hears of every refusal.</param>
public sealed class RefusalLog(RandomSource random, TimeProvider clock, ILogger<RefusalLog> logger)
{
    /// <summary>How many refusals are remembered.</summary>
    public const int Kept = 1_000;

    /// <summary>How many of them may come from one address (IPv6: one /64).</summary>
    public const int KeptPerAddress = 200;

    /// <summary>How many of those may have the same reason.</summary>
    public const int KeptAlike = 50;

    /// <summary>The response header that carries the reference.</summary>
    public const string HeaderName = "Microblog-Reference";

    // No letters that people take for one another.
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int ReferenceLength = 8;
    private const int LongestText = 300;

    private readonly Lock gate = new();
    private readonly RefusalMemory memory = new();

    /// <summary>The newest refusals, newest first.</summary>
    public IReadOnlyList<NotedRefusal> Newest(int limit)
    {
        lock (gate)
            return [.. memory.NewestFirst().Take(limit)];
    }

    /// <summary>The refusal with this reference, or <see langword="null"/> when this process does not remember it.</summary>
    public NotedRefusal? Find(string reference) => Newest(Kept).FirstOrDefault(r => r.Reference == reference);

    /// <summary>Notes a response if it refuses the request, and writes the reference into it.</summary>
    internal NodeResponse Note(NodeRoute route, NodeRequest request, NodeResponse response) =>
        Reason(response) is { } refusal ? Note(route, request, response, refusal, NewReference()) : response;

    /// <summary>Notes a response under a reference that stands in the log already.</summary>
    internal NodeResponse Note(NodeRoute route, NodeRequest request, NodeResponse response, Refusal refusal, string reference)
    {
        var noted = new NotedRefusal(
            reference,
            clock.GetUtcNow(),
            response.Status,
            $"{route.Method} {route.Template}",
            request.RemoteAddress?.ToString() ?? "",
            Cut(request.Sender ?? ""),
            refusal with { Reason = Cut(refusal.Reason), Detail = Cut(refusal.Detail) });
        lock (gate)
            memory.Add(request.RemoteAddress, noted);
        logger.RequestRefused(noted.Route, noted.Status, noted.Refusal.Reason, noted.Refusal.Detail, noted.Sender, noted.Address, reference);
        return WithReference(response, reference);
    }

    internal string NewReference() => string.Create(ReferenceLength, random, (text, random) =>
    {
        for (var i = 0; i < text.Length; i++)
            text[i] = Letters[random.Next(Letters.Length)];
    });

    // Whoever refuses may have said why; otherwise the answer itself does.
    private static Refusal? Reason(NodeResponse response) => response switch
    {
        { Refusal: { } refusal } => refusal,
        { Body: NodeBody.Challenge } => null,
        { Status: not (400 or 401 or 403 or 413 or 415) } => null,
        { Body: NodeBody.Page page } => new Refusal(page.Model.Title, page.Model.Objection),
        { Body: NodeBody.Bytes { MediaType: var type } bytes } when IsText(type) => new Refusal(
            "Refused", Encoding.UTF8.GetString(bytes.Content.Span[..Math.Min(bytes.Content.Length, LongestText)])),
        _ => new Refusal("Refused", ""),
    };

    private static NodeResponse WithReference(NodeResponse response, string reference) => response.With(HeaderName, reference) with
    {
        Body = response.Body switch
        {
            NodeBody.Page page => new NodeBody.Page(page.Model with { Reference = reference }),
            NodeBody.Bytes bytes when IsText(bytes.MediaType) => bytes with
            {
                Content = (byte[])[.. bytes.Content.Span, .. Encoding.ASCII.GetBytes($"\nReference: {reference}")],
            },
            var other => other,
        },
    };

    private static bool IsText(string mediaType) => mediaType.StartsWith("text/plain", StringComparison.Ordinal);

    private static string Cut(string text) => OneLine.Of(text, LongestText);
}

/// <summary>One refusal, as the operator sees it.</summary>
/// <param name="Reference">What the sender was given.</param>
/// <param name="At">When.</param>
/// <param name="Status">The HTTP status of the answer.</param>
/// <param name="Route">Method and template of the route; no value of the address stands in it.</param>
/// <param name="Address">The sender's network address; empty when it is not known.</param>
/// <param name="Sender">Whom the sender claims to be, such as a consumer key. Remote text, not checked; empty when nobody said.</param>
/// <param name="Refusal">Why.</param>
public sealed record NotedRefusal(
    string Reference, DateTimeOffset At, int Status, string Route, string Address, string Sender, Refusal Refusal);
