namespace Microblog.TwitterApi.Wire;

/// <summary>One method of the API.</summary>
/// <param name="Path">Below the root, without the extension.</param>
/// <param name="Formats">In what it answers.</param>
/// <param name="Access">Who may ask.</param>
/// <param name="Handler">Answers.</param>
internal sealed record ApiEndpoint(string Path, ApiFormats Formats, ApiAccess Access, Func<ApiCall, CancellationToken, ValueTask<ApiResult>> Handler)
{
    /// <summary>Whether the name of a thing may stand behind <see cref="Path"/>.</summary>
    public bool TakesId { get; init; }

    /// <summary>Whether nothing can be asked without it.</summary>
    public bool NeedsId { get; init; }

    /// <summary>Whether a file may come along.</summary>
    public bool TakesFile { get; init; }

    /// <summary>Whether it changes nothing but is asked by POST as well, for long lists of names.</summary>
    public bool AlsoByPost { get; init; }

    /// <summary>Whether a removal may be asked for by DELETE.</summary>
    public bool AlsoByDelete { get; init; }

    /// <summary>The format where the path has no extension; none where it must have one.</summary>
    public ApiFormats Bare { get; init; }

    /// <summary>Whether it remembers the request's nonce itself, together with what it does (<see cref="Access.Caller.Once"/>).</summary>
    public bool RemembersNonce { get; init; }

    /// <summary>Whether what it answers changes without anybody writing.</summary>
    public bool IsAlwaysNew { get; init; }

    /// <summary>Whether it changes something.</summary>
    public bool IsWrite => Access == ApiAccess.Write;
}

/// <summary>Who may ask.</summary>
internal enum ApiAccess
{
    /// <summary>Everybody.</summary>
    Anyone,

    /// <summary>Everybody who says of whom; who does not, asks of themselves.</summary>
    Named,

    /// <summary>People.</summary>
    Person,

    /// <summary>People, by an application that may write.</summary>
    Write,
}
