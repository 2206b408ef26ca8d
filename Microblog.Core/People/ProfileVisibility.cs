using Microblog.Moderation;
using Microblog.Storage;

namespace Microblog.People;

/// <summary>Who may see of whom that they are there. What they wrote is the store's question.</summary>
public static class ProfileVisibility
{
    /// <summary>Whether somebody may know of a person: what a subscription brought about a remote one is for its two parties alone (OMB-65).</summary>
    public static async ValueTask<bool> IsKnownToAsync(IReadSession session, ProfileId viewer, Profile person, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(person);
        if (viewer.IsNone)
            return false;
        return person.Scope.IsNone
            || await session.Subscriptions.FindAsync(person.Scope, cancellationToken).ConfigureAwait(false)
                is { } subscription && (subscription.Subscriber == viewer || subscription.Publisher == viewer);
    }

    /// <summary>Whether the operator suspended a person, or blocked their host.</summary>
    public static async ValueTask<bool> IsHiddenAsync(IReadSession session, Profile person, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(person);
        return person.Standing == Standing.Suspended
            || (person.Host.Length > 0 && await session.Moderation.FindHostAsync(person.Host, cancellationToken).ConfigureAwait(false) == Standing.Suspended);
    }
}
