using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microblog.Http;

namespace Microblog.Omb.OAuth;

/// <summary>Collects the parameters of a request, then checks the OAuth ones in the order of the specification.</summary>
internal ref struct SignedRequestParser
{
    // In bytes of UTF-8.
    private const int MaxKeyLength = 2048;
    private const int MaxTextLength = 255;

    // The last second of the year 9999; a later one is no time.
    private const long MaxTimestamp = 253_402_300_799;

    private readonly NodeRequest request;
    private readonly OAuthOptions options;
    private readonly ParameterList parameters;
    private OAuthIndex index;

    private SignedRequestParser(NodeRequest request, OAuthOptions options, ParameterList parameters)
    {
        this.request = request;
        this.options = options;
        this.parameters = parameters;
    }

    public static bool TryParse(
        NodeRequest request,
        OAuthOptions options,
        TokenUse token,
        [NotNullWhen(true)] out SignedRequest? parsed,
        [NotNullWhen(false)] out OAuthRefusal? refusal)
    {
        parsed = null;
        refusal = TryCollect(request, out var parameters)
            ?? new SignedRequestParser(request, options, parameters!).Check(token, out parsed);
        return refusal is null;
    }

    /// <summary>RFC 5849 §3.4.1.3.1: the query, the header, and the body if it is a form (OAUTH-3, OAUTH-6).</summary>
    private static OAuthRefusal? TryCollect(NodeRequest request, out ParameterList? parameters)
    {
        parameters = null;
        request.Headers.TryGetValue("Authorization", out var authorization);
        if (authorization.Count > 1)
            return new(OAuthProblem.ParameterRejected, "more than one Authorization header");

        var header = authorization.Count == 0 ? "" : authorization[0] ?? "";
        var target = request.RawTarget.AsSpan();
        var query = target.IndexOf('?') is var mark and >= 0 ? target[(mark + 1)..] : default;
        query = query.IndexOf('#') is var fragment and >= 0 ? query[..fragment] : query;
        var body = WireForm.IsNamedBy(request.Header("Content-Type")) ? request.Body.Span : default;

        var textLength = Encoding.UTF8.GetMaxByteCount(Math.Max(query.Length, header.Length));
        var rented = textLength > 1024 ? ArrayPool<byte>.Shared.Rent(textLength) : null;
        Span<byte> text = rented ?? stackalloc byte[1024];
        using var builder = new ParameterListBuilder((3 * (query.Length + header.Length)) + body.Length);
        try
        {
            if (!builder.TryAddForm(text[..Encoding.UTF8.GetBytes(query, text)], ParameterPlace.Query))
                return TooMany();

            if (AuthorizationHeader.IsOAuth(text[..Encoding.UTF8.GetBytes(header, text)], out var pairs)
                && !AuthorizationHeader.TryRead(pairs, builder))
                return new(OAuthProblem.ParameterRejected, "malformed Authorization header");

            if (!builder.TryAddForm(body, ParameterPlace.Body))
                return TooMany();

            parameters = builder.Build();
            return null;
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }

        static OAuthRefusal TooMany() => new(OAuthProblem.ParameterRejected, "too many parameters")
        {
            Advice = FormattableString.Invariant($"At most {ParameterList.MaxCount} parameters are accepted."),
        };
    }

    private OAuthRefusal? Check(TokenUse use, out SignedRequest? parsed)
    {
        parsed = null;
        if (index.Find(parameters) is { } repeated)
            return repeated;
        if (CheckMethod(out var method) is { } badMethod)
            return badMethod;
        if (CheckPresence(use, method) is { } absent)
            return absent;
        if (Text(index.ConsumerKey, OAuthNames.ConsumerKey, MaxKeyLength, out var consumerKey) is { } badKey)
            return badKey;
        if (Text(index.Token, OAuthNames.Token, MaxTextLength, out var token) is { } badToken)
            return badToken;
        if (use is TokenUse.None && token is not null)
            return OAuthRefusal.Bad(OAuthNames.Token, "", "a token at the request token endpoint");
        if (CheckTimestamp(out var timestamp) is { } badTimestamp)
            return badTimestamp;
        if (Text(index.Nonce, OAuthNames.Nonce, MaxTextLength, out var nonce) is { } badNonce)
            return badNonce;

        parsed = new SignedRequest(request, options, parameters, index.Signature)
        {
            ConsumerKey = consumerKey!,
            Token = token,
            SignatureMethod = method,
            Timestamp = timestamp,
            Nonce = nonce,
        };
        return null;
    }

    /// <summary>Version first, then the method: OAUTH-16, OAUTH-8.</summary>
    private readonly OAuthRefusal? CheckMethod(out SignatureMethod method)
    {
        method = SignatureMethod.None;
        if (index.Version >= 0 && !parameters.Value(index.Version).SequenceEqual("1.0"u8))
            return new(OAuthProblem.VersionRejected, "oauth_version is not 1.0");
        if (IsAbsent(index.SignatureMethod))
            return null;

        method = SignatureMethods.Parse(parameters.Value(index.SignatureMethod));
        if (method is SignatureMethod.None || !options.SignatureMethods.HasFlag(method))
            return new(OAuthProblem.SignatureMethodRejected, "signature method unknown or not offered");
        if (method is SignatureMethod.Plaintext && !request.IsSecure && !options.AcceptPlaintextWithoutTls)
        {
            return new(OAuthProblem.SignatureMethodRejected, "PLAINTEXT without TLS")
            {
                Advice = "PLAINTEXT is accepted over https only.",
            };
        }

        return null;
    }

    private readonly OAuthRefusal? CheckPresence(TokenUse use, SignatureMethod method)
    {
        // The common case first: it must not allocate.
        var timed = method is not SignatureMethod.Plaintext;
        var timestamp = timed && index.Timestamp < 0;
        var nonce = timed && IsAbsent(index.Nonce);
        var token = use is TokenUse.Required && IsAbsent(index.Token);
        if (!IsAbsent(index.ConsumerKey) && !IsAbsent(index.SignatureMethod) && !IsAbsent(index.Signature)
            && !timestamp && !nonce && !token)
            return null;

        var absent = new List<string>(6);
        if (IsAbsent(index.ConsumerKey))
            absent.Add(OAuthNames.ConsumerKey);
        if (token)
            absent.Add(OAuthNames.Token);
        if (IsAbsent(index.SignatureMethod))
            absent.Add(OAuthNames.SignatureMethod);
        if (IsAbsent(index.Signature))
            absent.Add(OAuthNames.Signature);
        if (timestamp)
            absent.Add(OAuthNames.Timestamp);
        if (nonce)
            absent.Add(OAuthNames.Nonce);

        return OAuthRefusal.Missing([.. absent]);
    }

    /// <summary>A positive decimal number without sign (OAUTH-26).</summary>
    private readonly OAuthRefusal? CheckTimestamp(out long? timestamp)
    {
        timestamp = null;
        if (index.Timestamp < 0)
            return null;

        var digits = parameters.Value(index.Timestamp);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > MaxTimestamp)
        {
            var text = parameters.ValueText(index.Timestamp);
            return OAuthRefusal.Bad(OAuthNames.Timestamp, text.Length <= 32 ? text : "", "malformed timestamp");
        }

        timestamp = seconds;
        return null;
    }

    /// <summary>A value that is kept and compared, so it must be text that every store can hold; empty counts as absent.</summary>
    private readonly OAuthRefusal? Text(int at, string name, int maxLength, out string? text)
    {
        text = null;
        if (IsAbsent(at))
            return null;

        var value = parameters.ValueText(at);
        // U+FFFD stands for bytes that are not UTF-8: two different keys would look like one.
        if (Encoding.UTF8.GetByteCount(value) > maxLength || value.AsSpan().ContainsAnyInRange('\0', '\x1f') || value.Contains('\ufffd'))
            return OAuthRefusal.Bad(name, "", name + " too long or not plain text");

        text = value;
        return null;
    }

    private readonly bool IsAbsent(int at) => at < 0 || parameters.Value(at).IsEmpty;
}
