using System.Runtime.InteropServices;
using System.Text;
using Microblog.Moderation;

namespace Microblog;

/// <summary>A person, here or on another service.</summary>
/// <remarks>Immutable. What a subscription brought about a remote person holds only for its own subscriber until proven
/// (OMB-65): <see cref="Scope"/> says which one, and one remote person may therefore have several profiles.</remarks>
public sealed record Profile
{
    /// <summary>The number in this store.</summary>
    public required ProfileId Id { get; init; }

    /// <summary>The unchanging identifier, stored when it was made or learned.</summary>
    public required ProfileUri Uri { get; init; }

    /// <summary>A local nickname is <c>[a-z0-9]{1,64}</c>; a remote one is 1–64 printable characters, to be shown and never looked up.</summary>
    public required string Nickname { get; init; }

    /// <summary>The person's page, an http(s) address that may change.</summary>
    public required string Url { get; init; }

    /// <summary>Whether the person belongs to this node.</summary>
    public required bool IsLocal { get; init; }

    /// <summary>The host that stands for a remote person in <c>nick@host</c>: the identifier's, or the consumer key's. Empty for local people.</summary>
    public string Host { get; init; } = "";

    /// <summary>Up to 255 characters; empty when there is none.</summary>
    public string FullName { get; init; } = "";

    /// <summary>Less than 140 characters; empty when there is none.</summary>
    public string Bio { get; init; } = "";

    /// <summary>Less than 255 characters of free text; empty when there is none.</summary>
    public string Location { get; init; } = "";

    /// <summary>An http(s) address; empty when there is none.</summary>
    public string Homepage { get; init; } = "";

    /// <summary>Where the avatar was last said to be; empty when there is none. Never shown as a link to another host (OMB-68).
    /// Of an uploaded one, its address here.</summary>
    public string AvatarUrl { get; init; } = "";

    /// <summary>The default licence of the person's notices; empty for remote people who only listen.</summary>
    public string License { get; init; } = "";

    /// <summary>Whether new followers wait for the person's approval.</summary>
    public bool ApprovesFollowers { get; init; }

    /// <summary>For a remote person: the subscription that brought this, which alone may see it; none once proven.</summary>
    public SubscriptionId Scope { get; init; }

    /// <summary>Whether the person has left. The nickname stays taken while old URIs answer (OMB-12).</summary>
    public bool IsDeleted { get; init; }

    /// <summary>How the operator treats the person, apart from their domain. Kept by the store; what is given when a profile is stored is not looked at.</summary>
    public Standing Standing { get; init; }

    /// <summary>Whether the person may do something here: of this node, and neither gone nor suspended.</summary>
    public bool MayAct => this is { IsLocal: true, IsDeleted: false, Standing: not Standing.Suspended };

    /// <summary>When a remote person's data last came in; <see langword="null"/> for local people.</summary>
    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>A query for the avatar's address, so that whoever has kept the last picture asks for the next; empty when there is none.</summary>
    internal string AvatarVersion =>
        AvatarUrl.Length == 0 ? "" : FormattableString.Invariant($"?v={Crc32.Finish(Crc32.Add(Crc32.Start, Encoding.UTF8.GetBytes(AvatarUrl))):x8}");

    /// <summary>How the person is named among others: <c>nick</c> here, <c>nick@host</c> elsewhere (OMB-42).</summary>
    public string Address => IsLocal ? Nickname : $"{Nickname}@{Host}";
}

/// <summary>How much a person of this node did, and how many hear them. Kept by the store with what is counted, and read by
/// <see cref="Storage.IProfileReader.CountAsync(ProfileId, CancellationToken)"/>.</summary>
/// <param name="Notices">How many notices they published and did not delete: repeats too, whoever may see them, but no direct ones, which are letters.</param>
/// <param name="Followers">How many subscriptions to them are active, from here and from other services.</param>
/// <param name="Following">How many of their own subscriptions are active. Who waits for approval is in neither.</param>
/// <param name="Favourites">How many notices they have as favourites, without those that an archive remembers and that are not here.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ProfileCounts(int Notices, int Followers, int Following, int Favourites);
