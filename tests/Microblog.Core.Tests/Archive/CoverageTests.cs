using System.Reflection;
using Microblog.Media;
using Microblog.Storage;

namespace Microblog.Core.Tests.Archive;

/// <summary>“Everyone can take their data along”: nothing that the store comes to hold about a person is forgotten by the archive.</summary>
public sealed class CoverageTests
{
    // Whoever adds a facet says here where its part of a person's data goes.
    private static readonly Dictionary<string, string> Facets = new(StringComparer.Ordinal)
    {
        [nameof(IReadSession.Profiles)] = "profile.json; what is counted of the person is counted anew where it arrives.",
        [nameof(IReadSession.Avatars)] = "picture",
        [nameof(IReadSession.Notices)] = "notices/, revisions/",
        [nameof(IReadSession.Timelines)] = "Left out: the own notices are in notices/, the others' are others'.",
        [nameof(IReadSession.Subscriptions)] = "following/, followers/, blocks/, mutes/",
        [nameof(IReadSession.Reactions)] = "favourites/; who did it to the person's own is others'.",
        [nameof(IReadSession.Groups)] = "groups/",
        [nameof(IReadSession.Notifications)] = "Left out: what others did, told where it was done.",
        [nameof(IReadSession.Credentials)] = "Left out: tokens and secrets never leave the node.",
        [nameof(IReadSession.Deliveries)] = "Left out: what waits to be sent is sent from here.",
        [nameof(IReadSession.Attachments)] = "In the notices, and as files; an upload without a notice is left out.",
        [nameof(IReadSession.Search)] = "Left out: an index of what the others hold, made anew wherever it arrives.",
        [nameof(IReadSession.Invitations)] = "Left out: they lead to this node, and secrets never leave it.",
        [nameof(IReadSession.Hub)] = "Left out: who is sent a feed asked this node for it.",
        [nameof(IReadSession.Settings)] = "Left out: the node's own, nobody's.",
        [nameof(IReadSession.Archive)] = "Reads what the others hold.",
        [nameof(IReadSession.Moderation)] = "Left out: what operators think and do is theirs.",
    };

    private static readonly Dictionary<string, string> LeftOut = new(StringComparer.Ordinal)
    {
        ["Profile.Id"] = "The node's number.",
        ["Profile.Url"] = "The page's address is given by the node it is on.",
        ["Profile.IsLocal"] = "Only people of the node have an archive.",
        ["Profile.IsDeleted"] = "Who has left has none.",
        ["Profile.Standing"] = "What operators think of somebody is for their node alone.",
        ["Profile.Host"] = "Only remote people have one.",
        ["Profile.Scope"] = "Only remote people have one.",
        ["Profile.FetchedAt"] = "Only remote people have one.",
        ["Notice.Author"] = "Whose archive it is.",
        ["Notice.IsRemote"] = "Only the person's own notices are in it.",
        ["Notice.Scope"] = "Only remote notices have one.",
        ["Notice.RepeatOf"] = "A number of this store; the text says in words what is repeated.",
        ["Notice.Groups"] = "Numbers of this store; the text names them, and groups/ those that the person is in.",
        ["Notice.Counts"] = "Counted where others did it.",
        ["Notice.ReplyTo"] = "A number of this store; ReplyToUri names the notice.",
        ["Subscription.State"] = "Active and imported ones are alike, for neither flows where it is imported; asked-for and ended ones are no subscriptions.",
        ["Subscription.Protocol"] = "Made anew when the person subscribes anew.",
        ["Subscription.Peer"] = "Made anew when the person subscribes anew.",
        ["Subscription.Endpoint"] = "Where this node sends is nobody else's business.",
        ["Subscription.ProfileEndpoint"] = "Where this node sends is nobody else's business.",
        ["Subscription.Token"] = "Secret.",
        ["Subscription.ProtectedSecret"] = "Secret.",
        ["Subscription.IsSubscriberLocal"] = "The archive's two parts say who hears whom.",
        ["Subscription.Id"] = "A number of this store.",
        ["Subscription.Subscriber"] = "The person, or the line's own.",
        ["Subscription.Publisher"] = "The person, or the line's own.",
    };

    [Fact]
    public void Every_facet_of_the_store_says_what_the_archive_takes_of_it() =>
        Assert.Equal(Facets.Keys.Order(StringComparer.Ordinal), typeof(IReadSession).GetProperties().Select(facet => facet.Name).Order(StringComparer.Ordinal));

