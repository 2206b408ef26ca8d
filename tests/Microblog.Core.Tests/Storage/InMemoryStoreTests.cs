using Microblog.Storage;
using Microblog.Storage.Conformance;
using Microblog.Storage.InMemory;

namespace Microblog.Core.Tests.Storage;

public sealed class InMemoryProfileTests() : ProfileStoreConformance(new InMemoryFixture());

public sealed class InMemoryNoticeTests() : NoticeStoreConformance(new InMemoryFixture());

public sealed class InMemoryChangeTests() : ChangeConformance(new InMemoryFixture());

public sealed class InMemoryReactionTests() : ReactionConformance(new InMemoryFixture());

public sealed class InMemoryCountTests() : CountConformance(new InMemoryFixture());

public sealed class InMemoryGroupTests() : GroupConformance(new InMemoryFixture());

public sealed class InMemorySearchTests() : SearchConformance(new InMemoryFixture());

public sealed class InMemoryNotificationTests() : NotificationConformance(new InMemoryFixture());

public sealed class InMemoryAttachmentTests() : AttachmentStoreConformance(new InMemoryFixture());

public sealed class InMemoryModerationTests() : ModerationConformance(new InMemoryFixture());

public sealed class InMemoryLeavingTests() : LeavingConformance(new InMemoryFixture());

public sealed class InMemoryInvitationTests() : InvitationConformance(new InMemoryFixture());

public sealed class InMemoryHubTests() : HubConformance(new InMemoryFixture());

public sealed class InMemorySubscriptionTests() : SubscriptionStoreConformance(new InMemoryFixture());

public sealed class InMemoryCredentialTests() : CredentialStoreConformance(new InMemoryFixture());

public sealed class InMemoryDeliveryTests() : DeliveryStoreConformance(new InMemoryFixture());

public sealed class InMemoryDestinationTests() : DestinationConformance(new InMemoryFixture());

public sealed class InMemoryTransactionTests() : TransactionConformance(new InMemoryFixture());

public sealed class InMemoryTimelineTests() : TimelineConformance(new InMemoryFixture());

public sealed class InMemoryHomeTests() : HomeConformance(new InMemoryFixture());


public sealed class InMemoryArchiveStoreTests() : ArchiveStoreConformance(new InMemoryFixture());

public sealed class InMemoryArchiveTests() : ArchiveConformance(new InMemoryFixture(), new InMemoryFixture());

internal sealed class InMemoryFixture : IStoreFixture
{
    public IMicroblogStore CreateStore(TimeProvider clock) => new InMemoryStore(clock);

    public void Dispose()
    {
        // Nothing outlives the store.
    }
}
