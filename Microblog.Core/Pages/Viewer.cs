using Microblog.Http;
using Microblog.Identity;

namespace Microblog.Pages;

/// <summary>The person who looks at a page: a signed-in user of the host, with or without a profile here.</summary>
public sealed class Viewer
{
    private readonly ForgeryTokens tokens;

    internal Viewer(HostUser user, Profile? profile, bool isOperator, ForgeryTokens tokens) =>
        (User, Profile, IsOperator, this.tokens) = (user, profile, isOperator, tokens);

    /// <summary>The host's user.</summary>
    public HostUser User { get; }

    /// <summary>The person's profile; <see langword="null"/> before opting in.</summary>
    public Profile? Profile { get; }

    /// <summary>Whether the person may see the operator's pages.</summary>
    public bool IsOperator { get; }

    /// <summary>Makes the token for a form of this person.</summary>
    /// <param name="action">What the form does: the path that it posts to, below the node's base.</param>
    public string Token(string action) => tokens.Issue(User.Subject, action);
}
