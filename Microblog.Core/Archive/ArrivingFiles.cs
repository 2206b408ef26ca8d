using Microblog.Media;
using Microblog.Storage;

namespace Microblog.Archive;

/// <summary>The pictures of an archive: cleaned again, because anybody may have made it.</summary>
internal sealed class ArrivingFiles(IMicroblogStore store, MicroblogOptions options, ArchiveFile file)
{
    // What each file is, without its bytes, once it was looked at.
    private readonly Dictionary<string, Attachment> known = new(StringComparer.Ordinal);

    /// <summary>Looks whether a file can be taken.</summary>
    /// <returns>What it counts for in the person's quota.</returns>
    /// <exception cref="ArchiveException">It is missing, too large or no picture that can be cleaned.</exception>
    public async ValueTask<int> CheckAsync(ArchivedAttachment named, ArchiveLine line, CancellationToken cancellationToken)
    {
        if (!known.TryGetValue(named.File, out var attachment))
        {
            if (file.Find(ArchiveFormat.Files + named.File) is null)
                throw new ArchiveException($"The file {named.File} is not in the archive.", line.Entry, line.Number);
            var picture = await ReadAsync(named.File, cancellationToken).ConfigureAwait(false);
            known[named.File] = attachment = new Attachment
            {
                Id = default,
                Blob = BlobKey.Of(picture.Content.Span),
                MediaType = picture.MediaType,
                Size = picture.Content.Length,
                Width = picture.Width,
                Height = picture.Height,
            };
        }

        return Math.Max(attachment.Size, IAttachmentReader.LeastCharge);
    }

    /// <summary>Keeps the bytes of a notice's files.</summary>
    public async ValueTask KeepAsync(IReadOnlyList<ArchivedAttachment> attachments, CancellationToken cancellationToken)
    {
        foreach (var named in attachments)
        {
            var picture = await ReadAsync(named.File, cancellationToken).ConfigureAwait(false);
            await store.Blobs.WriteAsync(BlobKey.Of(picture.Content.Span), picture.Content, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A file that was looked at, as an attachment.</summary>
    public Attachment Attachment(ArchivedAttachment named, AttachmentId id) => known[named.File] with { Id = id, Description = named.Description };

    private async ValueTask<CleanPicture> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var entry = file.Find(ArchiveFormat.Files + name)!;
        var content = await ArchiveFile.ReadAsync(entry, options.MaxAttachmentBytes, cancellationToken).ConfigureAwait(false);
        return PictureCleaner.Clean(content).IsDone(out var picture, out var problem) ? picture : throw new ArchiveException(problem, entry.FullName);
    }
}
