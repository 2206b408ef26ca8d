namespace Microblog.Storage;

/// <summary>The store is broken, busy or too new; the provider's own exception is inside.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Says what failed and what to do.</summary>
    public StoreException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Whether the same call may succeed a little later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether a commit was under way whose result is not known: look up by id, do not repeat blindly.</summary>
    public bool IsOutcomeUnknown { get; init; }
}
