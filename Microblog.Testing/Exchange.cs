using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microblog.Testing.Simulation;

namespace Microblog.Testing;

/// <summary>One request of a simulated network and what became of it.</summary>
public sealed class Exchange
{
    private const int MostShown = 1_000;

    private readonly Transcript transcript;
    private readonly string mediaType;
    private readonly List<(DateTimeOffset At, string What, WireAnswer? Answer)> notes = [];

    internal Exchange(Transcript transcript, int number, string from, WireRequest request)
    {
        this.transcript = transcript;
        (Number, From, Method, Uri) = (number, from, request.Method, request.Uri);
        At = transcript.Now;
        Body = request.Body;
        mediaType = MediaType(request.Headers.TryGetValue("Content-Type", out var type) ? type.ToString() : null);
        Authorization = request.Headers.TryGetValue("Authorization", out var value) ? value.ToString() : "";
    }

    /// <summary>Its place in the transcript, from 1.</summary>
    public int Number { get; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset At { get; }

    /// <summary>The host that sent it, or the name of a browser.</summary>
    public string From { get; }

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>The address.</summary>
    public Uri Uri { get; }

    /// <summary>The body as sent, with its secrets.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The <c>Authorization</c> header; empty when there was none.</summary>
    public string Authorization { get; }

    /// <summary>The statuses with which the site answered: none, one, or one for each copy that arrived.</summary>
    public IReadOnlyList<int> Statuses => [.. notes.Select(note => note.Answer).OfType<WireAnswer>().Select(answer => answer.Status)];

    internal void Note(string what) => notes.Add((transcript.Now, what, null));

    internal void Note(WireAnswer answer) => notes.Add((transcript.Now, "", answer));

    /// <summary>The exchange in a few lines, without secrets.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"#{Number} {At:MM-dd HH:mm:ss.fff} {From} → {Method} {transcript.Address(Uri.OriginalString)}\n");
        if (Body.Length > 0)
            text.Append("      ").Append(Begin(Body, mediaType)).Append('\n');
        foreach (var (at, what, answer) in notes)
        {
            text.Append("      ").Append((at - At).TotalSeconds.ToString("+0.000", CultureInfo.InvariantCulture)).Append(' ')
                .Append(answer is null ? what : Describe(answer)).Append('\n');
        }

        return text.ToString();
    }

    private string Describe(WireAnswer answer)
    {
        var shown = answer switch
        {
            { Page: { } page } => $"{page.GetType().Name}: {page.Title}",
            _ when answer.Header("Location") is { } location => "to " + transcript.Address(location),
            _ => Begin(answer.Body, MediaType(answer.Header("Content-Type"))),
        };
        return $"{answer.Status.ToString(CultureInfo.InvariantCulture)} {shown}".TrimEnd();
    }

    private static string MediaType(string? contentType) => contentType?.Split(';')[0].Trim() is { Length: > 0 } type ? type : "no media type";

    private string Begin(ReadOnlyMemory<byte> body, string mediaType)
    {
        if (!Utf8.IsValid(body.Span) || body.Span.Contains((byte)0))
            return string.Create(CultureInfo.InvariantCulture, $"{mediaType}, {body.Length} bytes");
        var text = Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, MostShown)]);
        // Forms are read by people here.
        if (text.Contains('=', StringComparison.Ordinal) && !text.Contains('<', StringComparison.Ordinal))
            text = transcript.Form(text);
        return text.ReplaceLineEndings(" ") + (body.Length > MostShown ? " …" : "");
    }
}
