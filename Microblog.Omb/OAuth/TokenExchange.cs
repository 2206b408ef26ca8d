using System.Security.Cryptography;
using System.Text;

namespace Microblog.Omb.OAuth;

/// <summary>A verified request to exchange a request token for an access token. The store carries it out, this judges.</summary>
public sealed class TokenExchange
{
    /// <summary>The request token.</summary>
    public required string Token { get; init; }

    /// <summary>To be remembered in the same transaction; <see langword="null"/> only for PLAINTEXT.</summary>
    public required OAuthNonce? Nonce { get; init; }

    /// <summary>Who asks, by the signature.</summary>
    public required string ConsumerKey { get; init; }

    /// <summary>The verifier that came, or did not.</summary>
    public required FormField Verifier { get; init; }

    /// <summary>The provider's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How many wrong verifiers destroy the request token.</summary>
    public required int VerifierAttempts { get; init; }

    /// <summary>The access token to be issued, made beforehand so that a transaction can run again.</summary>
    public required TokenCredentials New { get; init; }

    /// <summary>Whether the token may be exchanged, in the state that it has inside the store's transaction.</summary>
    /// <remarks>Pure: a transaction that is run again may ask again. OAUTH-33, OAUTH-35, OAUTH-38, OAUTH-39.</remarks>
    public ExchangeVerdict Judge(RequestToken current)
    {
        if (current.ConsumerKey != ConsumerKey)
            return Refuse(OAuthProblem.TokenRejected, "request token of another consumer");

        switch (current.State)
        {
            case RequestTokenState.Used:
                return Refuse(OAuthProblem.TokenUsed, "request token exchanged before");
            case RequestTokenState.Denied:
                return Refuse(OAuthProblem.UserRefused, "the person refused");
            case RequestTokenState.Destroyed:
                return Refuse(OAuthProblem.TokenRejected, "request token destroyed by wrong verifiers");
        }

        if (current.ExpiresAt <= Now)
            return Refuse(OAuthProblem.TokenExpired, "request token expired");
        if (current.State is RequestTokenState.Pending)
            return Refuse(OAuthProblem.PermissionUnknown, "the person has not decided");
        if (current.Is10a && Verifier.IsMissing)
            return new ExchangeVerdict.Refused(OAuthRefusal.Missing(OAuthNames.Verifier) with { Status = 401 }, null);
        if (current.Is10a && !VerifierMatches(current.Verifier))
            return WrongVerifier(current);

        return new ExchangeVerdict.Issued(
            current with { State = RequestTokenState.Used },
            new AccessToken { Credentials = New, ConsumerKey = ConsumerKey, Data = current.Data, GrantData = current.GrantData });
    }

    private static ExchangeVerdict.Refused Refuse(OAuthProblem problem, string detail) => new(new(problem, detail), null);

    private ExchangeVerdict.Refused WrongVerifier(RequestToken current)
    {
        var wrong = current.WrongVerifiers + 1;
        return new(new(OAuthProblem.VerifierInvalid, FormattableString.Invariant($"wrong verifier, number {wrong}")), current with
        {
            WrongVerifiers = wrong,
            State = wrong >= VerifierAttempts ? RequestTokenState.Destroyed : current.State,
        });
    }

    private bool VerifierMatches(string? expected) => expected is not null && CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(Verifier.Text ?? ""), Encoding.UTF8.GetBytes(expected));
}

/// <summary>What is to become of an exchange.</summary>
public abstract record ExchangeVerdict
{
    private ExchangeVerdict()
    {
    }

    /// <summary>The nonce was known: nothing changes.</summary>
    public static ExchangeVerdict NonceUsed { get; } = new Refused(new(OAuthProblem.NonceUsed, "nonce used before"), null);

    /// <summary>The request token is gone: nothing changes.</summary>
    public static ExchangeVerdict Unknown { get; } = new Refused(new(OAuthProblem.TokenRejected, "request token unknown"), null);

    /// <summary>The store keeps the used request token and the new access token.</summary>
    public sealed record Issued(RequestToken Used, AccessToken Access) : ExchangeVerdict;

    /// <summary>No access token. The store keeps the changed request token (a wrong verifier is counted), if there is one.</summary>
    public sealed record Refused(OAuthRefusal Refusal, RequestToken? Changed) : ExchangeVerdict;
}
