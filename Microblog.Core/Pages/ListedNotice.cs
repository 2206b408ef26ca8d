using Microblog.Storage;

namespace Microblog.Pages;

/// <summary>A notice as an item of a list.</summary>
/// <param name="Entry">The notice as the viewer sees it.</param>
/// <param name="Reactions">What the viewer did to it, and maybe to others.</param>
/// <param name="Back">The path of the page, for its forms to come back to.</param>
public sealed record ListedNotice(TimelineEntry Entry, IReadOnlyList<Reaction> Reactions, string Back)
{
    /// <summary>The group whose list it is, if the viewer may take notices out of it; none otherwise.</summary>
    public GroupId AdministeredGroup { get; init; }
}
