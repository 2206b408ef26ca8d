using System.Security.Claims;
using Microblog.Pages;
using Microsoft.Extensions.Primitives;

namespace Microblog.Testing.Simulation;

/// <summary>A request on its way.</summary>
/// <param name="User">Who the browser is signed in as at that site; a simulated browser needs no password.</param>
internal sealed record WireRequest(
    string Method, Uri Uri, IDictionary<string, StringValues> Headers, ReadOnlyMemory<byte> Body, ClaimsPrincipal? User = null);

/// <summary>An answer on its way.</summary>
/// <param name="Page">The page as the node made it, for a simulated browser, which reads no HTML.</param>
internal sealed record WireAnswer(
    int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body, Page? Page = null)
{
    public string? Header(string name) =>
        Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).FirstOrDefault();
}
