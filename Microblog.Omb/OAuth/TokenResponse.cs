using System.Diagnostics.CodeAnalysis;

namespace Microblog.Omb.OAuth;

/// <summary>What a provider answered to a request for a token.</summary>
public sealed class TokenResponse
{
    /// <summary>Longest answer in bytes that is looked at.</summary>
    public const int MaxLength = 65_536;

    private readonly ParameterList parameters;

    private TokenResponse(ParameterList parameters, TokenCredentials credentials)
    {
        this.parameters = parameters;
        Credentials = credentials;
    }

    /// <summary>Token and secret, both without white space; the token is not empty, nor is the secret.</summary>
    public TokenCredentials Credentials { get; }

    /// <summary>Whether the provider took the callback: the dance goes on by 1.0a, and a verifier is insisted on (OAUTH-52).</summary>
    public bool CallbackConfirmed => parameters.Find(OAuthNames.CallbackConfirmed).Text == "true";

    /// <summary>Another parameter of the answer.</summary>
    public FormField Field(string name) => parameters.Find(name);

    /// <summary>Reads an answer. <see langword="false"/> unless it is status 200 with a token and a secret.</summary>
    /// <remarks>Peers answer with any media type, with white space around, with 200 and nothing, or 200 and an HTML page: only a
    /// value without white space and <c>&lt;</c> is one (OAUTH-53).</remarks>
    public static bool TryParse(int status, ReadOnlySpan<byte> body, [NotNullWhen(true)] out TokenResponse? response)
    {
        response = null;
        body = body.Trim(" \t\r\n"u8);
        if (status != 200 || body.Length > MaxLength)
            return false;

        using var builder = new ParameterListBuilder(body.Length);
        if (!builder.TryAddForm(body, ParameterPlace.Body))
            return false;

        var answer = builder.Build();
        var (token, secret) = (answer.Find(OAuthNames.Token), answer.Find(OAuthNames.TokenSecret));
        if (!IsPlain(token) || !IsPlain(secret))
            return false;

        response = new TokenResponse(answer, new(token.Text!, secret.Text!));
        return true;
    }

    private static bool IsPlain(FormField field) =>
        field is { Count: 1, IsEmpty: false } && !field.Text!.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '\ufffd');
}