    public static TheoryData<string> ProfileFields => FieldsOf(typeof(Profile));

    public static TheoryData<string> NoticeFields => FieldsOf(typeof(Notice));

    public static TheoryData<string> SubscriptionFields => FieldsOf(typeof(Subscription));

    [Theory]
    [MemberData(nameof(ProfileFields))]
    public async Task A_field_of_a_profile_changes_the_archive(string field) =>
        AssertTold("Profile." + field, await ExportAsync(Person()), await ExportAsync(Change(Person(), field)));

    [Theory]
    [MemberData(nameof(NoticeFields))]
    public async Task A_field_of_a_notice_changes_the_archive(string field) =>
        AssertTold("Notice." + field, await ExportAsync(Person(), NewNotice()), await ExportAsync(Person(), Change(NewNotice(), field)));

    [Theory]
    [MemberData(nameof(SubscriptionFields))]
    public async Task A_field_of_a_subscription_changes_the_archive(string field) =>
        AssertTold("Subscription." + field, await ExportAsync(Person(), subscription: NewSubscription()), await ExportAsync(Person(), subscription: Change(NewSubscription(), field)));

    public static TheoryData<string> MuteFields => FieldsOf(typeof(Mute));

    public static TheoryData<string> RevisionFields => FieldsOf(typeof(NoticeRevision));

    public static TheoryData<string> FavouriteFields => FieldsOf(typeof(Favourite));

    [Theory]
    [MemberData(nameof(MuteFields))]
    public async Task A_field_of_a_mute_changes_the_archive(string field) =>
        AssertTold("Mute." + field, await ExportAsync(Person(), mute: NewMute()), await ExportAsync(Person(), mute: Change(NewMute(), field)));

    [Theory]
    [MemberData(nameof(RevisionFields))]
    public async Task A_field_of_a_revision_changes_the_archive(string field) => AssertTold(
        "NoticeRevision." + field,
        await ExportAsync(Person(), Edited(), revision: NewRevision()), await ExportAsync(Person(), Edited(), revision: Change(NewRevision(), field)));

    [Theory]
    [MemberData(nameof(FavouriteFields))]
    public async Task A_field_of_a_favourite_changes_the_archive(string field) => AssertTold(
        "Favourite." + field, await ExportAsync(Person(), favourite: NewFavourite()), await ExportAsync(Person(), favourite: Change(NewFavourite(), field)));

    [Fact]
    public async Task A_picture_a_block_and_a_group_change_the_archive()
    {
        var plain = await ExportAsync(Person());

        Assert.NotEqual(plain, await ExportAsync(Person(), picture: true));
        Assert.NotEqual(plain, await ExportAsync(Person(), block: true));
        Assert.NotEqual(plain, await ExportAsync(Person(), group: true));
    }

