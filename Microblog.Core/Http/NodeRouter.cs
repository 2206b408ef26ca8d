using Microblog.Diagnostics;
using Microblog.Identity;
using Microblog.Text;
using Microsoft.Extensions.Logging;

namespace Microblog.Http;

/// <summary>The node as a function from request to response: finds the route, checks who may call it, and answers.</summary>
/// <remarks>A web adapter may match the templates itself, with its own router, and call <see cref="InvokeAsync"/>.</remarks>
public sealed class NodeRouter
{
    private readonly IHostIdentity identity;
    private readonly NodeAddresses addresses;
    private readonly RefusalLog refusals;
    private readonly ILogger<NodeRouter> logger;

    /// <summary>Collects the routes of all rooms.</summary>
    public NodeRouter(IEnumerable<INodeRoutes> rooms, IHostIdentity identity, NodeAddresses addresses, RefusalLog refusals, ILogger<NodeRouter> logger)
    {
        (this.identity, this.addresses, this.refusals, this.logger) = (identity, addresses, refusals, logger);
        // Literal segments win over placeholders, so that "/notice/{id}" is never taken for somebody's page.
        Routes = [.. rooms.SelectMany(r => r.Routes).OrderBy(r => r.Template.Count(c => c == '{'))];
    }

    /// <summary>All routes.</summary>
    public IReadOnlyList<NodeRoute> Routes { get; }

    /// <summary>Answers a request whose route is not known yet: 404 without one, 405 with <c>Allow</c> when only the method is wrong.</summary>
    public ValueTask<NodeResponse> DispatchAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var allowed = new List<string>();
        foreach (var route in Routes)
        {
            if (Match(route, request.RawPath) is not { } values)
                continue;
            if (route.Method != request.Method && !(route.Method == "GET" && request.Method == "HEAD"))
            {
                allowed.Add(route.Method);
                continue;
            }

            return InvokeAsync(route, request.WithRoute(values), cancellationToken);
        }

        return new(allowed.Count == 0
            ? NodeResponse.Text(404, "There is nothing here.")
            : MethodNotAllowed(allowed));
    }

    /// <summary>Answers a request whose route was matched.</summary>
    public async ValueTask<NodeResponse> InvokeAsync(NodeRoute route, NodeRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.Length > route.MaxBodyBytes)
            return refusals.Note(route, request, NodeResponse.Text(413, $"The body is larger than {route.MaxBodyBytes} bytes."));
        if (route.Access != RouteAccess.Credential && !IsStorable(route, request))
            return refusals.Note(route, request, NodeResponse.Text(400, "The request contains a NUL character or half a character."));
        if (Refuse(route, request) is { } refusal)
            return refusals.Note(route, request, refusal);
        try
        {
            return refusals.Note(route, request, await route.Handler(request, cancellationToken).ConfigureAwait(false));
        }
        catch (NodeBodyException e)
        {
            return refusals.Note(route, request, NodeResponse.Text(e.Status, e.Message).With("Connection", "close"));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Fail(route, request, e);
        }
    }

    /// <summary>The answer to a method that an address does not have.</summary>
    public static NodeResponse MethodNotAllowed(IEnumerable<string> allowed) =>
        NodeResponse.Text(405, "This address does not take that method.").With("Allow", string.Join(", ", allowed.Distinct(StringComparer.Ordinal)));

    // Our own fault; the sender may come back later. The reference joins what the person sees with what we log.
    private NodeResponse Fail(NodeRoute route, NodeRequest request, Exception e)
    {
        var reference = refusals.NewReference();
        logger.RequestFailed(e, request.Method, route.Template, reference);
        var response = e is Storage.StoreException { IsTransient: true }
            ? NodeResponse.Text(503, "The node is busy. Try again in a moment.").With("Retry-After", "5")
            : NodeResponse.Text(500, "Something went wrong here, and it is our fault.");
        var fault = new Refusal("OurFault", e.GetType().Name, "Nothing. The log has the exception under this reference.");
        return refusals.Note(route, request, response, fault, reference);
    }

    // Nobody types a NUL, and not every store can keep or look one up. A percent sign always begins an escape, so "%00" means nothing
    // else. Whoever verifies credentials reads the request itself, and says in its own words what is wrong with it.
    // A form that carries files is read field by field by its own route.
    private static bool IsStorable(NodeRoute route, NodeRequest request) =>
        NoticeText.IsStorable(request.RawTarget) && !request.RawTarget.Contains("%00", StringComparison.Ordinal)
        && (route.StreamsBody || (!request.Body.Span.Contains((byte)0) && request.Body.Span.IndexOf("%00"u8) < 0));

    private NodeResponse? Refuse(NodeRoute route, NodeRequest request)
    {
        if (route.Access is RouteAccess.Anyone or RouteAccess.Credential)
            return null;
        if (request.User is null || identity.Identify(request.User) is null)
            return NodeResponse.Challenge(request.Method is "GET" or "HEAD" ? request.LocalTarget(addresses.PathBase + "/") : addresses.PathBase + "/");
        return route.Access == RouteAccess.Operator && !identity.IsOperator(request.User)
            ? NodeResponse.Page(new Pages.MessagePage("For operators", "This page is for the operator of the node.", 403), 403)
            : null;
    }

    private Dictionary<string, object?>? Match(NodeRoute route, string rawPath)
    {
        var prefix = route.Place == RoutePlace.Node ? addresses.PathBase : "";
        if (!rawPath.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        var wanted = route.Template.Split('/');
        var actual = rawPath[prefix.Length..].Split('/');
        if (wanted.Length != actual.Length)
            return null;
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var i = 0; i < wanted.Length; i++)
        {
            var text = Uri.UnescapeDataString(actual[i]);
            if (wanted[i].StartsWith('{'))
            {
                if (text.Length == 0)
                    return null;
                values[wanted[i][1..^1]] = text;
            }
            else if (wanted[i] != text)
            {
                return null;
            }
        }

        return values;
    }
}
