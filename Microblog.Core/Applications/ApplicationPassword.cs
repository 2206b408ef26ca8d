namespace Microblog.Applications;

/// <summary>A password that one program of a person uses; the host's own password is never asked for.</summary>
/// <param name="Key">The SHA-256 of the password in lower-case hexadecimal digits. It names the password and opens nothing.</param>
/// <param name="Name">What the person calls it: one line.</param>
/// <param name="MadeAt">When it was made.</param>
public sealed record ApplicationPassword(string Key, string Name, DateTimeOffset MadeAt);

/// <summary>A password just made, the only time that it can be seen.</summary>
/// <remarks>Not a record, so that no log shows it by accident.</remarks>
public sealed class NewApplicationPassword(ApplicationPassword password, string text)
{
    /// <summary>What is kept of it.</summary>
    public ApplicationPassword Password { get; } = password ?? throw new ArgumentNullException(nameof(password));

    /// <summary>The password: groups of letters and digits that are easy to type.</summary>
    public string Text { get; } = text ?? throw new ArgumentNullException(nameof(text));
}
