namespace Microblog.Contacts;

/// <summary>What a node knows of somebody in a list of contacts.</summary>
public enum ContactStanding
{
    /// <summary>Of this node, and can be followed.</summary>
    Here,

    /// <summary>On another service, and can be followed by going on there.</summary>
    Elsewhere,

    /// <summary>Followed already.</summary>
    Followed,

    /// <summary>Asked already; they have not decided yet.</summary>
    Asked,

    /// <summary>Cannot be followed: the person blocks them, or their server is blocked here.</summary>
    Blocked,

    /// <summary>The person themselves.</summary>
    Yourself,

    /// <summary>Nobody of this name is here.</summary>
    Unknown,
}

/// <summary>Somebody of a list, looked up.</summary>
/// <param name="Address">What the list names them by, for people to read; of somebody here, <c>nick</c>.</param>
/// <param name="Name">What the list calls them; empty when it does not. Hostile text.</param>
/// <param name="Standing">What was found.</param>
public sealed record FoundContact(string Address, string Name, ContactStanding Standing)
{
    /// <summary>Who it is; <see langword="null"/> for nobody of this node.</summary>
    public Profile? Person { get; init; }

    /// <summary>What to ask for to follow somebody elsewhere: an http(s) address; empty for everybody else.</summary>
    public string Target { get; init; } = "";
}
