using Microblog.Storage;

namespace Microblog.TwitterApi.Access;

/// <summary>Who calls: a person, by an application that they let in.</summary>
/// <param name="Person">A person of this node who may act.</param>
/// <param name="Key">What requests are counted by: the same for the same person and application.</param>
/// <param name="MayWrite">Whether the application may change anything.</param>
internal sealed record Caller(Profile Person, string Key, bool MayWrite)
{
    /// <summary>By what the request is told from a repetition of it, where the method itself remembers that together with what it does; else <see langword="null"/>.</summary>
    public OnceKey? Once { get; init; }

    /// <summary>The application's name; empty when it has none, as with an application password.</summary>
    public string ApplicationName { get; init; } = "";

    /// <summary>Where the application has its page; empty when nowhere.</summary>
    public string ApplicationUrl { get; init; } = "";
}
