using System.Text;
using Microblog.Media;

namespace Microblog.Http;

/// <summary>Reads a form with files part by part as it arrives (RFC 7578, RFC 2046 §5.1). Holds one part at most, and never more of it than asked for.</summary>
/// <remarks>Everything that is not as browsers write it is refused with 400; <see cref="NodeBodyException"/>.</remarks>
public sealed class MultipartReader
{
    /// <summary>Most parts of a form.</summary>
    public const int MaxParts = 64;

    /// <summary>Most bytes of a part's header.</summary>
    public const int MaxHeader = 8 * 1024;

    // RFC 2046 §5.1.1
    private const int MaxBoundary = 70;
    private const int BufferBytes = 64 * 1024;

    private readonly Stream body;
    private readonly byte[] delimiter;
    private readonly byte[] buffer = new byte[BufferBytes];
    private int start;
    private int end;
    private int parts;
    private bool isInPart;

    /// <summary>Begins to read.</summary>
    /// <param name="body">Where it comes from; not disposed.</param>
    /// <param name="boundary">What parts the parts.</param>
    public MultipartReader(Stream body, string boundary)
    {
        this.body = body;
        delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        // The first delimiter stands at the beginning, where no line has ended before.
        (buffer[0], buffer[1], end) = ((byte)'\r', (byte)'\n', 2);
    }

    /// <summary>The boundary that a media type names; <see langword="null"/> for none, or one that cannot be.</summary>
    public static string? BoundaryOf(string contentType)
    {
        foreach (var parameter in contentType.Split(';').Skip(1))
        {
            var pair = parameter.Trim();
            if (!pair.StartsWith("boundary=", StringComparison.OrdinalIgnoreCase))
                continue;
            var value = pair["boundary=".Length..].Trim();
            if (value is ['"', .. var quoted, '"'])
                value = quoted;
            return value.Length is > 0 and <= MaxBoundary && value.All(c => char.IsAsciiLetterOrDigit(c) || "'()+_,-./:=?".Contains(c, StringComparison.Ordinal))
                ? value
                : null;
        }

        return null;
    }

    /// <summary>Goes on to the next part, past whatever is left of this one.</summary>
    /// <returns>What its header says; <see langword="null"/> at the end of the form.</returns>
    public async ValueTask<MultipartPart?> NextAsync(CancellationToken cancellationToken)
    {
        if (isInPart)
            throw new InvalidOperationException("The part before has not been read.");
        await ReadDelimiterAsync(cancellationToken).ConfigureAwait(false);
        var line = await ReadLineAsync(MaxHeader, cancellationToken).ConfigureAwait(false);
        if (line == "--")
            return null;
        if (line.Length > 0)
            throw Damaged();
        if (++parts > MaxParts)
            throw new NodeBodyException(413, $"The form has more than {MaxParts} parts.");
        var part = await ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
        isInPart = true;
        return part;
    }

