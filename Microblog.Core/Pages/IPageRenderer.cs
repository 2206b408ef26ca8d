namespace Microblog.Pages;

/// <summary>Turns page models into HTML. The default lives in Microblog.AspNetCore; a host may replace it.</summary>
public interface IPageRenderer
{
    /// <summary>Renders a whole document. Text in the model is hostile: whoever renders it encodes it.</summary>
    ValueTask<string> RenderAsync(Page page, CancellationToken cancellationToken);

    /// <summary>Renders a notice alone, as an item of a list, so that a script can put it into a page that is open.</summary>
    /// <param name="item">The notice.</param>
    /// <param name="frame">Who looks.</param>
    /// <param name="cancellationToken">Cancels the rendering.</param>
    ValueTask<string> RenderNoticeAsync(ListedNotice item, PageFrame frame, CancellationToken cancellationToken);
}
