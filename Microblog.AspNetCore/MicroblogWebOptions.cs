using System.Security.Claims;
using Microsoft.AspNetCore.Components;

namespace Microblog.AspNetCore;

/// <summary>How a node behaves inside an ASP.NET Core application: who operates it, how its pages look, how fast people may come.
/// Checked once at start-up; each message names the remedy.</summary>
public sealed class MicroblogWebOptions
{
    /// <summary>The claim whose value never changes about a user: the key of the host's users table.</summary>
    /// <value>Default: <see cref="ClaimTypes.NameIdentifier"/>.</value>
    public string SubjectClaim { get; set; } = ClaimTypes.NameIdentifier;

    /// <summary>The claim from which a nickname is suggested.</summary>
    /// <value>Default: <see cref="ClaimTypes.Name"/>.</value>
    public string NameClaim { get; set; } = ClaimTypes.Name;

    /// <summary>Who may see the operator's pages, such as the delivery queue.</summary>
    /// <value>Default: users in the role <c>operator</c>.</value>
    public Func<ClaimsPrincipal, bool> IsOperator { get; set; } = user => user.IsInRole("operator");

    /// <summary>The component around every page: a <see cref="LayoutComponentBase"/> with a parameter <c>Page</c> of type
    /// <see cref="Microblog.Pages.Page"/>. It renders the whole document, from <c>html</c> on.</summary>
    /// <value>Default: the node's own <see cref="Pages.MicroblogLayout"/>.</value>
    public Type Layout { get; set; } = typeof(Pages.MicroblogLayout);

    /// <summary>Components that replace or add pages: from a type derived from <see cref="Microblog.Pages.Page"/> to a component with a
    /// parameter <c>Model</c> of that type.</summary>
    public IDictionary<Type, Type> Components { get; } = new Dictionary<Type, Type>();

    /// <summary>The page where people sign in, for a link in the navigation: a path of the site. Empty for none; pages that need
    /// somebody challenge by themselves.</summary>
    public string SignInPath { get; set; } = "";

    /// <summary>Where a form of the navigation signs people out by POST: a path of the site. Empty for no such form.</summary>
    public string SignOutPath { get; set; } = "";

    /// <summary>The security policy of pages. A layout with own scripts or pictures widens it.</summary>
    /// <value>Default: nothing but the own stylesheet and pictures of this site; no scripts; no frames around it. Pages with a script of the
    /// node's (<see cref="Microblog.Pages.Page.HasScript"/>) also permit scripts of this site, unless the policy says something about scripts.</value>
    public string ContentSecurityPolicy { get; set; } =
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>How long a body may take to arrive, however steadily it drips; then the request ends with 408.</summary>
    /// <value>Default 30 seconds; above zero and at most an hour.</value>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for a form that carries pictures.</summary>
    /// <value>Default 5 minutes; above zero and at most an hour.</value>
    public TimeSpan UploadTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many requests one visitor may make.</summary>
    public RateLimitOptions RateLimits { get; } = new();
}
