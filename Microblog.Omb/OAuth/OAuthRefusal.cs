using System.Text;
using Microblog.Http;

namespace Microblog.Omb.OAuth;

/// <summary>Why a request is refused: what the sender learns, and what only our log does.</summary>
/// <param name="Problem">The reason, sent as <c>oauth_problem</c>.</param>
/// <param name="LogDetail">For our log only. Holds no secret, signature or verifier, but remote text: log it as a value.</param>
public sealed record OAuthRefusal(OAuthProblem Problem, string LogDetail)
{
    /// <summary>The HTTP status. Default: that of <see cref="Problem"/>.</summary>
    public int Status { get; init; } = Problem.Status();

    /// <summary>A sentence for a human, sent as <c>oauth_problem_advice</c>; <see langword="null"/> sends none.</summary>
    public string? Advice { get; init; }

    /// <summary>The parameters that were missing.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>The parameters that were refused. A value is sent back, so it must not be secret.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Rejected { get; init; } = [];

    /// <summary>The timestamps that would have been accepted, both ends included, in seconds since 1970.</summary>
    public (long Earliest, long Latest)? AcceptableTimestamps { get; init; }

    /// <summary>What is sent, in order: <c>oauth_problem</c> and its companions (OAUTH-61).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> WireParameters
    {
        get
        {
            var parameters = new List<KeyValuePair<string, string>>();
            if (Problem.WireWord() is { Length: > 0 } word)
                parameters.Add(new(OAuthNames.Problem, word));
            if (Problem is OAuthProblem.VersionRejected)
                parameters.Add(new(OAuthNames.AcceptableVersions, "1.0-1.0"));
            if (AcceptableTimestamps is var (earliest, latest))
                parameters.Add(new(OAuthNames.AcceptableTimestamps, FormattableString.Invariant($"{earliest}-{latest}")));
            if (Absent.Count > 0)
                parameters.Add(new(OAuthNames.ParametersAbsent, string.Join('&', Absent.Select(name => PercentEncoding.Encode(name)))));
            if (Rejected.Count > 0)
                parameters.Add(new(OAuthNames.ParametersRejected, WireForm.Encode(Rejected)));
            if (Advice is not null)
                parameters.Add(new(OAuthNames.ProblemAdvice, Advice));

            return parameters;
        }
    }

    /// <summary>The answer: <c>WWW-Authenticate: OAuth realm="…"</c> with the problem, and the same as a form in the body.</summary>
    /// <remarks>OAUTH-60, OAUTH-61.</remarks>
    public NodeResponse ToResponse(string realm)
    {
        var challenge = new StringBuilder("OAuth realm=\"").Append(Quoted(realm)).Append('"');
        foreach (var (name, value) in WireParameters)
            challenge.Append(", ").Append(name).Append("=\"").Append(PercentEncoding.Encode(value)).Append('"');

        return NodeResponse.Bytes(Status, WireForm.MediaType, Encoding.ASCII.GetBytes(WireForm.Encode(WireParameters)))
            .With("WWW-Authenticate", challenge.ToString())
            .With("Cache-Control", "no-store") with
        {
            Refusal = new Refusal(Problem.ToString(), LogDetail, OAuthRemedies.Of(Problem)),
        };
    }

    internal static OAuthRefusal Missing(params string[] names) =>
        new(OAuthProblem.ParameterAbsent, "missing " + string.Join(", ", names)) { Absent = names };

    internal static OAuthRefusal Bad(string name, string value, string detail) =>
        new(OAuthProblem.ParameterRejected, detail) { Rejected = [new(name, value)] };

    // The realm comes from configuration; what a quoted string or a header cannot hold is left out or escaped.
    private static string Quoted(string realm) =>
        string.Concat(realm.Where(c => c is >= ' ' and <= '~').Select(c => c is '"' or '\\' ? "\\" + c : c.ToString()));
}
