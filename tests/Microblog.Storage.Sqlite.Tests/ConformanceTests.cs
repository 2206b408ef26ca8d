using Microblog.Storage.Conformance;

namespace Microblog.Storage.Sqlite.Tests;

public sealed class SqliteProfileTests : ProfileStoreConformance
{
    private readonly TempDatabase database = new();

    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) =>
        Task.FromResult<IMicroblogStore>(database.CreateStore(clock));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        database.Delete();
    }
}

public sealed class SqliteNoticeTests : NoticeStoreConformance
{
    private readonly TempDatabase database = new();

    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) =>
        Task.FromResult<IMicroblogStore>(database.CreateStore(clock));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        database.Delete();
    }
}

public sealed class SqliteSubscriptionTests : SubscriptionStoreConformance
{
    private readonly TempDatabase database = new();

    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) =>
        Task.FromResult<IMicroblogStore>(database.CreateStore(clock));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        database.Delete();
    }
}

public sealed class SqliteCredentialTests : CredentialStoreConformance
{
    private readonly TempDatabase database = new();

    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) =>
        Task.FromResult<IMicroblogStore>(database.CreateStore(clock));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        database.Delete();
    }
}

public sealed class SqliteDeliveryTests : DeliveryStoreConformance
{
    private readonly TempDatabase database = new();

    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) =>
        Task.FromResult<IMicroblogStore>(database.CreateStore(clock));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        database.Delete();
    }
}

public sealed class SqliteTransactionTests : TransactionConformance
{
    private readonly TempDatabase database = new();

    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) =>
        Task.FromResult<IMicroblogStore>(database.CreateStore(clock));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        database.Delete();
    }
}

public sealed class SqliteTimelineTests : TimelineConformance
{
    private readonly TempDatabase database = new();

    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) =>
        Task.FromResult<IMicroblogStore>(database.CreateStore(clock));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        database.Delete();
    }
}

public sealed class SqliteVisibilityTests : VisibilityConformance
{
    private readonly TempDatabase database = new();

    protected override Task<IMicroblogStore> CreateStoreAsync(TimeProvider clock) =>
        Task.FromResult<IMicroblogStore>(database.CreateStore(clock));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        database.Delete();
    }
}
