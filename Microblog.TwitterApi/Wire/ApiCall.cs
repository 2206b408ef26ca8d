using Microblog.Http;
using Microblog.TwitterApi.Access;

namespace Microblog.TwitterApi.Wire;

/// <summary>One request to an endpoint, whose format is known and whose caller has been found out.</summary>
internal sealed class ApiCall
{
    /// <summary>All methods, for whoever tells of them.</summary>
    public required ApiMap Map { get; init; }

    /// <summary>As it arrived.</summary>
    public required NodeRequest Request { get; init; }

    /// <summary>In what the answer is wanted; one that the endpoint knows.</summary>
    public required ApiFormats Format { get; init; }

    /// <summary>What stands in the path behind the endpoint's name; empty when nothing does.</summary>
    public required string PathId { get; init; }

    /// <summary>Form and query.</summary>
    public required ApiParameters Parameters { get; init; }

    /// <summary>Who calls; <see langword="null"/> for nobody in particular.</summary>
    public required Caller? Caller { get; init; }

    /// <summary>The file that came along; <see langword="null"/> for none.</summary>
    public ReadOnlyMemory<byte>? File { get; init; }

    /// <summary>Whether something was left out of the answer that will be in it soon, without anybody writing.</summary>
    public bool IsCut { get; set; }

    /// <summary>Who reads; none for the public.</summary>
    public ProfileId Reader => Caller?.Person.Id ?? default;

    /// <summary>The person who calls, where the endpoint asks for one.</summary>
    public Profile Person => Caller!.Person;

    /// <summary>The number that the request names; 0 for none. The parameter wins over the path, as StatusNet had it for notices.</summary>
    public long StatusNumber => Parameters.Has("id") ? Parameters.Number("id") : ApiParameters.Number(PathId);

    /// <summary>Answers with one thing or a list of them.</summary>
    public ApiResult Answer(Action<ApiWriter> write, DateTimeOffset? newest = null)
    {
        using var writer = ApiWriter.Create(Format);
        write(writer);
        return ApiResult.Of(writer.Finish(), ApiFormat.MediaType(Format), newest);
    }
}
