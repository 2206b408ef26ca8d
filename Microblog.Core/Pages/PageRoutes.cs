using Microblog.Http;

namespace Microblog.Pages;

/// <summary>Makes the routes of pages, so that who looks is found out and forms are checked in one place.</summary>
internal sealed class PageRoutes(PageFrames frames, ForgeryTokens tokens)
{
    /// <summary>Room for the fields of an ordinary form.</summary>
    public const int SmallForm = 32 * 1024;

    /// <summary>A page that anybody may ask for.</summary>
    public NodeRoute Get(string template, Func<Visit, CancellationToken, ValueTask<NodeResponse>> handler) => new()
    {
        Method = "GET",
        Template = template,
        Handler = async (request, ct) =>
            await handler(new Visit(request, await frames.ForAsync(request.User, ct).ConfigureAwait(false)), ct).ConfigureAwait(false),
    };

    /// <summary>A page for people with a profile; others are led to one.</summary>
    public NodeRoute GetOwn(string template, Func<Visit, Profile, CancellationToken, ValueTask<NodeResponse>> handler) =>
        Get(template, (visit, ct) => visit.Frame.Viewer?.Profile is { } person
            ? handler(visit, person, ct)
            : new(ToJoin(visit))) with { Access = RouteAccess.Person };

    /// <summary>A form of a person with a profile.</summary>
    public NodeRoute Post(string template, Func<Visit, Profile, CancellationToken, ValueTask<NodeResponse>> handler, int maxBody = SmallForm) =>
        PostSigned(template, (visit, ct) => visit.Frame.Viewer?.Profile is { } person ? handler(visit, person, ct) : new(ToJoin(visit)), maxBody);

    /// <summary>A form of anybody who is signed in. The token has to be made for this template.</summary>
    public NodeRoute PostSigned(string template, Func<Visit, CancellationToken, ValueTask<NodeResponse>> handler, int maxBody = SmallForm) => new()
    {
        Method = "POST",
        Template = template,
        Access = RouteAccess.Person,
        Rate = RateClass.Write,
        MaxBodyBytes = maxBody,
        Handler = async (request, ct) =>
        {
            var visit = new Visit(request, await frames.ForAsync(request.User, ct).ConfigureAwait(false));
            if (request.MediaType != "application/x-www-form-urlencoded")
                return visit.Message(415, "This is not a form", "Send the fields as application/x-www-form-urlencoded.");
            return tokens.IsValid(visit.Form[ForgeryTokens.Field], visit.Frame.Viewer!.User.Subject, template)
                ? await handler(visit, ct).ConfigureAwait(false)
                : Forged(visit);
        },
    };

    /// <summary>A form of a person with a profile that may carry files. The handler takes them one by one; until it has, not all fields are there.</summary>
    public NodeRoute PostFiles(string template, Func<Visit, Profile, PostedFiles, CancellationToken, ValueTask<NodeResponse>> handler, FormLimits limits) => new()
    {
        Method = "POST",
        Template = template,
        Access = RouteAccess.Person,
        Rate = RateClass.Write,
        MaxBodyBytes = limits.Body,
        StreamsBody = true,
        Handler = async (request, ct) =>
        {
            var visit = new Visit(request, await frames.ForAsync(request.User, ct).ConfigureAwait(false));
            if (request.MediaType == "application/x-www-form-urlencoded")
                visit.Form = await ReadWholeAsync(request, limits.Text, ct).ConfigureAwait(false);
            else if (request.MediaType != "multipart/form-data")
                return visit.Message(415, "This is not a form", "Send the fields as application/x-www-form-urlencoded or multipart/form-data.");
            else
                visit.Form = new NodeForm();
            if (visit.Frame.Viewer?.Profile is not { } person)
                return ToJoin(visit);
            bool IsOurs() => tokens.IsValid(visit.Form[ForgeryTokens.Field], visit.Frame.Viewer!.User.Subject, template);
            if (request.MediaType != "multipart/form-data")
                return IsOurs() ? await handler(visit, person, new PostedFiles(visit, null, limits, IsOurs), ct).ConfigureAwait(false) : Forged(visit);
            if (MultipartReader.BoundaryOf(request.Header("Content-Type")) is not { } boundary)
                return visit.Message(400, "This is not a form", "The media type names no boundary.");
            var reader = new MultipartReader(request.OpenBody(), boundary);
            return await handler(visit, person, new PostedFiles(visit, reader, limits, IsOurs), ct).ConfigureAwait(false);
        },
    };

    private static async ValueTask<NodeForm> ReadWholeAsync(NodeRequest request, int max, CancellationToken cancellationToken)
    {
        var bytes = (await request.ReadBodyAsync(max, cancellationToken).ConfigureAwait(false)).Span;
        return bytes.Contains((byte)0) || bytes.IndexOf("%00"u8) >= 0
            ? throw new NodeBodyException(400, "The request contains a NUL character or half a character.")
            : NodeForm.Of(bytes);
    }

    private static NodeResponse Forged(Visit visit) => visit.Message(
        403, "Please try again", "The form was too old, or it did not come from a page of this site. Nothing was changed. Go back, reload the page, and send it again.");

    private static NodeResponse ToJoin(Visit visit) => NodeResponse.SeeOther(visit.Frame.At("/join"));
}
