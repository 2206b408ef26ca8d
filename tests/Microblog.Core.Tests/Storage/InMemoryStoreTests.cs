using Microblog.Storage;
using Microblog.Storage.Conformance;
using Microblog.Storage.InMemory;

namespace Microblog.Core.Tests.Storage;

public sealed class InMemoryProfileTests : ProfileStoreConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}
