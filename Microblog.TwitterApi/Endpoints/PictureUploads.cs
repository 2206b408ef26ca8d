using Microblog.Text;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>The pictures that a request wants to go with what it writes, be that a notice or a letter: none of them is dropped silently.</summary>
internal sealed class PictureUploads(MicroblogNode node, NodeAddresses addresses, IOptions<MicroblogOptions> options)
{
    /// <summary>The parameter that names pictures uploaded before.</summary>
    public const string Parameter = "media_ids";

    private const int Problem = 324;

    /// <summary>Whether the request brings or names a picture.</summary>
    public static bool AreWanted(ApiCall call) => call.File is not null || call.Parameters.Has(Parameter);

    /// <summary>The pictures, the one that came along uploaded, or why something is wrong with them.</summary>
    /// <param name="call">Brings one perhaps.</param>
    /// <param name="named">The numbers of pictures uploaded before, with commas between them.</param>
    /// <param name="text">May hold the addresses of others.</param>
    /// <param name="cancellationToken">Cancels the upload.</param>
    public async ValueTask<(IReadOnlyList<AttachmentId> Pictures, ApiRefusal? Refusal)> TakeAsync(
        ApiCall call, string named, string text, CancellationToken cancellationToken)
    {
        List<AttachmentId> pictures = [.. named.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(id => new AttachmentId(ApiParameters.Number(id))).Distinct().Take(options.Value.MaxAttachments + 1)];
        if (pictures.Contains(default))
            return ([], new ApiRefusal(400, Problem, $"The parameter {Parameter} holds something that is no number of a picture."));
        // StatusNet's clients upload first, and put the address that they got into the text.
        foreach (var link in NoticeText.Split(text).Where(part => part.Kind == TextPartKind.Link && addresses.IsOwn(part.Value)).Take(options.Value.MaxAttachments))
        {
            var id = new AttachmentId(ApiParameters.Number(link.Value.AsSpan(link.Value.LastIndexOf('/') + 1)));
            if (link.Value == addresses.AttachmentUrl(id) && !pictures.Contains(id)
                && await node.FindAttachmentAsync(id, call.Reader, cancellationToken).ConfigureAwait(false) is { Notice: null })
                pictures.Add(id);
        }

        if (call.File is not { } file)
            return (pictures, null);
        var uploaded = await node.UploadAsync(call.Reader, file, "", cancellationToken).ConfigureAwait(false);
        return uploaded.IsDone(out var attachment, out var problem) ? ([.. pictures, attachment.Id], null) : ([], new ApiRefusal(400, Problem, problem));
    }
}
