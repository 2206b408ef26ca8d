using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>Turns page models into HTML. The default lives in Microblog.AspNetCore; a host may replace it.</summary>
public interface IPageRenderer
{
    /// <summary>Renders a whole document. Text in the model is hostile: whoever renders it encodes it.</summary>
    ValueTask<string> RenderAsync(Page page, CancellationToken cancellationToken);

    /// <summary>Renders a notice alone, as an item of a list, so that a script can put it into a page that is open.</summary>
    /// <param name="entry">The notice as the viewer sees it.</param>
    /// <param name="reactions">What the viewer did to it, and maybe to others.</param>
    /// <param name="back">The path of the page, for its forms to come back to.</param>
    /// <param name="frame">Who looks.</param>
    /// <param name="cancellationToken">Cancels the rendering.</param>
    ValueTask<string> RenderNoticeAsync(
        TimelineEntry entry, IReadOnlyList<Reaction> reactions, string back, PageFrame frame, CancellationToken cancellationToken);
}
