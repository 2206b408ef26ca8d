using Microblog.Http;

namespace Microblog.Pages;

/// <summary>The files of a form, one after the other as they arrive; the fields between them go into the form.</summary>
/// <remarks>Who sends it is known before; the token has to stand before the first file, so that nobody else's page has one read.</remarks>
internal sealed class PostedFiles(Visit visit, MultipartReader? reader, FormLimits limits, Func<bool> isOurs)
{
    private int textLeft = limits.Text;
    private int filesLeft = limits.Files;

    /// <summary>The next file that was chosen; <see langword="null"/> when all of the form is read.</summary>
    public async ValueTask<PostedFile?> NextAsync(CancellationToken cancellationToken)
    {
        while (reader is not null && await reader.NextAsync(cancellationToken).ConfigureAwait(false) is { } part)
        {
            if (!part.IsFile)
            {
                await ReadFieldAsync(part.Name, cancellationToken).ConfigureAwait(false);
                continue;
            }

            RefuseForged();
            var content = await reader.ReadAsync(limits.File, cancellationToken).ConfigureAwait(false);
            // Of a field in which nothing was chosen browsers send an empty file without a name.
            if (content is { IsEmpty: true } && !part.IsChosen)
                continue;
            if (filesLeft-- == 0)
                throw new NodeBodyException(413, $"At most {limits.Files} files go with this form.");
            return new PostedFile(part.Name, content);
        }

        RefuseForged();
        return null;
    }

    private async ValueTask ReadFieldAsync(string name, CancellationToken cancellationToken)
    {
        if (await reader!.ReadAsync(textLeft, cancellationToken).ConfigureAwait(false) is not { } value)
            throw new NodeBodyException(413, $"The fields of the form are larger than {limits.Text} bytes.");
        textLeft -= value.Length;
        if (value.Span.Contains((byte)0) || name.Contains('\0', StringComparison.Ordinal))
            throw new NodeBodyException(400, "The request contains a NUL character or half a character.");
        visit.Form.Add(name, System.Text.Encoding.UTF8.GetString(value.Span));
    }

    private void RefuseForged()
    {
        if (!isOurs())
            throw new NodeBodyException(403, "The form was too old, or it did not come from a page of this site. Nothing was changed. Go back, reload the page, and send it again.");
    }
}

/// <summary>A file that somebody chose in a form.</summary>
/// <param name="Field">The field.</param>
/// <param name="Content">The bytes; <see langword="null"/> when there are too many, and then nothing behind it can be read.</param>
internal sealed record PostedFile(string Field, ReadOnlyMemory<byte>? Content);

/// <summary>How much a form with files may hold.</summary>
/// <param name="Text">Bytes of all its fields together.</param>
/// <param name="Files">How many files.</param>
/// <param name="File">Bytes of each of them.</param>
internal sealed record FormLimits(int Text, int Files, int File)
{
    /// <summary>Bytes of the whole body.</summary>
    public int Body => Text + (Files * File) + (MultipartReader.MaxParts * 1024);
}
