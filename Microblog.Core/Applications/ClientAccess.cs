namespace Microblog.Applications;

/// <summary>Registered by a room that lets people's own programs in, it opens the pages for that.</summary>
/// <param name="Root">Where programs begin: a path below the node's base, such as <c>/api/</c>.</param>
/// <param name="TakesPasswords">Whether application passwords are accepted there.</param>
public sealed record ClientAccess(string Root, bool TakesPasswords)
{
    /// <summary>Whether people may let in programs that nobody registered (<see cref="Application.Unregistered"/>).</summary>
    public bool TakesUnregistered { get; init; }
}
