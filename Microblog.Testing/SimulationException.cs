namespace Microblog.Testing;

/// <summary>A simulated network did not come to where a scenario wanted it, or a scenario failed on it.</summary>
public sealed class SimulationException : Exception
{
    /// <summary>Something failed.</summary>
    public SimulationException(string message)
        : base(message)
    {
    }

    /// <summary>Something failed because of something else.</summary>
    public SimulationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
