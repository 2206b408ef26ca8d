using System.Security.Cryptography;

namespace Microblog.Applications;

/// <summary>A program that people let into their accounts. One of them registered it.</summary>
/// <remarks>Its secret is not here (<see cref="RegisteredApplication"/>).</remarks>
public sealed record Application
{
    /// <summary>Stands for every program that nobody registered, where a room lets such in: it has no name and no owner, and its secret is known to all.</summary>
    public static Application Unregistered { get; } = new()
    {
        Key = "anonymous",
        Owner = default,
        Details = new ApplicationDetails { Name = "", MayWrite = true },
        RegisteredAt = default,
    };

    /// <summary>What names it on the wire, the consumer key of OAuth: 32 letters and digits, but for <see cref="Unregistered"/>. It opens nothing alone.</summary>
    public required string Key { get; init; }

    /// <summary>Who registered it, a person of this node. It goes when they leave, and nobody can use it while they are suspended.</summary>
    public required ProfileId Owner { get; init; }

    /// <summary>What it says about itself.</summary>
    public required ApplicationDetails Details { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>Whether this is <see cref="Unregistered"/>.</summary>
    public bool IsUnregistered => Key == Unregistered.Key;
}

/// <summary>What the owner of an application says about it.</summary>
/// <remarks>Written by strangers: escape it where it is shown. Stored ones are each one line without characters that mislead.</remarks>
public sealed record ApplicationDetails
{
    /// <summary>Longest name, in UTF-16 code units.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Longest description, in UTF-16 code units.</summary>
    public const int MaxDescriptionLength = 280;

    /// <summary>Longest address, in bytes of UTF-8.</summary>
    public const int MaxAddressLength = 500;

    /// <summary>Longest public key, in characters of PEM.</summary>
    public const int MaxKeyLength = 4096;

    /// <summary>Its name, not empty. Several applications may have the same.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for; empty when nothing is said.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its page, an http(s) address; empty when it has none.</summary>
    public string Homepage { get; init; } = "";

    /// <summary>Where browsers go after the decision when a request names no place: an http(s) address, or one in a scheme of the program's own
    /// (<see cref="Http.OwnScheme"/>), which requests may name only then; empty when every request has to name one.</summary>
    public string Callback { get; init; } = "";

    /// <summary>The public RSA key of 2048 to 4096 bits, in PEM, by which it signs where it does not use its secret; empty for none.</summary>
    public string PublicKey { get; init; } = "";

    /// <summary>Whether it asks to change things in people's accounts, and not only to read.</summary>
    public bool MayWrite { get; init; }
}

/// <summary>An application with its secret, for its owner and for checking signatures.</summary>
/// <remarks>Not a record, so that no log shows the secret by accident.</remarks>
public sealed class RegisteredApplication(Application application, string secret)
{
    /// <summary>The application.</summary>
    public Application Application { get; } = application ?? throw new ArgumentNullException(nameof(application));

    /// <summary>What it signs with; 32 letters and digits. Empty when the host has lost the key that it was sealed with.</summary>
    public string Secret { get; } = secret ?? throw new ArgumentNullException(nameof(secret));

    /// <summary>The key of <see cref="ApplicationDetails.PublicKey"/>, which the caller disposes of; <see langword="null"/> when there is none.</summary>
    public RSA? OpenPublicKey() => Application.Details.PublicKey is { Length: > 0 } text ? PublicKey.Read(text) : null;
}
