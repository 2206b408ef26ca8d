using Microblog.Http;
using Microblog.TwitterApi.Access;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Wire;

/// <summary>All addresses of the API: finds the method, reads the form, finds out who calls, and puts the answer into its form.</summary>
internal sealed class ApiRoutes(
    ApiMap map, CallerFinder callers, CallerLimits limits, KnownAnswers known, ApiResponses responses, NodeAddresses addresses, IOptions<MicroblogOptions> options) : INodeRoutes
{
    /// <summary>Where the API begins, below the node's base.</summary>
    public const string Root = "/api";

    // Libraries of the later API know no path before the version.
    private static readonly string[] Roots = [Root, "/1", "/1.1"];

    private const int Depth = 6;
    private const int SmallForm = 64 * 1024;

    private static readonly string[] Methods = ["GET", "POST", "DELETE", "OPTIONS"];

    public IEnumerable<NodeRoute> Routes =>
        from root in Roots
        from depth in Enumerable.Range(1, Depth)
        from method in Methods
        select new NodeRoute
        {
            Method = method,
            Template = root + string.Concat(Enumerable.Range(1, depth).Select(segment => $"/{{s{segment}}}")),
            Access = RouteAccess.Credential,
            Rate = RateClass.Client,
            MaxBodyBytes = method == "POST" ? MaxForm + options.Value.MaxAttachmentBytes : 0,
            StreamsBody = method == "POST",
            Handler = AnswerAsync,
        };

    // A character of four bytes takes twelve in a form.
    private int MaxForm => SmallForm + (12 * options.Value.MaxNoticeLength);

    private async ValueTask<NodeResponse> AnswerAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        if (request.Method == "OPTIONS")
            return ApiResponses.Preflight;
        var below = request.RawPath[(addresses.PathBase.Length + 1)..];
        var path = Uri.UnescapeDataString(below.StartsWith("api/", StringComparison.Ordinal) ? below[4..] : below);
        var (endpoint, format, id) = map.Find(path);
        var context = new ApiAnswer(request, format);
        if (endpoint is null)
            return responses.Refuse(context, ApiRefusal.NotFound("There is no such method in this format."));
        if (RefuseMethod(endpoint, request.Method) is { } wrong)
            return responses.Refuse(context, wrong);
        try
        {
            return await AnswerAsync(endpoint, context, id, cancellationToken).ConfigureAwait(false);
        }
        catch (NodeBodyException e)
        {
            return responses.Refuse(context, new ApiRefusal(e.Status, 214, e.Message)).With("Connection", "close");
        }
    }

    private async ValueTask<NodeResponse> AnswerAsync(ApiEndpoint endpoint, ApiAnswer context, string id, CancellationToken cancellationToken)
    {
        var request = await ApiBody.ReadFormAsync(context.Request, MaxForm, cancellationToken).ConfigureAwait(false);
        if (!ApiBody.IsStorable(request))
            return responses.Refuse(context, ApiRefusal.Bad("The request contains a NUL character."));
        var (caller, refusal) = await callers.FindAsync(
            request, endpoint.RemembersNonce ? NonceUse.Method : endpoint.IsWrite ? NonceUse.Store : NonceUse.Process, cancellationToken).ConfigureAwait(false);
        var allowance = limits.Count(caller, request);
        context = context with { Request = request, Allowance = allowance };
        if (allowance.IsUsedUp)
            return responses.Refuse(context, new ApiRefusal(429, 88, "Too many requests. Wait until the limit is reset."));
        if (refusal is not null)
            return responses.Refuse(context, refusal);
        var query = NodeForm.OfQuery(request);
        if (RefuseCaller(endpoint, caller, id, query) is { } denied)
            return responses.Refuse(context, denied);
        var stamp = endpoint.IsAlwaysNew ? null : await known.StampAsync(request, cancellationToken).ConfigureAwait(false);
        var reader = caller?.Key ?? "";
        context = context with { Reader = caller };
        if (known.IsKnown(request, reader, stamp, out var tag))
            return ApiResponses.NotModified(context, tag);
        var (form, file) = await ApiBody.ReadFieldsAsync(request, MaxForm, endpoint.TakesFile ? options.Value.MaxAttachmentBytes : 0, cancellationToken).ConfigureAwait(false);
        var call = new ApiCall
        {
            Map = map,
            Request = request,
            Format = context.Format,
            PathId = id,
            Parameters = new ApiParameters(form, query),
            Caller = caller,
            File = file,
        };
        var answer = responses.Answer(context, await endpoint.Handler(call, cancellationToken).ConfigureAwait(false));
        if (!call.IsCut)
            known.Remember(request, reader, stamp, answer);
        return answer;
    }

    private static ApiRefusal? RefuseMethod(ApiEndpoint endpoint, string method) => method switch
    {
        "GET" or "HEAD" => endpoint.IsWrite ? ApiRefusal.Bad("This method is asked for by POST.") : null,
        "POST" => endpoint.IsWrite || endpoint.AlsoByPost ? null : new ApiRefusal(405, 86, "This method is asked for by GET."),
        _ => endpoint.AlsoByDelete ? null : endpoint.IsWrite ? ApiRefusal.Bad("This method is asked for by POST.") : new ApiRefusal(405, 86, "This method is asked for by GET."),
    };

    private static ApiRefusal? RefuseCaller(ApiEndpoint endpoint, Caller? caller, string id, NodeForm query) => endpoint.Access switch
    {
        ApiAccess.Anyone => null,
        ApiAccess.Named => caller is not null || id.Length > 0 || query.Contains("id") || query.Contains("user_id") || query.Contains("screen_name")
            ? null : ApiRefusal.Unauthorized("Say who you are, or of whom you ask."),
        _ when caller is null => ApiRefusal.Unauthorized("Say who you are."),
        ApiAccess.Write when !caller.MayWrite => ApiRefusal.ReadOnly(),
        _ => null,
    };
}
