using System.Globalization;
using System.Text;
using Microblog.Http;

namespace Microblog.Diagnostics;

/// <summary>Tells anybody who asks how the request arrived, so that <c>microblog doctor</c> can name what a proxy in front does wrong.</summary>
/// <remarks>Lines of <c>name=word</c> after the signature. It costs no look-up, is never cached, and repeats nothing that was sent:
/// what it compares with are constants that the doctor knows too.</remarks>
internal sealed class ArrivalProbe(NodeAddresses addresses, TimeProvider clock) : INodeRoutes
{
    /// <summary>The address, below the node's base.</summary>
    public const string Path = "/microblog/arrival";

    /// <summary>The first line of the answer, by which it is known from any other page that answers 200.</summary>
    public const string Signature = "microblog-arrival 1";

    /// <summary>A path segment that some proxies decode.</summary>
    public const string SampleSegment = "a%2Fb";

    /// <summary>A query that some proxies decode or drop.</summary>
    public const string SampleQuery = "sample=a%2Fb%2Bc+d&empty=";

    public IEnumerable<NodeRoute> Routes =>
    [
        new() { Method = "GET", Template = Path, Handler = AnswerAsync },
        new() { Method = "GET", Template = Path + "/{sample}", Handler = AnswerAsync },
    ];

    private ValueTask<NodeResponse> AnswerAsync(NodeRequest request, CancellationToken cancellationToken)
    {
        var report = ArrivalReport.Of(request, addresses);
        var text = new StringBuilder(Signature).Append('\n');
        Add("scheme", report.Scheme.ToString());
        Add("forwarded", report.IsForwardedUnused ? "unused" : "none");
        Add("host", report.Host.ToString());
        Add("path", report.Path.ToString());
        Add("escapes", request.RawPath.EndsWith(Path, StringComparison.Ordinal) || request.RawPath.EndsWith("/" + SampleSegment, StringComparison.Ordinal) ? "same" : "changed");
        Add("query", request.RawQuery switch { SampleQuery => "same", "" => "missing", _ => "changed" });
        Add("authorization", request.Header("Authorization").Length > 0 ? "present" : "missing");
        Add("clock", clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        return new(NodeResponse.Text(200, text.ToString()).With("Cache-Control", "no-store"));

        void Add(string name, string word) => text.Append(name).Append('=').Append(word.ToLowerInvariant()).Append('\n');
    }
}
