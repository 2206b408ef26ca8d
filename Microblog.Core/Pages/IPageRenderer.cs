namespace Microblog.Pages;

/// <summary>Turns page models into HTML. The default lives in Microblog.AspNetCore; a host may replace it.</summary>
public interface IPageRenderer
{
    /// <summary>Renders a whole document. Text in the model is hostile: whoever renders it encodes it.</summary>
    ValueTask<string> RenderAsync(Page page, CancellationToken cancellationToken);
}
