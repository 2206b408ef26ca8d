using System.Net;
using Microblog.Testing.Conformance.Steps;

namespace Microblog.Testing.Conformance;

/// <summary>Whom to ask, and what a person of that service does when the kit needs one.</summary>
/// <remarks>A step that is not given leaves the clauses that need it unreached, and the result says which step that was.</remarks>
public sealed class ConformanceOptions
{
    /// <summary>The profile page of a person of the service under test.</summary>
    public required Uri Profile { get; init; }

    /// <summary>Another person's profile page there. Optional.</summary>
    public Uri? OtherProfile { get; init; }

    /// <summary>Where the kit's own server listens. Default: loopback, any free port.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The address under which the service reaches the kit's server. Default: where it listens.</summary>
    public Uri? PublicUri { get; init; }

    /// <summary>Allows the subscription at the authorization page whose address is the step's value.</summary>
    public IPersonStep? Allow { get; init; }

    /// <summary>Refuses it.</summary>
    public IPersonStep? Refuse { get; init; }

    /// <summary>Ends the subscription to the listenee whose nickname is the step's value.</summary>
    public IPersonStep? Unsubscribe { get; init; }

    /// <summary>As a visitor, subscribes to the person; the step's value is the visitor's own profile page, at the kit.</summary>
    public IPersonStep? Subscribe { get; init; }

    /// <summary>Publishes the text that is the step's value.</summary>
    public IPersonStep? Publish { get; init; }

    /// <summary>Changes the person's bio to the step's value, which may be empty.</summary>
    public IPersonStep? ChangeBio { get; init; }

    /// <summary>Header lines that make a request the signed-in person's, such as a <c>Cookie</c>. Sent to the origin of <see cref="Profile"/> and to pages given
    /// here only, and never shown.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> SignIn { get; init; } = [];

    /// <summary>A page, fetched with <see cref="SignIn"/>, that shows the notices the person has received. Optional.</summary>
    public Uri? Timeline { get; init; }

    /// <summary>A page, fetched with <see cref="SignIn"/>, that shows the bios of those the person listens to. Optional.</summary>
    public Uri? Listenees { get; init; }

    /// <summary>Whether to try what only an attacker sends. Default: no.</summary>
    public bool IsHostile { get; init; }

    /// <summary>Longest wait for one answer. Default ten seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for a person to do a step. Default three minutes.</summary>
    public TimeSpan StepTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Longest wait for the service to send something. Default thirty seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing must come before the kit believes that nothing will. Default two seconds.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
