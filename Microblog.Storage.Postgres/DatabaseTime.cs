namespace Microblog.Storage.Postgres;

/// <summary>A <see cref="DatabaseClock"/> for <see cref="IdSource"/>, which takes a <see cref="TimeProvider"/>.</summary>
internal sealed class DatabaseTime(DatabaseClock clock) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => clock.Now;
}
