using Microblog.Moderation;

namespace Microblog.Storage.Conformance;

public abstract class ProfileStoreConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task A_profile_is_found_by_number_nickname_subject_and_identifier_with_every_field()
    {
        var profile = LocalProfile("alice") with
        {
            FullName = "Alice \u202Eecila",
            Bio = "née 🎈",
            Location = "Köln & elsewhere",
            Homepage = "https://alice.example/",
            AvatarUrl = "https://here.example/a.png",
            ApprovesFollowers = true,
        };
        await Write(session => session.Profiles.AddLocalAsync(profile, "42", None));

        Assert.Equal(profile, await Read(session => session.Profiles.FindAsync(profile.Id, None)));
        Assert.Equal(profile, await Read(session => session.Profiles.FindLocalAsync("alice", None)));
        Assert.Equal(profile, await Read(session => session.Profiles.FindBySubjectAsync("42", None)));
        Assert.Equal(profile, await Read(session => session.Profiles.FindAsync(profile.Uri, default, None)));
    }

    [Fact]
    public async Task Nobody_is_found_where_nobody_is()
    {
        Assert.Null(await Read(session => session.Profiles.FindAsync(new ProfileId(7), None)));
        Assert.Null(await Read(session => session.Profiles.FindLocalAsync("alice", None)));
        Assert.Null(await Read(session => session.Profiles.FindBySubjectAsync("42", None)));
        Assert.Null(await Read(session => session.Profiles.FindAsync(ProfileUri.Parse("https://a.example/"), default, None)));
        Assert.Empty(await Read(session => session.Profiles.ListLocalAsync(null, 10, None)));
    }

    [Fact]
    [Trait("Clause", "OMB-12")]
    public async Task A_nickname_is_given_once_whatever_its_case()
    {
        await AddLocalAsync("alice");
        var second = LocalProfile("ALICE");

        Assert.Equal(AddProfileResult.NicknameTaken, await Write(session => session.Profiles.AddLocalAsync(second, "43", None)));
        Assert.Null(await Read(session => session.Profiles.FindAsync(second.Id, None)));
        Assert.Null(await Read(session => session.Profiles.FindBySubjectAsync("43", None)));
    }

    [Fact]
    public async Task A_user_of_the_host_has_one_profile()
    {
        await AddLocalAsync("alice");
        var second = LocalProfile("other");

        Assert.Equal(AddProfileResult.SubjectHasProfile, await Write(session => session.Profiles.AddLocalAsync(second, "subject-alice", None)));
        Assert.Null(await Read(session => session.Profiles.FindLocalAsync("other", None)));
    }

    [Fact]
    public async Task Of_two_who_ask_for_a_nickname_at_once_one_gets_it()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() =>
        {
            var profile = LocalProfile("alice") with { Uri = ProfileUri.Parse($"https://here.example/{number}") };
            return Write(session => session.Profiles.AddLocalAsync(profile, $"{number}", None)).AsTask();
        })));

        Assert.Single(results, AddProfileResult.Added);
        Assert.Equal(7, results.Count(result => result == AddProfileResult.NicknameTaken));
    }

    [Fact]
    public async Task Of_two_profiles_that_a_user_asks_for_at_once_one_is_made()
    {
        var results = await AtOnceAsync(8, number =>
        {
            var profile = LocalProfile($"alice{number}");
            return Write(session => session.Profiles.AddLocalAsync(profile, "42", None));
        });

        Assert.Single(results, AddProfileResult.Added);
        Assert.Equal(7, results.Count(result => result == AddProfileResult.SubjectHasProfile));
        Assert.Single(await Read(session => session.Profiles.ListLocalAsync(null, 10, None)));
    }

    [Fact]
    public async Task A_remote_person_that_several_bring_at_once_is_stored_once()
    {
        var ids = await AtOnceAsync(8, _ =>
        {
            var profile = RemoteProfile("zoe", new SubscriptionId(11));
            return Write(session => session.Profiles.SaveRemoteAsync(profile, None));
        });

        var stored = await Read(session => session.Profiles.FindAsync(RemoteProfile("zoe").Uri, new SubscriptionId(11), None));
        Assert.Equal(Enumerable.Repeat(stored!.Id, 8), ids);
    }

    [Fact]
    public async Task A_person_who_was_found_stays_as_found_until_the_work_has_ended()
    {
        var alice = await AddLocalAsync("alice");
        await Write(session => session.Profiles.UpdateAsync(alice with { Bio = "0" }, None));

        await AtOnceAsync(20, number => Write(async session =>
        {
            var found = await ((number % 4) switch
            {
                0 => session.Profiles.FindAsync(alice.Id, None),
                1 => session.Profiles.FindLocalAsync("alice", None),
                2 => session.Profiles.FindBySubjectAsync("subject-alice", None),
                _ => session.Profiles.FindAsync(alice.Uri, default, None),
            });
            return await session.Profiles.UpdateAsync(found! with { Bio = $"{int.Parse(found.Bio, null) + 1}" }, None);
        }));

        Assert.Equal("20", (await Read(session => session.Profiles.FindAsync(alice.Id, None)))!.Bio);
    }

    [Fact]
    [Trait("Clause", "OMB-12")]
    [Trait("Clause", "OMB-9")]
    public async Task The_nickname_and_the_identifier_of_one_who_left_stay_taken()
    {
        var alice = await AddLocalAsync("alice");
        await Write(session => session.Profiles.UpdateAsync(alice with { Bio = "hi", FullName = "Alice" }, None));
        await Write(session => session.Profiles.DeleteLocalAsync(alice.Id, None));

        var gone = await Read(session => session.Profiles.FindLocalAsync("alice", None));
        Assert.NotNull(gone);
        Assert.True(gone.IsDeleted);
        Assert.Equal(("", "", "alice", alice.Uri), (gone.Bio, gone.FullName, gone.Nickname, gone.Uri));
        Assert.Null(await Read(session => session.Profiles.FindBySubjectAsync("subject-alice", None)));
        Assert.Empty(await Read(session => session.Profiles.ListLocalAsync(null, 10, None)));

        Assert.Equal(AddProfileResult.NicknameTaken, await Write(session => session.Profiles.AddLocalAsync(
            LocalProfile("alice") with { Uri = ProfileUri.Parse("https://here.example/new") }, "44", None)));
        Assert.Equal(AddProfileResult.Added, await Write(session => session.Profiles.AddLocalAsync(LocalProfile("alice2"), "subject-alice", None)));
        Assert.False(await Write(session => session.Profiles.UpdateAsync(alice with { Bio = "back" }, None)));
    }

    [Fact]
    [Trait("Clause", "OMB-9")]
    public async Task An_update_changes_neither_identifier_nor_nickname_of_a_local_person()
    {
        var alice = await AddLocalAsync("alice");
        var changed = alice with { Uri = ProfileUri.Parse("https://evil.example/"), Nickname = "bob", Bio = "new", IsLocal = false };

        Assert.True(await Write(session => session.Profiles.UpdateAsync(changed, None)));

        Assert.Equal(alice with { Bio = "new" }, await Read(session => session.Profiles.FindAsync(alice.Id, None)));
        Assert.False(await Write(session => session.Profiles.UpdateAsync(alice with { Id = new ProfileId(1) }, None)));
    }

    [Fact]
    [Trait("Clause", "OMB-65")]
    public async Task What_two_subscriptions_say_about_one_person_is_kept_apart()
    {
        var first = RemoteProfile("zoe", new SubscriptionId(11)) with { FullName = "Zoe" };
        var second = RemoteProfile("zoe", new SubscriptionId(12)) with { FullName = "Evil" };
        var proven = RemoteProfile("zoe") with { FullName = "Zoë" };
        foreach (var profile in new[] { first, second, proven })
            Assert.Equal(profile.Id, await Write(session => session.Profiles.SaveRemoteAsync(profile, None)));

        Assert.Equal(first, await Read(session => session.Profiles.FindAsync(first.Uri, new SubscriptionId(11), None)));
        Assert.Equal(second, await Read(session => session.Profiles.FindAsync(first.Uri, new SubscriptionId(12), None)));
        Assert.Equal(proven, await Read(session => session.Profiles.FindAsync(first.Uri, default, None)));
    }

    [Fact]
    public async Task Saving_a_remote_person_again_replaces_all_but_the_number()
    {
        var first = await AddRemoteAsync("zoe", new SubscriptionId(11));
        var again = RemoteProfile("zoe2", new SubscriptionId(11)) with { Uri = first.Uri, Bio = "new" };

        Assert.Equal(first.Id, await Write(session => session.Profiles.SaveRemoteAsync(again, None)));

        Assert.Equal(again with { Id = first.Id }, await Read(session => session.Profiles.FindAsync(first.Id, None)));
        Assert.Null(await Read(session => session.Profiles.FindAsync(again.Id, None)));
    }

    [Fact]
    public async Task A_remote_person_never_replaces_a_local_one()
    {
        var alice = await AddLocalAsync("alice");
        var claim = RemoteProfile("mallory") with { Uri = alice.Uri };

        await Assert.ThrowsAsync<StoreException>(() => Write(session => session.Profiles.SaveRemoteAsync(claim, None)).AsTask());

        Assert.Equal(alice, await Read(session => session.Profiles.FindAsync(alice.Uri, default, None)));
        Assert.Null(await Read(session => session.Profiles.FindLocalAsync("mallory", None)));
    }

    [Fact]
    public async Task Identifiers_are_compared_byte_for_byte()
    {
        var zoe = await AddRemoteAsync("zoe");

        Assert.Null(await Read(session => session.Profiles.FindAsync(ProfileUri.Parse(zoe.Uri.Value.ToUpperInvariant()), default, None)));
        Assert.Null(await Read(session => session.Profiles.FindAsync(ProfileUri.Parse(zoe.Uri + "/"), default, None)));
    }

    [Fact]
    public async Task Local_people_are_listed_newest_first_in_pages()
    {
        var people = new List<Profile>();
        foreach (var nickname in new[] { "a", "b", "c", "d" })
            people.Add(await AddLocalAsync(nickname));
        await AddRemoteAsync("zoe");

        var page = await Read(session => session.Profiles.ListLocalAsync(null, 3, None));
        var rest = await Read(session => session.Profiles.ListLocalAsync(page[^1].Id, 3, None));

        Assert.Equal(people[1..].AsEnumerable().Reverse(), page);
        Assert.Equal([people[0]], rest);
    }

    [Fact]
    public async Task Local_and_proven_people_are_found_by_many_identifiers_at_once_in_their_order()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await AddLocalAsync("unasked");
        var (_, unproven) = await HearRemoteAsync(alice, "unproven");
        var (left, suspended) = (await AddLocalAsync("left"), await AddLocalAsync("suspended"));
        var (zoe, yves) = (await AddRemoteAsync("zoe"), await AddRemoteAsync("yves", host: "bad.example"));
        await Write(session => session.Profiles.DeleteLocalAsync(left.Id, None));
        await Write(session => session.Moderation.SetStandingAsync(suspended.Uri, Standing.Suspended, None));
        await Write(session => session.Moderation.SetDomainAsync(new DomainRule("bad.example", Standing.Suspended, Clock.GetUtcNow()), None));

        ProfileUri[] wanted =
            [zoe.Uri, ProfileUri.Parse("tag:unknown"), unproven.Uri, bob.Uri, left.Uri, suspended.Uri, yves.Uri, ProfileUri.Parse(alice.Uri.Value.ToUpperInvariant()), alice.Uri];
        var found = await Read(session => session.Profiles.ListAsync(wanted, None));

        Assert.Equal([zoe.Id, bob.Id, alice.Id], found.Select(person => person.Id));
        Assert.Equal(bob, found[1] with { Standing = bob.Standing });
        Assert.Empty(await Read(session => session.Profiles.ListAsync([], None)));
        var many = Enumerable.Range(0, 3_000).Select(number => ProfileUri.Parse($"tag:{number}")).Append(bob.Uri).ToList();
        Assert.Equal([bob.Id], (await Read(session => session.Profiles.ListAsync(many, None))).Select(person => person.Id));
    }

    [Fact]
    public async Task A_picture_is_kept_until_another_comes_or_none()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var (first, second) = (Picture(1), Picture(2));
        await Write(session => session.Avatars.SetAsync(alice.Id, first, None));
        Assert.Equal(first.Content.ToArray(), (await Read(session => session.Avatars.FindAsync(alice.Id, None)))!.Content.ToArray());
        await Write(session => session.Avatars.SetAsync(alice.Id, second, None));
        var kept = await Read(session => session.Avatars.FindAsync(alice.Id, None));
        Assert.Equal("image/gif", kept!.MediaType);
        Assert.Equal(second.Content.ToArray(), kept.Content.ToArray());
        Assert.Null(await Read(session => session.Avatars.FindAsync(bob.Id, None)));

        await Write(session => session.Avatars.SetAsync(alice.Id, null, None));
        Assert.Null(await Read(session => session.Avatars.FindAsync(alice.Id, None)));
    }

    private static Microblog.Media.Avatar Picture(byte last) =>
        Microblog.Media.Avatar.Of(new byte[] { (byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'9', (byte)'a', 96, 0, 96, 0, 0, 0, 0, last }).Value;
}
