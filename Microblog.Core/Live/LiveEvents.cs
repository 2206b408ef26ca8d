using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microblog.Pages;
using Microblog.Storage;

namespace Microblog.Live;

/// <summary>Writes the events of a stream (HTML Living Standard, Server-sent events).</summary>
/// <param name="renderer">Makes the HTML of notices; without one, events carry numbers alone.</param>
internal sealed class LiveEvents(IPageRenderer? renderer = null)
{
    /// <summary>How a stream begins: when to come again after it broke.</summary>
    public static ReadOnlyMemory<byte> Opening { get; } = "retry: 3000\n\n"u8.ToArray();

    /// <summary>A comment, so that no proxy takes the stream for dead.</summary>
    public static ReadOnlyMemory<byte> Beat { get; } = ":\n\n"u8.ToArray();

    /// <summary>Too much has come; the reader has to look at the page itself.</summary>
    public static ReadOnlyMemory<byte> Reload(TimelinePosition id) => Encoding.ASCII.GetBytes($"id: {id}\nevent: reload\ndata: {{}}\n\n");

    /// <summary>An item as one viewer sees it.</summary>
    /// <param name="item">What is new.</param>
    /// <param name="id">Where to go on after it: all up to there has been sent.</param>
    /// <param name="timeline">In which list, and who looks.</param>
    /// <param name="page">What the item is from.</param>
    /// <param name="cancellationToken">Cancels the rendering.</param>
    public async ValueTask<ReadOnlyMemory<byte>> WriteAsync(
        LiveItem item, TimelinePosition id, LiveTimeline timeline, LivePage page, CancellationToken cancellationToken)
    {
        var html = item.Notice is { } notice && renderer is not null
            ? await renderer.RenderNoticeAsync(
                new ListedNotice(notice, page.Reactions, timeline.List.Path) { AdministeredGroup = page.AdministeredGroup }, timeline.Frame, cancellationToken)
                .ConfigureAwait(false)
            : null;
        var buffer = new ArrayBufferWriter<byte>(html?.Length ?? 128);
        buffer.Write(Encoding.ASCII.GetBytes($"id: {id}\nevent: {(item.Told is null ? "notice" : "notification")}\ndata: "));
        // The writer escapes line ends, so that it is one line whatever people write.
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, item, html);
        buffer.Write("\n\n"u8);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, LiveItem item, string? html)
    {
        json.WriteStartObject();
        if (item.Told is { } told)
        {
            json.WriteString("kind", told.Kind.ToString().ToLowerInvariant());
            json.WriteString("actor", told.Actor.Address);
        }

        // As text: a number of 53 bits and more is not safe in every reader of JSON.
        if (item.Notice is { } notice)
            json.WriteString("id", notice.Notice.Id.Value.ToString(CultureInfo.InvariantCulture));
        if (html is not null)
            json.WriteString("html", html);
        json.WriteEndObject();
    }
}
