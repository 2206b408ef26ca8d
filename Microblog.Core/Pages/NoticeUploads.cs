using System.Globalization;
using Microblog.Http;
using Microblog.Media;

namespace Microblog.Pages;

/// <summary>The pictures that come with a notice's form: new files, and uploads of the time before.</summary>
internal sealed class NoticeUploads(MicroblogNode node, Profile person, MicroblogOptions options)
{
    private readonly Dictionary<string, Attachment> fresh = new(StringComparer.Ordinal);
    private readonly List<Attachment> all = [];

    /// <summary>In the order of the form's fields.</summary>
    public IReadOnlyList<Attachment> All => all;

    /// <summary>Reads the form to its end and takes in its files.</summary>
    /// <returns>Why one was refused, and with which status; nothing when all is well.</returns>
    public async ValueTask<(string Problem, int Status)?> TakeAsync(PostedFiles files, CancellationToken cancellationToken)
    {
        (string Problem, int Status)? problem = null;
        while (await files.NextAsync(cancellationToken).ConfigureAwait(false) is { } file)
        {
            if (file.Content is not { } content)
                return (AttachmentDesk.TooLarge(options.MaxAttachmentBytes), 413);
            var upload = await node.UploadAsync(person.Id, content, "", cancellationToken).ConfigureAwait(false);
            if (upload.IsDone(out var attachment, out var refusal))
                fresh.TryAdd(file.Field, attachment);
            else
                problem ??= (refusal, 400);
        }

        return problem;
    }

    /// <summary>Puts the pictures in order and writes down what the form says of them.</summary>
    /// <inheritdoc cref="TakeAsync"/>
    public async ValueTask<(string Problem, int Status)?> DescribeAsync(NodeForm form, CancellationToken cancellationToken)
    {
        (string Problem, int Status)? problem = null;
        for (var slot = 1; slot <= options.MaxAttachments; slot++)
        {
            var number = slot.ToString(CultureInfo.InvariantCulture);
            if (await FindAsync(form, number, cancellationToken).ConfigureAwait(false) is not { } attachment)
            {
                if (form.Has("attachment" + number))
                    problem ??= ("A picture is not there any more. Choose it again.", 400);
                continue;
            }

            if (form.Has("remove" + number))
            {
                await node.WithdrawAsync(person.Id, attachment.Id, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var description = form["description" + number].Replace("\r\n", "\n", StringComparison.Ordinal).Trim();
            if (description != attachment.Description)
            {
                var described = await node.DescribeAsync(person.Id, attachment.Id, description, cancellationToken).ConfigureAwait(false);
                if (described.IsDone(out var next, out var refusal))
                    attachment = next;
                else
                    problem ??= (refusal, 400);
            }

            all.Add(attachment);
        }

        return problem;
    }

    /// <summary>Removes what this form brought, for it could not be read to its end.</summary>
    public async ValueTask WithdrawAsync()
    {
        foreach (var attachment in fresh.Values)
            await node.WithdrawAsync(person.Id, attachment.Id, CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask<Attachment?> FindAsync(NodeForm form, string number, CancellationToken cancellationToken)
    {
        if (fresh.TryGetValue("file" + number, out var attachment))
            return attachment;
        var id = new AttachmentId(Visit.Number(form["attachment" + number]));
        return !id.IsNone && await node.FindAttachmentAsync(id, person.Id, cancellationToken).ConfigureAwait(false) is { Notice: null } found
            ? found.Attachment
            : null;
    }
}
