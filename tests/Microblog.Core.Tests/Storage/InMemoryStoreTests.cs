using Microblog.Storage;
using Microblog.Storage.Conformance;
using Microblog.Storage.InMemory;

namespace Microblog.Core.Tests.Storage;

public sealed class InMemoryProfileTests : ProfileStoreConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}

public sealed class InMemoryNoticeTests : NoticeStoreConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}

public sealed class InMemorySubscriptionTests : SubscriptionStoreConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}

public sealed class InMemoryCredentialTests : CredentialStoreConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}

public sealed class InMemoryDeliveryTests : DeliveryStoreConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}

public sealed class InMemoryTransactionTests : TransactionConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}

public sealed class InMemoryTimelineTests : TimelineConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}

public sealed class InMemoryVisibilityTests : VisibilityConformance
{
    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) => Task.FromResult<IMicroblogStore>(new InMemoryStore(clock));
}
