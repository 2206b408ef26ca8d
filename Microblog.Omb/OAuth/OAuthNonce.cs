namespace Microblog.Omb.OAuth;

/// <summary>What makes a request unrepeatable: it is accepted once for each different value of this record.</summary>
/// <remarks>Remember it in the same transaction as what the request changes, and only after its signature held (OAUTH-21 to
/// OAUTH-23, OAUTH-27).</remarks>
/// <param name="ConsumerKey">Who sent it.</param>
/// <param name="Token">The token used; empty without one.</param>
/// <param name="Timestamp">The request's own timestamp, seconds since 1970.</param>
/// <param name="Value">The nonce, at most 255 characters.</param>
/// <param name="ForgetAfter">From then on the timestamp alone refuses a repetition, so the memory may end.</param>
public sealed record OAuthNonce(string ConsumerKey, string Token, long Timestamp, string Value, DateTimeOffset ForgetAfter);
