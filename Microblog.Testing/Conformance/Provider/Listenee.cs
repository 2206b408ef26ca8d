namespace Microblog.Testing.Conformance.Provider;

/// <summary>Somebody at the kit whose notices are offered.</summary>
internal sealed record Listenee(string Nickname, string Root)
{
    public string Identifier { get; init; } = $"{Root}people/{Nickname}";

    public string ProfileUrl => $"{Root}people/{Nickname}";

    public string FullName { get; init; } = "Conformance Kit";

    public string Bio { get; init; } = "Tests whether we understand each other.";
}

/// <summary>What the person under test allowed: the right to post to them as one listenee.</summary>
internal sealed record Grant(Token Token, Listenee Listenee, Token RequestToken);
