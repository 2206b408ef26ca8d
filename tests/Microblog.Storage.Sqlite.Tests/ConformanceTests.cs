using Microblog.Storage.Conformance;

namespace Microblog.Storage.Sqlite.Tests;

public sealed class SqliteProfileTests() : ProfileStoreConformance(new TempDatabase());

public sealed class SqliteNoticeTests() : NoticeStoreConformance(new TempDatabase());

public sealed class SqliteChangeTests() : ChangeConformance(new TempDatabase());

public sealed class SqliteReactionTests() : ReactionConformance(new TempDatabase());

public sealed class SqliteCountTests() : CountConformance(new TempDatabase());

public sealed class SqliteGroupTests() : GroupConformance(new TempDatabase());

public sealed class SqliteSearchTests() : SearchConformance(new TempDatabase());

public sealed class SqliteNotificationTests() : NotificationConformance(new TempDatabase());

public sealed class SqliteModerationTests() : ModerationConformance(new TempDatabase());

public sealed class SqliteLeavingTests() : LeavingConformance(new TempDatabase());

public sealed class SqliteSubscriptionTests() : SubscriptionStoreConformance(new TempDatabase());

public sealed class SqliteCredentialTests() : CredentialStoreConformance(new TempDatabase());

public sealed class SqliteDeliveryTests() : DeliveryStoreConformance(new TempDatabase());

public sealed class SqliteDestinationTests() : DestinationConformance(new TempDatabase());

public sealed class SqliteTransactionTests() : TransactionConformance(new TempDatabase());

public sealed class SqliteTimelineTests() : TimelineConformance(new TempDatabase());

public sealed class SqliteHomeTests() : HomeConformance(new TempDatabase());

public sealed class SqliteVisibilityTests() : VisibilityConformance(new TempDatabase());

public sealed class SqliteArchiveStoreTests() : ArchiveStoreConformance(new TempDatabase());

public sealed class SqliteArchiveTests() : ArchiveConformance(new TempDatabase(), new TempDatabase());

public sealed class SqliteAttachmentTests() : AttachmentStoreConformance(new TempDatabase());

public sealed class SqliteInvitationTests() : InvitationConformance(new TempDatabase());

public sealed class SqliteHubTests() : HubConformance(new TempDatabase());
