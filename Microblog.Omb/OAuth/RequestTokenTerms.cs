using Microblog.Http;

namespace Microblog.Omb.OAuth;

/// <summary>What the application says to a verified request for a request token.</summary>
public abstract record RequestTokenTerms
{
    private RequestTokenTerms()
    {
    }

    /// <summary>Agreed, nothing attached.</summary>
    public static RequestTokenTerms Plain { get; } = new Agreed("", []);

    /// <summary>Agreed.</summary>
    /// <param name="Data">Kept with the token, opaque to the engine.</param>
    /// <param name="Answer">Parameters added to the answer.</param>
    public sealed record Agreed(string Data, IReadOnlyList<KeyValuePair<string, string>> Answer) : RequestTokenTerms;

    /// <summary>No token; the sender gets this answer.</summary>
    public sealed record Refused(NodeResponse Response) : RequestTokenTerms;
}