    private static TheoryData<string> FieldsOf(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => property.Name)];

    private static void AssertTold(string field, byte[] plain, byte[] changed)
    {
        if (LeftOut.ContainsKey(field))
            return;
        Assert.False(plain.AsSpan().SequenceEqual(changed), $"{field} is stored and not in the archive. Add it to the format and docs/archive.md, or say here why not.");
    }

    // The same thing with another value in one field, whatever its type.
    private static T Change<T>(T thing, string field)
        where T : class
    {
        var copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(thing, [])!;
        var property = typeof(T).GetProperty(field)!;
        property.SetValue(copy, Other(property.PropertyType, property.GetValue(thing)));
        return copy;
    }

    private static object Other(Type type, object? value) => value switch
    {
        bool flag => !flag,
        string text => text.StartsWith("http", StringComparison.Ordinal) ? text + "x" : "https://other.example/" + text,
        DateTimeOffset time => time.AddDays(1),
        Enum => Enum.ToObject(type, 1),
        ProfileUri uri => ProfileUri.Parse(uri + "x"),
        NoticeUri uri => NoticeUri.Parse(uri + "x"),
        ProfileId => new ProfileId(4),
        NoticeId id => new NoticeId(id.Value + 1),
        TimelinePosition position => new TimelinePosition(position.Value + IdSource.PerMillisecond),
        SubscriptionId => new SubscriptionId(4),
        IReadOnlyList<ProfileId> => (ProfileId[])[new ProfileId(2)],
        IReadOnlyList<string> => (string[])["x"],
        IReadOnlyList<Attachment> =>
        (Attachment[])[new Attachment { Id = new AttachmentId(5), Blob = BlobKey.Of(Identicon.Create("x")), MediaType = "image/png", Size = 1, Width = 96, Height = 96 }],
        ReadOnlyMemory<byte> => (ReadOnlyMemory<byte>)new byte[] { 1 },
        null when type == typeof(NoticeSource) => new NoticeSource("A program", "https://program.example/"),
        null when type == typeof(SeeAlso) => new SeeAlso("https://more.example/"),
        null when type == typeof(DateTimeOffset?) => new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero),
        NoticeCounts => new NoticeCounts(1, 1, 1),
        IReadOnlyList<NamedGroup> => (NamedGroup[])[new NamedGroup(new GroupId(9), "cats")],
        _ => throw new NotSupportedException($"Say in this test how another {type} looks."),
    };

    private static Profile Person() => new()
    {
        Id = new ProfileId(1), Uri = ProfileUri.Parse("https://here.example/user/1"), Nickname = "alice", Url = "https://here.example/alice", IsLocal = true,
    };

    private static Notice NewNotice() => new()
    {
        Id = new NoticeId(IdSource.FirstAt(new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero))), Uri = NoticeUri.Parse("https://here.example/notice/1"),
        Author = new ProfileId(1), Content = "hello", License = "",
    };

    private static Subscription NewSubscription() => new()
    {
        Id = new SubscriptionId(3), Subscriber = new ProfileId(1), Publisher = new ProfileId(2), State = SubscriptionState.Active, Protocol = "omb",
        IsSubscriberLocal = true, CreatedAt = new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero),
    };

    private static Mute NewMute() => new(ProfileUri.Parse("tag:x,2009:y"), new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static Notice Edited() => NewNotice() with { EditedAt = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero) };

    private static NoticeRevision NewRevision() => new(new DateTimeOffset(2011, 1, 1, 0, 0, 0, TimeSpan.Zero), "hullo", "", "");

    private static Favourite NewFavourite() =>
        new(NoticeUri.Parse("https://there.example/1"), new TimelinePosition(IdSource.FirstAt(new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero))));

    private static async Task<byte[]> ExportAsync(
        Profile person, Notice? notice = null, Subscription? subscription = null, bool picture = false, bool block = false, bool group = false,
        Mute? mute = null, NoticeRevision? revision = null, Favourite? favourite = null)
    {
        var node = new ArchiveNode();
        var local = person with { Id = new ProfileId(1), IsLocal = true, IsDeleted = false };
        var bob = Person() with { Id = new ProfileId(2), Uri = ProfileUri.Parse("https://here.example/user/2"), Nickname = "bob" };
        var carl = bob with { Id = new ProfileId(4), Uri = ProfileUri.Parse("https://here.example/user/4"), Nickname = "carl" };
        await node.Store.Blobs.WriteAsync(BlobKey.Of(Identicon.Create("x")), Identicon.Create("x"), CancellationToken.None);
        await node.Store.ExecuteAsync(
            async (session, ct) =>
            {
                Assert.Equal(AddProfileResult.Added, await session.Profiles.AddLocalAsync(local, "1", ct));
                await session.Profiles.AddLocalAsync(bob, "2", ct);
                await session.Profiles.AddLocalAsync(carl, "3", ct);
                if (notice is not null)
                    await session.Notices.PublishAsync(notice, ct);
                if (subscription is not null)
                    await session.Subscriptions.SaveAsync(subscription, ct);
                if (picture)
                    await session.Avatars.SetAsync(local.Id, Avatar.Of(Identicon.Create("x")).Value, ct);
                if (block)
                    await session.Subscriptions.BlockAsync(local.Id, ProfileUri.Parse("tag:x,2009:y"), new DateTimeOffset(2010, 1, 1, 0, 0, 0, TimeSpan.Zero), ct);
                if (mute is not null)
                    await session.Subscriptions.MuteAsync(local.Id, mute, ct);
                if (revision is not null)
                    await session.Archive.AddRevisionAsync(notice!.Id, revision, ct);
                if (favourite is not null)
                    await session.Archive.AddFavouriteAsync(local.Id, favourite.Notice, IdSource.TimeOf(favourite.Position.Value), default, ct);
                if (group)
                    await session.Groups.AddAsync(new Group { Id = new GroupId(local.Id.Value + 8), Nickname = "cats", Creator = local.Id }, ct);
                return true;
            },
            CancellationToken.None);
        using var archive = new MemoryStream();
        await node.Archive.ExportAsync(local, archive);
        return archive.ToArray();
    }
}
