using System.Globalization;
using Microblog.Storage;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Media;

/// <summary>Takes in pictures, and says who may see them.</summary>
internal sealed class AttachmentDesk(IMicroblogStore store, IOptions<MicroblogOptions> options)
{
    // A character may be made of any number of marks.
    private const int CodePointsPerCharacter = 10;

    public async Task<Outcome<Attachment>> UploadAsync(
        ProfileId owner, ReadOnlyMemory<byte> content, string description, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(description);
        var settings = options.Value;
        if (settings.MaxAttachments == 0)
            return Outcome<Attachment>.Refused("Nobody uploads pictures here.");
        if (content.Length > settings.MaxAttachmentBytes)
            return Outcome<Attachment>.Refused(TooLarge(settings.MaxAttachmentBytes));
        if (ObjectTo(description) is { } problem)
            return Outcome<Attachment>.Refused(problem);
        if (!PictureCleaner.Clean(content).IsDone(out var picture, out problem))
            return Outcome<Attachment>.Refused(problem);
        var size = picture.Content.Length;
        if (await store.ReadAsync(Freshness.Latest, (session, ct) => ObjectToAsync(session, owner, size, ct), cancellationToken).ConfigureAwait(false) is { } full)
            return Outcome<Attachment>.Refused(full);

        using var id = store.Ids.Draw();
        var attachment = new Attachment
        {
            Id = id.Attachment,
            Blob = BlobKey.Of(picture.Content.Span),
            MediaType = picture.MediaType,
            Size = size,
            Width = picture.Width,
            Height = picture.Height,
            Description = description,
        };
        // The bytes first: what a crash leaves is then bytes that nothing names, never a row without them.
        await store.Blobs.WriteAsync(attachment.Blob, picture.Content, cancellationToken).ConfigureAwait(false);
        problem = await store.ExecuteAsync(
            async (session, ct) =>
            {
                // Again, for two uploads of one person may have been let through at once; who is found here waits for the other.
                if (await ObjectToAsync(session, owner, size, ct).ConfigureAwait(false) is { } objection)
                    return objection;
                await session.Attachments.AddAsync(attachment, owner, ct).ConfigureAwait(false);
                return null;
            },
            cancellationToken).ConfigureAwait(false);
        return problem is null ? Outcome<Attachment>.Done(attachment) : Outcome<Attachment>.Refused(problem);
    }

    public async Task<Outcome<Attachment>> DescribeAsync(ProfileId owner, AttachmentId id, string description, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(description);
        if (ObjectTo(description) is { } problem)
            return Outcome<Attachment>.Refused(problem);
        var described = await store.ExecuteAsync(
            async (session, ct) => await session.Attachments.DescribeAsync(id, owner, description, ct).ConfigureAwait(false)
                ? await session.Attachments.FindAsync(id, ct).ConfigureAwait(false)
                : null,
            cancellationToken).ConfigureAwait(false);
        return described is null ? Outcome<Attachment>.Refused("There is no such picture.") : Outcome<Attachment>.Done(described.Attachment);
    }

    public async Task<bool> WithdrawAsync(ProfileId owner, AttachmentId id, CancellationToken cancellationToken) =>
        await store.ExecuteAsync((session, ct) => session.Attachments.RemoveAsync(id, owner, ct), cancellationToken).ConfigureAwait(false);

    public async Task<VisibleAttachment?> FindAsync(AttachmentId id, ProfileId viewer, CancellationToken cancellationToken) =>
        await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
            {
                if (await session.Attachments.FindAsync(id, ct).ConfigureAwait(false) is not { } stored)
                    return null;
                if (stored.Notice.IsNone)
                    return stored.Owner == viewer ? new VisibleAttachment(stored.Attachment, null) : null;
                return await session.Notices.FindAsync(stored.Notice, viewer, ct).ConfigureAwait(false) is { } entry
                    ? new VisibleAttachment(stored.Attachment, entry.Notice)
                    : null;
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>What is wrong with a description, or <see langword="null"/>.</summary>
    public static string? ObjectTo(string description)
    {
        if (!NoticeText.IsStorable(description))
            return "The description contains a NUL character or half a character.";
        // Counting what people see costs more than counting what is there.
        return description.Length > 2 * CodePointsPerCharacter * Attachment.MaxDescription
            || NoticeText.Length(description) > CodePointsPerCharacter * Attachment.MaxDescription
            || new StringInfo(description).LengthInTextElements > Attachment.MaxDescription
            ? $"The description has more than {Attachment.MaxDescription} characters." : null;
    }

    /// <summary>What is said of a file that is too large.</summary>
    public static string TooLarge(int limit) => $"The picture is larger than {limit / 1024} KiB.";

    private async ValueTask<string?> ObjectToAsync(IReadSession session, ProfileId owner, int size, CancellationToken cancellationToken)
    {
        if (await session.Profiles.FindAsync(owner, cancellationToken).ConfigureAwait(false) is not { MayAct: true })
            return "There is no such profile.";
        var used = await session.Attachments.MeasureAsync(owner, cancellationToken).ConfigureAwait(false);
        var quota = options.Value.AttachmentQuotaBytes;
        return used + Math.Max(size, IAttachmentReader.LeastCharge) > quota
            ? $"Your pictures take {used >> 20} of the {quota >> 20} MiB that everybody has here: there is no room for this one. Delete notices with pictures that you no longer need."
            : null;
    }
}
