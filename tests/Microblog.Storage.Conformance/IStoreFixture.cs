namespace Microblog.Storage.Conformance;

/// <summary>Where one test's store lies. Disposed after the store.</summary>
public interface IStoreFixture : IDisposable
{
    /// <summary>An empty store that has not been started.</summary>
    IMicroblogStore CreateStore(TimeProvider clock);
}