    /// <summary>The content of the part.</summary>
    /// <param name="max">Most bytes.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns><see langword="null"/> when there are more; then nothing can be read any more.</returns>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(int max, CancellationToken cancellationToken)
    {
        var content = new ByteWriter();
        while (true)
        {
            var held = buffer.AsMemory(start, end - start);
            var found = held.Span.IndexOf(delimiter);
            // What may be the beginning of a delimiter stays.
            var count = found >= 0 ? found : Math.Max(0, held.Length - delimiter.Length + 1);
            if (count > max - content.Length)
                return null;
            content.Write(held.Span[..count]);
            start += count;
            if (found >= 0)
            {
                isInPart = false;
                return content.WrittenMemory;
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask ReadDelimiterAsync(CancellationToken cancellationToken)
    {
        while (end - start < delimiter.Length)
            await FillAsync(cancellationToken).ConfigureAwait(false);
        if (!buffer.AsSpan(start).StartsWith(delimiter))
            throw Damaged();
        start += delimiter.Length;
    }

    private async ValueTask<MultipartPart> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        MultipartPart? part = null;
        var left = MaxHeader;
        while (await ReadLineAsync(left, cancellationToken).ConfigureAwait(false) is { Length: > 0 } line)
        {
            left -= line.Length + 2;
            if (line.StartsWith("Content-Disposition:", StringComparison.OrdinalIgnoreCase))
                part ??= MultipartPart.Parse(line["Content-Disposition:".Length..]);
        }

        return part ?? throw Damaged();
    }

    private async ValueTask<string> ReadLineAsync(int max, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = buffer.AsSpan(start, end - start).IndexOf("\r\n"u8);
            if (found > max || (found < 0 && end - start > max))
                throw new NodeBodyException(400, "A part of the form has too large a header.");
            if (found >= 0)
            {
                var line = Encoding.UTF8.GetString(buffer, start, found);
                start += found + 2;
                return line;
            }

            // The end of the form needs no line end behind it.
            if (end - start == 2 && buffer[start] == '-' && buffer[start + 1] == '-')
            {
                start = end;
                return "--";
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        var count = await body.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
        if (count == 0)
            throw Damaged();
        end += count;
    }

    private static NodeBodyException Damaged() => new(400, "The form is damaged, or not complete.");
}

/// <summary>What the header of a part says.</summary>
/// <param name="Name">The field.</param>
/// <param name="IsFile">Whether it is a file. What that was called nobody needs, so it is not kept.</param>
/// <param name="IsChosen">Whether the file has a name at all; where nothing was chosen, browsers send an empty one without (RFC 7578 §4.2 and HTML).</param>
public sealed record MultipartPart(string Name, bool IsFile, bool IsChosen = false)
{
    private const int MaxName = 100;

    /// <summary>Reads a <c>Content-Disposition</c>; <see langword="null"/> for anything else than a field of a form (RFC 7578 §4.2).</summary>
    public static MultipartPart? Parse(string disposition)
    {
        var rest = disposition.AsSpan().Trim();
        // The form's older specification (RFC 2388 §4.2) called some files "file", and choqok calls all of them so.
        var isFile = rest.StartsWith("file;", StringComparison.OrdinalIgnoreCase);
        if (!isFile && !rest.StartsWith("form-data", StringComparison.OrdinalIgnoreCase))
            return null;
        rest = rest[(isFile ? "file" : "form-data").Length..];
        string? name = null;
        var isChosen = false;
        while (TryTakeParameter(ref rest, out var key, out var value))
        {
            if (key.Equals("name", StringComparison.OrdinalIgnoreCase))
                name ??= value;
            if (!key.Equals("filename", StringComparison.OrdinalIgnoreCase) && !key.Equals("filename*", StringComparison.OrdinalIgnoreCase))
                continue;
            isFile = true;
            isChosen |= value.Length > 0;
        }

        return rest.Trim().IsEmpty && name is { Length: > 0 and <= MaxName } ? new MultipartPart(name, isFile, isChosen) : null;
    }

    // "; key=value", quoted or not. In quotes a backslash takes the next sign as it is; browsers write %22 for a quote.
    private static bool TryTakeParameter(ref ReadOnlySpan<char> rest, out string key, out string value)
    {
        (key, value) = ("", "");
        var text = rest.TrimStart();
        if (text is not [';', ..] || text.IndexOf('=') is not (> 1 and var equals))
            return false;
        key = text[1..equals].Trim().ToString();
        text = text[(equals + 1)..];
        if (text is not ['"', ..])
        {
            var end = text.IndexOf(';') is var semicolon and >= 0 ? semicolon : text.Length;
            value = text[..end].Trim().ToString();
            rest = text[end..];
            return true;
        }

        var unquoted = new StringBuilder();
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                value = unquoted.ToString();
                rest = text[(at + 1)..];
                return true;
            }

            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            unquoted.Append(text[at]);
        }

        return false;
    }
}
