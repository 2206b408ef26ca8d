namespace Microblog.Applications;

/// <summary>What a person let an application do, for the person to look at.</summary>
/// <param name="Application">Which one.</param>
/// <param name="MayWrite">Whether it may change things.</param>
/// <param name="GrantedAt">When they last agreed.</param>
public sealed record AccessGrant(Application Application, bool MayWrite, DateTimeOffset GrantedAt);

/// <summary>An application that a person let in, with everything that is needed to check what it signs.</summary>
/// <remarks>Not a record, so that no log shows a secret by accident.</remarks>
public sealed class ApplicationAccess
{
    /// <summary>The application and its secret.</summary>
    public required RegisteredApplication Application { get; init; }

    /// <summary>The person as they are now, also when they are suspended.</summary>
    public required Profile Person { get; init; }

    /// <summary>The secret of the token.</summary>
    public required string Secret { get; init; }

    /// <summary>Whether it may change things: the person agreed to that, and the application still asks for it.</summary>
    public required bool MayWrite { get; init; }
}

/// <summary>A token and its secret.</summary>
/// <remarks>Not a record, so that no log shows the secret by accident.</remarks>
public sealed class AccessSecret(string token, string secret)
{
    /// <summary>What is sent.</summary>
    public string Token { get; } = token ?? throw new ArgumentNullException(nameof(token));

    /// <summary>What is never sent after it was handed over.</summary>
    public string Secret { get; } = secret ?? throw new ArgumentNullException(nameof(secret));
}
