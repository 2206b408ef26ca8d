namespace Microblog.Http;

/// <summary>Why a request was refused, for the log and the operator; the sender gets the response.</summary>
/// <param name="Reason">One word of a closed set.</param>
/// <param name="Detail">What was wrong with this request. May quote the sender, but never a secret, a signature or a body.</param>
/// <param name="Remedy">What the sender would have to change, in words; empty where <paramref name="Detail"/> says it.</param>
public sealed record Refusal(string Reason, string Detail, string Remedy = "");
