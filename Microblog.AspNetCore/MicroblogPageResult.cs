using Microblog.AspNetCore.Hosting;
using Microblog.Http;
using Microblog.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore;

/// <summary>Lets an endpoint of the host answer with a page that looks like the node's: layout, stylesheet and security headers included.</summary>
/// <param name="page">The page; its component is named in <see cref="MicroblogWebOptions.Components"/>.</param>
/// <param name="status">The HTTP status.</param>
public sealed class MicroblogPageResult(Page page, int status = StatusCodes.Status200OK) : IResult
{
    Task IResult.ExecuteAsync(HttpContext httpContext) =>
        httpContext.RequestServices.GetRequiredService<ResponseWriter>().WriteAsync(httpContext, NodeResponse.Page(page, status)).AsTask();
}
