using Microblog.Moderation;
using Microblog.People;
using Microblog.Storage;
using Microblog.Text;
using Microblog.TwitterApi.Wire;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>Finds the people and groups that requests name, as far as the reader may know of them.</summary>
internal sealed class PeopleFinder(NodeAddresses addresses)
{
    /// <summary>The person whom the request is about: by the path, <c>id</c>, <c>user_id</c>, <c>screen_name</c>, or else the reader.</summary>
    public ValueTask<Profile?> FindAsync(IReadSession session, ApiCall call, CancellationToken cancellationToken)
    {
        var parameters = call.Parameters;
        return call.PathId.Length > 0 ? FindAsync(session, call.Reader, call.PathId, cancellationToken)
            : parameters.Has("id") ? FindAsync(session, call.Reader, parameters["id"], cancellationToken)
            : parameters.Has("user_id") ? FindByNumberAsync(session, call.Reader, new ProfileId(parameters.Number("user_id")), cancellationToken)
            : parameters.Has("screen_name") ? FindByNameAsync(session, call.Reader, parameters["screen_name"], cancellationToken)
            : new(call.Caller?.Person);
    }

    /// <summary>Whether the request says of whom it asks.</summary>
    public static bool NamesSomebody(ApiCall call) =>
        call.PathId.Length > 0 || call.Parameters.Has("id") || call.Parameters.Has("user_id") || call.Parameters.Has("screen_name");

    /// <summary>The person of a number or a name: what has digits only is a number.</summary>
    public ValueTask<Profile?> FindAsync(IReadSession session, ProfileId reader, string text, CancellationToken cancellationToken) =>
        text.Length > 0 && text.All(char.IsAsciiDigit)
            ? FindByNumberAsync(session, reader, new ProfileId(ApiParameters.Number(text)), cancellationToken)
            : FindByNameAsync(session, reader, text, cancellationToken);

    /// <summary>The person of a number, if the reader may know of them.</summary>
    public static async ValueTask<Profile?> FindByNumberAsync(IReadSession session, ProfileId reader, ProfileId id, CancellationToken cancellationToken)
    {
        if (id.IsNone || await session.Profiles.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { IsDeleted: false } person)
            return null;
        return (person.IsLocal || await ProfileVisibility.IsKnownToAsync(session, reader, person, cancellationToken).ConfigureAwait(false))
            && !await ProfileVisibility.IsHiddenAsync(session, person, cancellationToken).ConfigureAwait(false) ? person : null;
    }

    /// <summary>The local person of a nickname, or the one of elsewhere whom the reader hears as <c>nick@host</c>.</summary>
    public async ValueTask<Profile?> FindByNameAsync(IReadSession session, ProfileId reader, string name, CancellationToken cancellationToken)
    {
        name = name.Trim().TrimStart('@');
        var at = name.IndexOf('@', StringComparison.Ordinal);
        if (IsElsewhere(name))
            return (await FindElsewhereAsync(session, reader, [name], cancellationToken).ConfigureAwait(false)).FirstOrDefault();
        if (!Nickname.TryParse(at > 0 ? name[..at] : name, out var nickname, out _))
            return null;
        return await session.Profiles.FindLocalAsync(nickname, cancellationToken).ConfigureAwait(false) is { MayAct: true } person ? person : null;
    }

    /// <summary>The people of several names; whom the reader hears is read once for all of them.</summary>
    public async ValueTask<List<Profile>> FindByNamesAsync(IReadSession session, ProfileId reader, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var found = new List<Profile>();
        var elsewhere = new List<string>();
        foreach (var name in names.Select(name => name.Trim().TrimStart('@')))
        {
            if (IsElsewhere(name))
                elsewhere.Add(name);
            else if (await FindByNameAsync(session, reader, name, cancellationToken).ConfigureAwait(false) is { } person)
                found.Add(person);
        }

        if (elsewhere.Count > 0)
            found.AddRange(await FindElsewhereAsync(session, reader, elsewhere, cancellationToken).ConfigureAwait(false));
        return found;
    }

    /// <summary>The group of a number, a nickname or an alias; <c>id</c>, <c>group_id</c> and <c>group_name</c> say it where the path does not.</summary>
    public static async ValueTask<Group?> FindGroupAsync(IReadSession session, ApiCall call, CancellationToken cancellationToken)
    {
        var parameters = call.Parameters;
        var text = call.PathId.Length > 0 ? call.PathId
            : parameters.Has("id") ? parameters["id"]
            : parameters.Has("group_id") ? parameters["group_id"]
            : parameters["group_name"];
        if (text.Length == 0)
            return null;
        return text.All(char.IsAsciiDigit)
            ? await session.Groups.FindAsync(new GroupId(ApiParameters.Number(text)), cancellationToken).ConfigureAwait(false)
            : await session.Groups.FindAsync(NoticeText.FoldTag(text.TrimStart('!')), cancellationToken).ConfigureAwait(false);
    }

    private bool IsElsewhere(string name) =>
        name.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && !string.Equals(name[(at + 1)..], addresses.Host, StringComparison.OrdinalIgnoreCase);

    // No index has remote names, which anybody may choose: only whom the reader hears is found by one.
    private static async ValueTask<List<Profile>> FindElsewhereAsync(IReadSession session, ProfileId reader, List<string> names, CancellationToken cancellationToken)
    {
        const int Page = 200;
        const int Most = 2_000;
        var missing = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var found = new List<Profile>();
        SubscriptionId? before = null;
        for (var read = 0; !reader.IsNone && read < Most && missing.Count > 0; read += Page)
        {
            var some = await session.Subscriptions.ListPublishersAsync(reader, before, Page, cancellationToken).ConfigureAwait(false);
            found.AddRange(some.Select(entry => entry.Other).Where(other => missing.Remove(other.Address)));
            if (some.Count < Page)
                break;
            before = some[^1].Subscription.Id;
        }

        return found;
    }
}
