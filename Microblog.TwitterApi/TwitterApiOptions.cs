namespace Microblog.TwitterApi;

/// <summary>How the client API behaves.</summary>
public sealed class TwitterApiOptions
{
    /// <summary>Accepts HTTP Basic, with a nickname and an application password; never with the host's own passwords, which the node does not know.</summary>
    /// <value>Default: no. Some old clients know nothing else.</value>
    public bool AcceptBasic { get; set; }

    /// <summary>Accepts HTTP Basic, which sends the password itself, from clients that did not come by TLS.</summary>
    /// <value>Default: no. Only for a network that nobody else can listen to.</value>
    public bool AcceptBasicWithoutTls { get; set; }

    /// <summary>Lets people let in programs that nobody registered: those that sign with <c>anonymous</c> as key and secret, and name themselves, if at
    /// all, by the parameter <c>source</c> of what they post. They read and write, and a person carries a number over to them.</summary>
    /// <value>Default: no. Nobody can say which program it is that asks.</value>
    public bool AcceptUnregisteredApplications { get; set; }

    /// <summary>The realm of HTTP Basic; some old programs compare it.</summary>
    /// <value>Default: the site's name and <c>API</c>.</value>
    public string Realm { get; set; } = "";

    /// <summary>How many requests one person with one application may make in an hour, or one address that says no name; more are answered 429.
    /// Counted by each process for itself. <see langword="null"/> for no limit.</summary>
    /// <value>Default: 15,000, which is four a second; 1 at least.</value>
    public int? RequestsPerHour { get; set; } = 15_000;

    /// <summary>Whether <c>statuses/update</c> carries out what it is sent as a command of one word and a name: <c>follow</c>, <c>leave</c> and the like.
    /// A direct message by <c>d nick text</c> is one in any case, never a public notice.</summary>
    /// <value>Default: no.</value>
    public bool AcceptCommands { get; set; }
}
