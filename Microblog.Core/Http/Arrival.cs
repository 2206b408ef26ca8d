namespace Microblog.Http;

/// <summary>How a request reached the application, before its public address was put back together.</summary>
/// <remarks>As hostile as the rest of the request, and nothing is decided by it: it tells an operator what a proxy did on the way.
/// The default says that nothing is known.</remarks>
/// <param name="Scheme"><c>http</c> or <c>https</c>, after the host's own middleware for forwarded headers.</param>
/// <param name="Host">Host and port, after the same middleware; empty when there were none.</param>
/// <param name="Target">The request target as it stood in the request line.</param>
public readonly record struct Arrival(string? Scheme, string? Host, string? Target);
