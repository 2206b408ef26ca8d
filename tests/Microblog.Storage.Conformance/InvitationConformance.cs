namespace Microblog.Storage.Conformance;

public abstract class InvitationConformance(IStoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task An_invitation_is_found_as_it_was_added_by_its_key_alone()
    {
        var alice = await AddLocalAsync("alice");
        var invitation = await AddAsync(alice, 1);
        Assert.Equal(invitation, await FindAsync(invitation.Key));
        Assert.Null(await FindAsync(invitation.Key.ToUpperInvariant()));
        Assert.Null(await FindAsync(Key(2)));
        Assert.Null(await FindAsync(""));
    }

    [Fact]
    public async Task A_persons_invitations_are_listed_newest_first_and_nobody_elses()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var first = await AddAsync(alice, 1);
        var second = await AddAsync(alice, 2);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var third = await AddAsync(alice, 0);
        await AddAsync(bob, 4);
        Assert.Equal([third, second, first], await ListAsync(alice));
        Assert.Equal([third, second], await Read(session => session.Invitations.ListAsync(alice.Id, 2, None)));
    }

    [Fact]
    public async Task Uses_are_counted_also_when_several_come_at_once()
    {
        var invitation = await AddAsync(await AddLocalAsync("alice"), 1);
        await AtOnceAsync(8, _ => Write(session => session.Invitations.CountUseAsync(invitation.Key, None)));
        await Write(session => session.Invitations.CountUseAsync(Key(2), None));
        Assert.Equal(invitation with { Uses = 8 }, await FindAsync(invitation.Key));
    }

    [Fact]
    public async Task What_was_found_stays_as_found_so_that_nobody_joins_too_many()
    {
        var invitation = await AddAsync(await AddLocalAsync("alice"), 1);
        var joined = await AtOnceAsync(10, _ => Write(async session =>
        {
            if (await session.Invitations.FindAsync(invitation.Key, None) is not { IsUsedUp: false })
                return false;
            await session.Invitations.CountUseAsync(invitation.Key, None);
            return true;
        }));
        Assert.Equal(invitation.MaxUses, joined.Count(did => did));
        Assert.True((await FindAsync(invitation.Key))!.IsUsedUp);
    }

    [Fact]
    public async Task An_invitation_is_taken_back_by_whose_it_is_and_by_nobody_else()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var invitation = await AddAsync(alice, 1);
        Assert.False(await Write(session => session.Invitations.RemoveAsync(invitation.Key, bob.Id, None)));
        Assert.Equal(invitation, await FindAsync(invitation.Key));
        Assert.True(await Write(session => session.Invitations.RemoveAsync(invitation.Key, alice.Id, None)));
        Assert.Null(await FindAsync(invitation.Key));
        Assert.False(await Write(session => session.Invitations.RemoveAsync(invitation.Key, alice.Id, None)));
    }

    [Fact]
    public async Task A_persons_expired_invitations_go_and_nobody_elses()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        await AddAsync(alice, 1);
        var others = await AddAsync(bob, 2);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var later = await AddAsync(alice, 3);
        await Write(session => session.Invitations.RemoveExpiredAsync(alice.Id, others.ExpiresAt, None));
        Assert.Equal([later], await ListAsync(alice));
        Assert.Equal([others], await ListAsync(bob));
    }

    [Fact]
    public async Task Those_of_somebody_who_leaves_go_too()
    {
        var (alice, bob) = (await AddLocalAsync("alice"), await AddLocalAsync("bob"));
        var invitation = await AddAsync(alice, 1);
        var others = await AddAsync(bob, 2);
        await Write(session => session.Profiles.DeleteLocalAsync(alice.Id, None));
        Assert.Null(await FindAsync(invitation.Key));
        Assert.Equal(others, await FindAsync(others.Key));
    }

    private static string Key(int number) => new((char)('0' + number), 64);

    private ValueTask<Invitation?> FindAsync(string key) => Read(session => session.Invitations.FindAsync(key, None));

    private ValueTask<IReadOnlyList<Invitation>> ListAsync(Profile inviter) => Read(session => session.Invitations.ListAsync(inviter.Id, 50, None));

    private async Task<Invitation> AddAsync(Profile inviter, int number)
    {
        var invitation = new Invitation
        {
            Key = "a" + Key(number)[1..],
            Inviter = inviter.Id,
            CreatedAt = Clock.GetUtcNow(),
            ExpiresAt = Clock.GetUtcNow() + TimeSpan.FromDays(1),
            MaxUses = 3,
            FollowsBack = number % 2 == 1,
        };
        await Write(session => session.Invitations.AddAsync(invitation, None));
        return invitation;
    }
}
