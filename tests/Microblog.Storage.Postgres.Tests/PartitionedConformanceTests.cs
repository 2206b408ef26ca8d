using Microblog.Storage.Conformance;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>The same suite on tables that are divided by hash, as they are planned for past one database (docs/scaling.md).</summary>
public sealed class PartitionedProfileTests() : ProfileStoreConformance(Partitioned.Database());

public sealed class PartitionedNoticeTests() : NoticeStoreConformance(Partitioned.Database())
{
    protected override bool StoresNul => false;
}

public sealed class PartitionedChangeTests() : ChangeConformance(Partitioned.Database());

public sealed class PartitionedReactionTests() : ReactionConformance(Partitioned.Database());

public sealed class PartitionedCountTests() : CountConformance(Partitioned.Database());

public sealed class PartitionedGroupTests() : GroupConformance(Partitioned.Database());

public sealed class PartitionedSearchTests() : SearchConformance(Partitioned.Database());

public sealed class PartitionedNotificationTests() : NotificationConformance(Partitioned.Database());

public sealed class PartitionedAttachmentTests() : AttachmentStoreConformance(Partitioned.Database());

public sealed class PartitionedModerationTests() : ModerationConformance(Partitioned.Database());

public sealed class PartitionedLeavingTests() : LeavingConformance(Partitioned.Database())
{
    protected override string TablesQuery =>
        "SELECT 'microblog.' || c.relname FROM pg_class c WHERE c.relnamespace = 'microblog'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition";
}

public sealed class PartitionedSubscriptionTests() : SubscriptionStoreConformance(Partitioned.Database());

public sealed class PartitionedCredentialTests() : CredentialStoreConformance(Partitioned.Database());

public sealed class PartitionedDeliveryTests() : DeliveryStoreConformance(Partitioned.Database());

public sealed class PartitionedTransactionTests() : TransactionConformance(Partitioned.Database());

public sealed class PartitionedTimelineTests() : TimelineConformance(Partitioned.Database());

public sealed class PartitionedHomeTests() : HomeConformance(Partitioned.Database());

public sealed class PartitionedVisibilityTests() : VisibilityConformance(Partitioned.Database());

public sealed class PartitionedDestinationTests() : DestinationConformance(Partitioned.Database());

public sealed class PartitionedArchiveStoreTests() : ArchiveStoreConformance(Partitioned.Database());

public sealed class PartitionedArchiveTests() : ArchiveConformance(Partitioned.Database(), Partitioned.Database());

public sealed class PartitionedInvitationTests() : InvitationConformance(Partitioned.Database());

public sealed class PartitionedHubTests() : HubConformance(Partitioned.Database());

internal static class Partitioned
{
    // Two are enough for rows that should lie together to lie apart.
    public static TempDatabase Database() => new(partitions: 2);
}
