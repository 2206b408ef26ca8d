using System.Globalization;
using System.Text;

namespace Microblog.Omb.OAuth;

/// <summary>What a provider says went wrong, as far as it says so. Whatever it says is survived (OAUTH-63).</summary>
public sealed class ProblemReport
{
    private const int MaxLength = 65_536;

    private readonly ParameterList parameters;

    private ProblemReport(ParameterList parameters) => this.parameters = parameters;

    /// <summary>The problem; <see cref="OAuthProblem.Unknown"/> when none is named, or one that we do not know.</summary>
    public OAuthProblem Problem => OAuthProblems.Parse(Word);

    /// <summary>The word as it was sent; <see langword="null"/> without one. Remote text.</summary>
    public string? Word => parameters.Find(OAuthNames.Problem).Text;

    /// <summary>A sentence for a human; <see langword="null"/> without one. Remote text.</summary>
    public string? Advice => parameters.Find(OAuthNames.ProblemAdvice).Text;

    /// <summary>Whether the same request with a fresh stamp can help: <c>timestamp_refused</c>, <c>nonce_used</c> (OAUTH-55).</summary>
    public bool IsCuredByFreshStamp => Problem is OAuthProblem.TimestampRefused or OAuthProblem.NonceUsed;

    /// <summary>The timestamps that would have been accepted; <see langword="null"/> when not said, or not as two numbers.</summary>
    public (long Earliest, long Latest)? AcceptableTimestamps
    {
        get
        {
            var text = parameters.Find(OAuthNames.AcceptableTimestamps).Text ?? "";
            var dash = text.IndexOf('-');
            return dash > 0 && TryNumber(text.AsSpan(0, dash), out var earliest)
                && TryNumber(text.AsSpan(dash + 1), out var latest) && earliest <= latest
                ? (earliest, latest)
                : null;
        }
    }

    /// <summary>Whether the provider refuses a parameter by name.</summary>
    public bool Rejects(string name)
    {
        var pairs = Encoding.UTF8.GetBytes(parameters.Find(OAuthNames.ParametersRejected).Text ?? "");
        using var builder = new ParameterListBuilder(pairs.Length);
        return builder.TryAddForm(pairs, ParameterPlace.Body) && !builder.Build().Find(name).IsMissing;
    }

    /// <summary>Reads the problem of a failed answer: from the header if it names one, else from the body.</summary>
    /// <param name="authenticate">The values of <c>WWW-Authenticate</c>.</param>
    /// <param name="body">The body, of whatever media type.</param>
    public static ProblemReport Parse(IEnumerable<string?> authenticate, ReadOnlySpan<byte> body)
    {
        foreach (var value in authenticate)
        {
            if (value is not { Length: <= MaxLength })
                continue;

            var bytes = Encoding.UTF8.GetBytes(value);
            using var builder = new ParameterListBuilder(bytes.Length);
            if (AuthorizationHeader.IsOAuth(bytes, out var pairs) && AuthorizationHeader.TryRead(pairs, builder)
                && builder.Build() is var header && !header.Find(OAuthNames.Problem).IsMissing)
                return new(header);
        }

        body = body.Length <= MaxLength ? body.Trim(" \t\r\n"u8) : default;
        using var form = new ParameterListBuilder(body.Length);
        return form.TryAddForm(body, ParameterPlace.Body) ? new(form.Build()) : new(new ParameterList([], []));
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
