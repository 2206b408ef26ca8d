using System.Globalization;
using System.Text;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Storage;

namespace Microblog.Omb.Service;

/// <summary>A request token as a credential of the node's store.</summary>
internal sealed class RequestTokenRecord(string scope, ISecretProtector protector)
{
    // "Expired" and "used" are told for a while after the end.
    private static readonly TimeSpan KeptLonger = TimeSpan.FromHours(1);

    /// <summary>The token as it is kept.</summary>
    public Credential Write(RequestToken token) => new()
    {
        Scope = scope,
        Token = token.Credentials.Token,
        // The verifier is as good as a secret, so it is kept like one.
        ProtectedSecret = protector.Protect(Encoding.ASCII.GetBytes($"{token.Credentials.Secret}\n{token.Verifier}")),
        Consumer = token.ConsumerKey,
        State = StateOf(token.State),
        Failures = token.WrongVerifiers,
        Data = KeptForm.Write(
        [
            new("consumer", token.ConsumerKey),
            new("callback", token.Callback),
            new("data", token.Data),
            new("grant", token.GrantData),
            new("expires", token.ExpiresAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
        ]),
        Expires = token.ExpiresAt + KeptLonger,
    };

    /// <summary>The token; <see langword="null"/> when there is none, or its secrets cannot be opened any more.</summary>
    public RequestToken? Read(Credential? credential)
    {
        if (credential is null || protector.Unprotect(credential.ProtectedSecret.Span) is not { } opened)
            return null;
        var secrets = Encoding.ASCII.GetString(opened).Split('\n');
        var kept = KeptForm.Read(credential.Data);
        return new RequestToken
        {
            Credentials = new TokenCredentials(credential.Token, secrets[0]),
            ConsumerKey = kept("consumer")!,
            Callback = kept("callback"),
            Data = kept("data") ?? "",
            GrantData = kept("grant") ?? "",
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(kept("expires")!, CultureInfo.InvariantCulture)),
            State = StateOf(credential.State),
            Verifier = secrets[1].Length > 0 ? secrets[1] : null,
            WrongVerifiers = credential.Failures,
        };
    }

    private static CredentialState StateOf(RequestTokenState state) => state switch
    {
        RequestTokenState.Pending => CredentialState.Pending,
        RequestTokenState.Granted => CredentialState.Authorized,
        RequestTokenState.Denied => CredentialState.Refused,
        RequestTokenState.Used => CredentialState.Used,
        _ => CredentialState.Revoked,
    };

    private static RequestTokenState StateOf(CredentialState state) => state switch
    {
        CredentialState.Pending => RequestTokenState.Pending,
        CredentialState.Authorized => RequestTokenState.Granted,
        CredentialState.Refused => RequestTokenState.Denied,
        CredentialState.Used => RequestTokenState.Used,
        _ => RequestTokenState.Destroyed,
    };
}
