namespace Microblog.Omb.Tests.OAuth;

/// <summary>A clock that stands until it is set.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
