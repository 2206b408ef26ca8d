namespace Microblog.TwitterApi.Access;

/// <summary>Who remembers that a signed request came (decision 0012).</summary>
internal enum NonceUse
{
    /// <summary>This process: the request changes nothing.</summary>
    Process,

    /// <summary>The store, for every process, before anything happens.</summary>
    Store,

    /// <summary>The method, in the transaction of what it does, so that a request is one transaction.</summary>
    Method,
}
