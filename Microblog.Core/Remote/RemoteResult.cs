namespace Microblog.Remote;

/// <summary>What came of a <see cref="RemoteRequest"/>: an answer with any status, or the reason why there is none.</summary>
public abstract record RemoteResult
{
    private RemoteResult()
    {
    }

    /// <summary>A complete answer. Everything in it is as hostile as an inbound request.</summary>
    public sealed record Answered : RemoteResult
    {
        /// <summary>The HTTP status, after the redirects that were followed.</summary>
        public required int Status { get; init; }

        /// <summary>The address that answered: the one asked, or where the last redirect led.</summary>
        public required Uri FinalUri { get; init; }

        /// <summary>The media type without parameters, lower case; empty when none was named.</summary>
        public string MediaType { get; init; } = "";

        /// <summary>All headers; names compare without case.</summary>
        public IReadOnlyDictionary<string, IReadOnlyList<string>> Headers { get; init; } = NoHeaders;

        /// <summary>The whole body, decompressed.</summary>
        public ReadOnlyMemory<byte> Body { get; init; }

        /// <summary>The peer's clock as its <c>Date</c> header tells it, if it does.</summary>
        public DateTimeOffset? Date { get; init; }

        /// <summary>How long <c>Retry-After</c> asks us to wait, never negative; <see langword="null"/> when it does not ask.</summary>
        public TimeSpan? RetryAfter { get; init; }

        /// <summary>Whether the status is 200 to 299.</summary>
        public bool IsSuccess => Status is >= 200 and <= 299;

        /// <summary>The first value of a header, or <see langword="null"/>.</summary>
        public string? Header(string name) => Headers.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : null;

        private static readonly Dictionary<string, IReadOnlyList<string>> NoHeaders = [];
    }

    /// <summary>There is no answer.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">For the log and the operator: names hosts, never a query or a credential.</param>
    public sealed record Failed(RemoteFailure Reason, string Detail) : RemoteResult;
}

/// <summary>Why a <see cref="RemoteRequest"/> has no answer.</summary>
public enum RemoteFailure
{
    /// <summary>The host is, or its name leads only to, addresses that this node may not contact.</summary>
    ForbiddenAddress,

    /// <summary>The name has no address.</summary>
    NameNotFound,

    /// <summary>Nobody answers there, the connection broke, or TLS failed.</summary>
    ConnectionFailed,

    /// <summary>The answer was not complete in time.</summary>
    TimedOut,

    /// <summary>Body or headers exceed the limit.</summary>
    TooLarge,

    /// <summary>More redirects than allowed.</summary>
    TooManyRedirects,

    /// <summary>A redirect without a usable address, or one that the caller refused.</summary>
    BadRedirect,

    /// <summary>A redirect from https to http.</summary>
    Downgrade,

    /// <summary>An address that is neither http nor https.</summary>
    Scheme,

    /// <summary>What came back is not HTTP, or its encoding is broken.</summary>
    Protocol,

    /// <summary>The operator has blocked the host, or federates by a list on which it is not.</summary>
    Blocked,

    /// <summary>What caused this request has spent its <see cref="FetchBudget"/>.</summary>
    BudgetSpent,
}
