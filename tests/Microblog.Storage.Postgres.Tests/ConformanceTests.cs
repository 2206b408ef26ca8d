using Microblog.Storage.Conformance;

namespace Microblog.Storage.Postgres.Tests;

public sealed class PostgresProfileTests() : ProfileStoreConformance(new TempDatabase());

public sealed class PostgresNoticeTests() : NoticeStoreConformance(new TempDatabase())
{
    protected override bool StoresNul => false;

    [Fact]
    public async Task Text_that_PostgreSQL_cannot_store_is_refused_and_nothing_of_it_is_stored()
    {
        var alice = await AddLocalAsync("alice");

        var exception = await Assert.ThrowsAsync<StoreException>(() => PublishAsync(alice, "a\0b"));

        Assert.False(exception.IsTransient);
        Assert.Empty(await HomeAsync(alice));
    }
}

public sealed class PostgresChangeTests() : ChangeConformance(new TempDatabase());

public sealed class PostgresReactionTests() : ReactionConformance(new TempDatabase());

public sealed class PostgresCountTests() : CountConformance(new TempDatabase());

public sealed class PostgresGroupTests() : GroupConformance(new TempDatabase());

public sealed class PostgresSearchTests() : SearchConformance(new TempDatabase());

public sealed class PostgresNotificationTests() : NotificationConformance(new TempDatabase());

public sealed class PostgresModerationTests() : ModerationConformance(new TempDatabase());

public sealed class PostgresLeavingTests() : LeavingConformance(new TempDatabase())
{
    protected override string TablesQuery =>
        "SELECT 'microblog.' || c.relname FROM pg_class c WHERE c.relnamespace = 'microblog'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition";
}

public sealed class PostgresSubscriptionTests() : SubscriptionStoreConformance(new TempDatabase());

public sealed class PostgresCredentialTests() : CredentialStoreConformance(new TempDatabase());

public sealed class PostgresDeliveryTests() : DeliveryStoreConformance(new TempDatabase());

public sealed class PostgresTransactionTests() : TransactionConformance(new TempDatabase());

public sealed class PostgresTimelineTests() : TimelineConformance(new TempDatabase());

public sealed class PostgresHomeTests() : HomeConformance(new TempDatabase());

public sealed class PostgresVisibilityTests() : VisibilityConformance(new TempDatabase());

public sealed class PostgresDestinationTests() : DestinationConformance(new TempDatabase());

public sealed class PostgresArchiveStoreTests() : ArchiveStoreConformance(new TempDatabase());

public sealed class PostgresArchiveTests() : ArchiveConformance(new TempDatabase(), new TempDatabase());

public sealed class PostgresAttachmentTests() : AttachmentStoreConformance(new TempDatabase());

public sealed class PostgresInvitationTests() : InvitationConformance(new TempDatabase());

public sealed class PostgresHubTests() : HubConformance(new TempDatabase());
