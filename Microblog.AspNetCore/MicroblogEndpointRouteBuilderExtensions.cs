using Microblog;
using Microblog.AspNetCore;
using Microblog.AspNetCore.Hosting;
using Microblog.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps a node's addresses.</summary>
public static class MicroblogEndpointRouteBuilderExtensions
{
    /// <summary>Maps every address of the node.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="path">Where the application sees the node. By default the path of <see cref="MicroblogOptions.BaseUri"/>; say it when
    /// a proxy or <c>UsePathBase</c> takes a part of that path away before routing: <c>""</c> when all of it.</param>
    /// <returns>All endpoints of the node, for conventions of the host.</returns>
    /// <remarks>Where the application demands a signed-in user everywhere (a fallback policy), call <c>AllowAnonymous()</c> on the result:
    /// other services prove themselves by signatures, and pages that need somebody ask for that by themselves.</remarks>
    public static IEndpointConventionBuilder MapMicroblog(this IEndpointRouteBuilder endpoints, string? path = null)
    {
        var services = endpoints.ServiceProvider;
        var addresses = services.GetRequiredService<NodeAddresses>();
        var shared = new NodeEndpointServices(
            services.GetRequiredService<NodeRouter>(),
            addresses,
            services.GetRequiredService<RequestLimits>(),
            services.GetRequiredService<ResponseWriter>(),
            services.GetRequiredService<IOptions<MicroblogWebOptions>>().Value,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<NodeEndpoint>>());
        var mapped = (path ?? Uri.UnescapeDataString(addresses.PathBase)).TrimEnd('/');
        var group = endpoints.MapGroup("");
        var below = new PublicTarget(addresses.PathBase, mapped);
        var site = new PublicTarget("", "");
        foreach (var route in shared.Router.Routes)
        {
            var isNode = route.Place == RoutePlace.Node;
            group.MapMethods(
                (isNode ? mapped : "") + route.Template,
                MethodsOf(route),
                new NodeEndpoint(route, isNode ? below : site, shared).InvokeAsync)
                .WithDisplayName($"Microblog {route.Method} {route.Template}");
        }

        // Without these a fallback of the host, which takes any method, would answer in their place, and senders would see 404 (OMB-50).
        // Other services' addresses only: "/{nickname}" would take every form and preflight of the host.
        foreach (var routes in shared.Router.Routes.GroupBy(route => (route.Place, route.Template)).Where(g => g.Any(r => r.Access == RouteAccess.Credential)))
        {
            var refusal = NodeRouter.MethodNotAllowed(routes.SelectMany(MethodsOf));
            group.Map(
                (routes.Key.Place == RoutePlace.Node ? mapped : "") + routes.Key.Template,
                context => services.GetRequiredService<ResponseWriter>().WriteAsync(context, refusal).AsTask())
                .WithDisplayName($"Microblog {routes.Key.Template}, other methods");
        }

        return group;
    }

    private static string[] MethodsOf(NodeRoute route) => route.Method == HttpMethods.Get ? [HttpMethods.Get, HttpMethods.Head] : [route.Method];
}
