using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microblog.Http;

namespace Microblog.Omb.OAuth;

/// <summary>A request whose OAuth parameters are complete and well formed. Nothing of it is true before
/// <see cref="Verify"/> says so.</summary>
/// <remarks>Parsed once; everything is computed from the bytes that arrived. Not safe for use by several threads at once.</remarks>
public sealed class SignedRequest
{
    private readonly NodeRequest request;
    private readonly OAuthOptions options;
    private readonly ParameterList parameters;
    private readonly int signatureIndex;

    internal SignedRequest(NodeRequest request, OAuthOptions options, ParameterList parameters, int signatureIndex)
    {
        this.request = request;
        this.options = options;
        this.parameters = parameters;
        this.signatureIndex = signatureIndex;
    }

    /// <summary>Who claims to call (<c>oauth_consumer_key</c>): opaque, never empty, at most 2048 characters, compared exactly.</summary>
    public required string ConsumerKey { get; init; }

    /// <summary>The token, at most 255 characters; <see langword="null"/> when absent or empty.</summary>
    public required string? Token { get; init; }

    /// <summary>How it is signed.</summary>
    public required SignatureMethod SignatureMethod { get; init; }

    /// <summary>Seconds since 1970, positive; <see langword="null"/> only with PLAINTEXT.</summary>
    public required long? Timestamp { get; init; }

    /// <summary>The nonce, at most 255 characters; <see langword="null"/> only with PLAINTEXT.</summary>
    public required string? Nonce { get; init; }

    /// <summary>Reads the OAuth and application parameters of header, body and query, or says why it cannot.</summary>
    /// <param name="request">The request as it arrived.</param>
    /// <param name="options">What the provider accepts.</param>
    /// <param name="token">Whether the endpoint needs a token.</param>
    /// <param name="parsed">The request, when the answer is <see langword="true"/>.</param>
    /// <param name="refusal">The reason, when it is <see langword="false"/>.</param>
    /// <remarks>Never throws for what came from the network. OAUTH-13 to OAUTH-16, OAUTH-26.</remarks>
    public static bool TryParse(
        NodeRequest request,
        OAuthOptions options,
        TokenUse token,
        [NotNullWhen(true)] out SignedRequest? parsed,
        [NotNullWhen(false)] out OAuthRefusal? refusal) =>
        SignedRequestParser.TryParse(request, options, token, out parsed, out refusal);

    /// <summary>What the request says under a name, in whatever place (OAuth parameters included).</summary>
    public FormField Field(string name) => parameters.Find(name);

    /// <summary>All parameters as text in the order query, header, body; duplicates kept.</summary>
    public IEnumerable<KeyValuePair<string, string>> Fields()
    {
        for (var i = 0; i < parameters.Count; i++)
            yield return new(parameters.NameText(i), parameters.ValueText(i));
    }

    /// <summary>Checks the timestamp, then the signature.</summary>
    /// <param name="secrets">What the claimed consumer and token share with us.</param>
    /// <param name="now">Our clock.</param>
    /// <returns><see cref="Verification.Accepted"/> with the nonce that the caller remembers together with the effect, or
    /// <see cref="Verification.Rejected"/>.</returns>
    public Verification Verify(OAuthSecrets secrets, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        var tolerance = (long)options.ClockTolerance.TotalSeconds;
        var seconds = now.ToUnixTimeSeconds();
        if (Timestamp is { } sent && (sent < seconds - tolerance || sent > seconds + tolerance))
        {
            var detail = FormattableString.Invariant($"timestamp {sent} at {seconds}");
            return new Verification.Rejected(new(OAuthProblem.TimestampRefused, detail)
            {
                AcceptableTimestamps = (seconds - tolerance, seconds + tolerance),
            });
        }

        if (!SignatureMatches(secrets))
            return new Verification.Rejected(new(OAuthProblem.SignatureInvalid, "wrong signature of " + SignatureMethod.WireName()));

        // One second more, for the window's end is inclusive.
        var nonce = Timestamp is { } timestamp && Nonce is { } value
            ? new OAuthNonce(ConsumerKey, Token ?? "", timestamp, value, DateTimeOffset.FromUnixTimeSeconds(timestamp + tolerance + 1))
            : null;
        return new Verification.Accepted(ConsumerKey, Token, nonce);
    }

    /// <summary>The signature base string, to find out why a signature is wrong. Contains no secret, but the token.</summary>
    public string BaseString() => SignatureBaseString.ToText(request.Method, request.Origin, Path, parameters);

    private bool SignatureMatches(OAuthSecrets secrets)
    {
        var sent = parameters.Value(signatureIndex);
        if (SignatureMethod is SignatureMethod.Plaintext)
            return Signature.Matches(SignatureMethod, sent, default, secrets);

        var buffer = ArrayPool<byte>.Shared.Rent(SignatureBaseString.MaxLength(request.Method, request.Origin, Path, parameters));
        var length = SignatureBaseString.Write(request.Method, request.Origin, Path, parameters, buffer);
        var matches = Signature.Matches(SignatureMethod, sent, buffer.AsSpan(0, length), secrets);
        ArrayPool<byte>.Shared.Return(buffer);
        return matches;
    }

    private ReadOnlySpan<char> Path
    {
        get
        {
            var target = request.RawTarget.AsSpan();
            var end = target.IndexOfAny('?', '#');
            return end < 0 ? target : target[..end];
        }
    }
}

/// <summary>Whether an endpoint works with a token.</summary>
public enum TokenUse
{
    /// <summary>The request token endpoint: there is none yet. An empty one counts as absent.</summary>
    None,

    /// <summary>Everywhere else: without one the request is refused.</summary>
    Required,
}
