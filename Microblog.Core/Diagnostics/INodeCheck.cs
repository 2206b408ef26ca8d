namespace Microblog.Diagnostics;

/// <summary>A question about the node's health that a room can answer.</summary>
public interface INodeCheck
{
    /// <summary>What is checked, in a few words.</summary>
    string Name { get; }

    /// <summary>Looks. A failure to look is a finding, not an exception.</summary>
    ValueTask<Finding> CheckAsync(CancellationToken cancellationToken);
}

/// <summary>What a check found.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Message">What was seen and, unless all is well, what to change.</param>
public sealed record Finding(Severity Severity, string Message);

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>All is well.</summary>
    Good,

    /// <summary>It works, but somebody should look.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failure,
}
