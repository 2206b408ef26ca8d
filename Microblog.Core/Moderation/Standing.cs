namespace Microblog.Moderation;

/// <summary>What the operator thinks of a person, or of a domain and everybody there.</summary>
public enum Standing
{
    /// <summary>Like anybody. Of a domain: let in, also where the node federates by an allow-list or a parent domain is blocked.</summary>
    Good,

    /// <summary>In lists of many people's notices, and in notifications, only for those who hear them.</summary>
    Silenced,

    /// <summary>Nobody but operators sees their notices. A suspended person of this node can do nothing but leave; with a blocked domain
    /// nothing is exchanged.</summary>
    Suspended,
}

/// <summary>With whom the node federates.</summary>
public enum FederationMode
{
    /// <summary>With everybody but the blocked domains.</summary>
    Open,

    /// <summary>With the domains that a rule lets in, and nobody else.</summary>
    AllowList,
}

/// <summary>With whom the node federates now.</summary>
/// <param name="Mode">With everybody, or by list.</param>
/// <param name="Version">Another one after each change of the mode or of a rule.</param>
public sealed record FederationState(FederationMode Mode, long Version)
{
    /// <summary>The setting in which it is stored (<see cref="Storage.ISettingStore"/>).</summary>
    public const string Setting = "federation";

    /// <summary>How <see cref="FederationMode.AllowList"/> begins in the setting.</summary>
    public const string AllowListWord = "allow-list";

    private const string OpenWord = "open";

    /// <summary>Reads the setting; where there is none the node is open.</summary>
    public static FederationState Read(string? setting) => setting?.Split(' ') is [var word, var number]
        ? new FederationState(
            word == AllowListWord ? FederationMode.AllowList : FederationMode.Open,
            long.Parse(number, System.Globalization.CultureInfo.InvariantCulture))
        : new FederationState(FederationMode.Open, 0);

    /// <summary>The setting.</summary>
    public string Write() => FormattableString.Invariant($"{(Mode == FederationMode.AllowList ? AllowListWord : OpenWord)} {Version}");
}
