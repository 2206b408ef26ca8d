using Microblog.Http;

namespace Microblog.AspNetCore;

/// <summary>How many requests one address (IPv6: one /64) or, for own writes, one person may make. More are answered 429 with <c>Retry-After</c>.</summary>
/// <remarks>Behind a proxy every visitor has the proxy's address unless the host uses forwarded headers.</remarks>
public sealed class RateLimitOptions
{
    /// <summary>Pages and documents (<see cref="RateClass.Page"/>). <see langword="null"/> for no limit.</summary>
    /// <value>Default: 3,000 a minute for each address; a page brings its stylesheet and pictures along.</value>
    public RateLimit? Page { get; set; } = new(3_000, TimeSpan.FromMinutes(1));

    /// <summary>A person's own writes (<see cref="RateClass.Write"/>). <see langword="null"/> for no limit.</summary>
    /// <value>Default: 120 a minute for each person.</value>
    public RateLimit? Write { get; set; } = new(120, TimeSpan.FromMinutes(1));

    /// <summary>What anybody may ask for and what costs us memory or outbound requests (<see cref="RateClass.Open"/>). <see langword="null"/> for no limit.</summary>
    /// <value>Default: 60 a minute for each address.</value>
    public RateLimit? Open { get; set; } = new(60, TimeSpan.FromMinutes(1));

    /// <summary>Signed pushes from other services (<see cref="RateClass.Push"/>). <see langword="null"/> for no limit.</summary>
    /// <value>Default: no limit. A busy service sends thousands, and one refused comes again.</value>
    public RateLimit? Push { get; set; }

    /// <summary>People's own programs (<see cref="RateClass.Client"/>), before it is known whose they are. <see langword="null"/> for no limit.</summary>
    /// <value>Default: 6,000 a minute for each address. A client API has limits for each person besides.</value>
    public RateLimit? Client { get; set; } = new(6_000, TimeSpan.FromMinutes(1));
}

/// <summary>So many requests at once, and so many again as each window passes.</summary>
/// <param name="Permits">At least 1.</param>
/// <param name="Window">From a second to a day.</param>
public sealed record RateLimit(int Permits, TimeSpan Window);
