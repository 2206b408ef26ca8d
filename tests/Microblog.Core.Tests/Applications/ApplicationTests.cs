using Microblog.Applications;
using Microblog.Identity;
using Microblog.Moderation;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microblog.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Core.Tests.Applications;

public sealed class ApplicationTests
{
    private static readonly ApplicationDetails Reader = new() { Name = "Reader" };

    private readonly FakeTimeProvider clock = new();
    private readonly InMemoryStore store;
    private readonly MicroblogNode node;
    private readonly NodeModeration moderation;
    private readonly ApplicationDesk applications;
    private readonly AccessDesk access;
    private readonly PasswordDesk passwords;

    public ApplicationTests()
    {
        store = new InMemoryStore(clock);
        var services = InMemoryNode.Create(clock, store: store);
        node = services.GetRequiredService<MicroblogNode>();
        moderation = services.GetRequiredService<NodeModeration>();
        var protector = new Reversing();
        applications = new ApplicationDesk(store, protector, clock);
        access = new AccessDesk(store, protector, clock);
        passwords = new PasswordDesk(store, clock);
    }

    [Fact]
    public async Task A_registered_application_is_listed_with_its_secret_and_found_by_its_key()
    {
        var alice = await JoinAsync("alice");
        var details = new ApplicationDetails
        {
            Name = "Reader & čaj 🎈", Description = "Reads = all", Homepage = "https://reader.example/?a=b&c", Callback = "https://reader.example/back", MayWrite = true,
        };

        var registered = (await applications.RegisterAsync(alice.Id, details)).Value;
        clock.Advance(TimeSpan.FromSeconds(1));
        var second = (await applications.RegisterAsync(alice.Id, Reader)).Value;

        Assert.Equal(details, registered.Application.Details);
        Assert.Equal(32, registered.Secret.Length);
        var listed = await applications.ListAsync(alice.Id);
        Assert.Equal([second.Application, registered.Application], listed.Select(own => own.Application));
        Assert.Equal([second.Secret, registered.Secret], listed.Select(own => own.Secret));
        Assert.Equal(registered.Application, (await applications.FindAsync(registered.Application.Key))!.Application);
        Assert.Null(await applications.FindAsync("unknown"));
    }

    [Fact]
    public async Task No_secret_and_no_password_lies_open_in_the_store()
    {
        var alice = await JoinAsync("alice");
        var registered = (await applications.RegisterAsync(alice.Id, Reader)).Value;
        await GrantAsync(alice, registered, "t");
        var password = (await passwords.MakeAsync(alice.Id, "phone")).Value;

        var kept = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) => new[]
            {
                (await session.Credentials.FindAsync("api.application", registered.Application.Key, ct))!,
                (await session.Credentials.FindAsync("api.access", "t", ct))!,
                (await session.Credentials.FindAsync("api.password", password.Password.Key, ct))!,
            },
            default);

        foreach (var credential in kept)
        {
            var all = credential.Token + credential.Data + credential.Consumer + System.Text.Encoding.UTF8.GetString(credential.ProtectedSecret.Span);
            Assert.DoesNotContain(registered.Secret, all, StringComparison.Ordinal);
            Assert.DoesNotContain("secret of t", all, StringComparison.Ordinal);
            Assert.DoesNotContain(password.Text, all, StringComparison.Ordinal);
            Assert.DoesNotContain(password.Text.Replace("-", "", StringComparison.Ordinal), all, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("  Rea\u202eder\n2 ", "Rea der 2")]
    [InlineData("a\u0000b", "a b")]
    [InlineData("one\u2028two", "one two")]
    public async Task A_name_is_kept_as_one_line_without_characters_that_mislead(string typed, string kept) =>
        Assert.Equal(kept, (await applications.RegisterAsync((await JoinAsync("alice")).Id, new ApplicationDetails { Name = typed })).Value.Application.Details.Name);

    [Theory]
    [InlineData("", "", "")]
    [InlineData("\u200f\n", "", "")]
    [InlineData("x", "javascript:alert(1)", "")]
    [InlineData("x", "", "http://u:p@back.example/")]
    [InlineData("x", "", "https://back.example/#here")]
    [InlineData("x", "", "oob")]
    public async Task What_breaks_the_rules_is_not_registered(string name, string homepage, string callback)
    {
        var alice = await JoinAsync("alice");

        Assert.NotNull((await applications.RegisterAsync(alice.Id, new ApplicationDetails { Name = name, Homepage = homepage, Callback = callback })).Problem);
        Assert.NotNull((await applications.RegisterAsync(alice.Id, Reader with { Name = new string('x', 65) })).Problem);
        Assert.NotNull((await applications.RegisterAsync(alice.Id, Reader with { Description = new string('x', 281) })).Problem);
        Assert.NotNull((await applications.RegisterAsync(alice.Id, Reader with { Homepage = "https://x.example/" + new string('x', 500) })).Problem);
        Assert.Empty(await applications.ListAsync(alice.Id));
    }

    [Fact]
    public async Task The_longest_details_fit()
    {
        var alice = await JoinAsync("alice");
        var address = "https://x.example/" + new string('é', 240);
        var details = new ApplicationDetails { Name = new string('字', 64), Description = new string('字', 280), Homepage = address, Callback = address, MayWrite = true };

        await applications.RegisterAsync(alice.Id, details);

        Assert.Equal(details, Assert.Single(await applications.ListAsync(alice.Id)).Application.Details);
    }

    [Fact]
    public async Task A_person_has_room_for_so_many_applications_and_passwords()
    {
        var alice = await JoinAsync("alice");
        for (var number = 0; number < 25; number++)
        {
            await applications.RegisterAsync(alice.Id, Reader);
            await passwords.MakeAsync(alice.Id, "phone");
        }

        Assert.NotNull((await applications.RegisterAsync(alice.Id, Reader)).Problem);
        Assert.NotNull((await passwords.MakeAsync(alice.Id, "phone")).Problem);
        Assert.Null((await applications.RegisterAsync((await JoinAsync("bob")).Id, Reader)).Problem);

        Assert.True(await applications.DeleteAsync(alice.Id, (await applications.ListAsync(alice.Id))[3].Application.Key));
        Assert.True(await passwords.RemoveAsync(alice.Id, (await passwords.ListAsync(alice.Id))[3].Key));
        Assert.Null((await applications.RegisterAsync(alice.Id, Reader)).Problem);
        Assert.Null((await passwords.MakeAsync(alice.Id, "phone")).Problem);
    }

    [Fact]
    public async Task Only_its_owner_changes_or_deletes_an_application()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var registered = (await applications.RegisterAsync(alice.Id, Reader)).Value;
        var key = registered.Application.Key;

        Assert.NotNull((await applications.ChangeAsync(bob.Id, key, Reader with { Name = "Mine" })).Problem);
        Assert.False(await applications.DeleteAsync(bob.Id, key));
        Assert.NotNull((await applications.ChangeAsync(alice.Id, key, Reader with { Name = "" })).Problem);
        Assert.NotNull((await applications.ChangeAsync(alice.Id, "unknown", Reader)).Problem);
        Assert.Equal("Reader", (await applications.FindAsync(key))!.Application.Details.Name);

        Assert.Equal("Writer", (await applications.ChangeAsync(alice.Id, key, Reader with { Name = "Writer" })).Value.Details.Name);
        var changed = (await applications.FindAsync(key))!;
        Assert.Equal(registered.Application with { Details = Reader with { Name = "Writer" } }, changed.Application);
        Assert.Equal(registered.Secret, changed.Secret);

        Assert.True(await applications.DeleteAsync(alice.Id, key));
        Assert.False(await applications.DeleteAsync(alice.Id, key));
        Assert.Null(await applications.FindAsync(key));
        Assert.NotNull((await applications.ChangeAsync(alice.Id, key, Reader)).Problem);
    }

    [Fact]
    public async Task Whoever_lets_an_application_in_again_gives_it_the_same_token_until_they_take_it_back()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var reader = (await applications.RegisterAsync(alice.Id, Reader)).Value;

        Assert.Equal("1", await GrantAsync(bob, reader, "1"));
        Assert.Equal("1", await GrantAsync(bob, reader, "2"));
        Assert.Equal("3", await GrantAsync(alice, reader, "3"));
        Assert.Equal("secret of 1", (await access.FindAsync(reader.Application.Key, "1", default))!.Secret);
        Assert.Null(await access.FindAsync(reader.Application.Key, "2", default));

        Assert.True(await access.RevokeAsync(bob.Id, reader.Application.Key));
        Assert.False(await access.RevokeAsync(bob.Id, reader.Application.Key));
        Assert.Null(await access.FindAsync(reader.Application.Key, "1", default));
        Assert.NotNull(await access.FindAsync(reader.Application.Key, "3", default));
        Assert.Empty(await access.ListAsync(bob.Id));
        Assert.Equal("4", await GrantAsync(bob, reader, "4"));
    }

    [Fact]
    public async Task A_token_is_of_the_application_that_got_it_alone()
    {
        var alice = await JoinAsync("alice");
        var (reader, other) = ((await applications.RegisterAsync(alice.Id, Reader)).Value, (await applications.RegisterAsync(alice.Id, Reader)).Value);
        await GrantAsync(alice, reader, "t");

        Assert.Null(await access.FindAsync(other.Application.Key, "t", default));
        Assert.Null(await access.FindAsync("", "t", default));
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public async Task An_application_writes_if_the_person_agreed_to_that_and_it_asks_for_it_now(bool agreed, bool asks, bool mayWrite)
    {
        var alice = await JoinAsync("alice");
        var reader = (await applications.RegisterAsync(alice.Id, Reader with { MayWrite = agreed })).Value;
        await GrantAsync(alice, reader, "t", agreed);

        await applications.ChangeAsync(alice.Id, reader.Application.Key, Reader with { MayWrite = asks });

        Assert.Equal(mayWrite, (await access.FindAsync(reader.Application.Key, "t", default))!.MayWrite);
        Assert.Equal(mayWrite, Assert.Single(await access.ListAsync(alice.Id)).MayWrite);

        // Asked anew, they agree to what it asks for.
        await GrantAsync(alice, reader, "u", asks);
        Assert.Equal(asks, (await access.FindAsync(reader.Application.Key, "t", default))!.MayWrite);
    }

    [Fact]
    public async Task A_deleted_application_is_let_in_by_nobody_and_takes_no_place()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        for (var number = 0; number < AccessDesk.MaxPerPerson; number++)
        {
            var one = (await applications.RegisterAsync(alice.Id, Reader)).Value;
            await GrantAsync(bob, one, $"{number}");
            // Only the last one is there at the end.
            if (number < AccessDesk.MaxPerPerson - 1)
                await applications.DeleteAsync(alice.Id, one.Application.Key);
            else
                Assert.Equal(one.Application, Assert.Single(await access.ListAsync(bob.Id)).Application);
        }

        var next = (await applications.RegisterAsync(alice.Id, Reader)).Value;
        Assert.True(await access.HasRoomAsync(bob.Id, next.Application.Key));
        Assert.Equal("next", await GrantAsync(bob, next, "next"));
        Assert.NotNull(await access.FindAsync(next.Application.Key, "next", default));
        await applications.DeleteAsync(alice.Id, next.Application.Key);
        Assert.Null(await access.FindAsync(next.Application.Key, "next", default));
        Assert.Null(await GrantAsync(bob, next, "never"));
    }

    [Fact]
    public async Task Nobody_lets_in_more_than_so_many_applications()
    {
        var bob = await JoinAsync("bob");
        var all = new List<RegisteredApplication>();
        for (var number = 0; number <= AccessDesk.MaxPerPerson; number++)
        {
            if (number % ApplicationDesk.MaxPerPerson == 0)
                await JoinAsync($"owner{number}");
            all.Add((await applications.RegisterAsync((await node.FindLocalAsync($"owner{number / ApplicationDesk.MaxPerPerson * ApplicationDesk.MaxPerPerson}"))!.Id, Reader)).Value);
        }

        foreach (var one in all.SkipLast(1))
            Assert.NotNull(await GrantAsync(bob, one, one.Application.Key));

        Assert.False(await access.HasRoomAsync(bob.Id, all[^1].Application.Key));
        Assert.True(await access.HasRoomAsync(bob.Id, all[0].Application.Key));
        Assert.Null(await GrantAsync(bob, all[^1], "t"));
        Assert.Equal(all[0].Application.Key, await GrantAsync(bob, all[0], "t"));
    }

    [Fact]
    public async Task Who_leaves_takes_their_applications_tokens_and_passwords_along()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var ofAlice = (await applications.RegisterAsync(alice.Id, Reader)).Value;
        var ofBob = (await applications.RegisterAsync(bob.Id, Reader)).Value;
        await GrantAsync(bob, ofAlice, "1");
        await GrantAsync(alice, ofBob, "2");
        var password = (await passwords.MakeAsync(alice.Id, "phone")).Value;

        await node.LeaveAsync(alice.Id);

        Assert.Null(await applications.FindAsync(ofAlice.Application.Key));
        Assert.Null(await access.FindAsync(ofAlice.Application.Key, "1", default));
        Assert.Null(await access.FindAsync(ofBob.Application.Key, "2", default));
        Assert.Null(await passwords.FindPersonAsync("alice", password.Text, default));
        Assert.Empty(await access.ListAsync(bob.Id));
        Assert.NotNull((await applications.RegisterAsync(alice.Id, Reader)).Problem);
        Assert.NotNull((await passwords.MakeAsync(alice.Id, "phone")).Problem);
        Assert.Null(await GrantAsync(alice, ofBob, "3"));
    }

    [Fact]
    public async Task Who_is_suspended_registers_nothing_and_lets_nobody_in_and_their_applications_stand_still()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var ofAlice = (await applications.RegisterAsync(alice.Id, Reader)).Value;
        await GrantAsync(bob, ofAlice, "1");
        await moderation.JudgeAsync("mod", alice.Uri, Standing.Suspended, "spam");

        Assert.Null(await applications.FindAsync(ofAlice.Application.Key));
        Assert.Null(await access.FindAsync(ofAlice.Application.Key, "1", default));
        Assert.NotNull((await applications.RegisterAsync(alice.Id, Reader)).Problem);
        Assert.NotNull((await applications.ChangeAsync(alice.Id, ofAlice.Application.Key, Reader)).Problem);
        Assert.NotNull((await passwords.MakeAsync(alice.Id, "phone")).Problem);
        Assert.Null(await GrantAsync(alice, ofAlice, "2"));

        await moderation.JudgeAsync("mod", alice.Uri, Standing.Good, "enough");
        Assert.NotNull(await access.FindAsync(ofAlice.Application.Key, "1", default));
    }

    [Fact]
    public async Task A_password_opens_its_own_account_however_it_is_typed()
    {
        var (alice, bob) = (await JoinAsync("alice"), await JoinAsync("bob"));
        var made = (await passwords.MakeAsync(alice.Id, " my\nphone ")).Value;

        Assert.Equal("my phone", made.Password.Name);
        Assert.Matches("^([23456789bcdfghjkmnpqrstvwxz]{4}-){5}[23456789bcdfghjkmnpqrstvwxz]{4}$", made.Text);
        Assert.Equal(alice, await passwords.FindPersonAsync("alice", made.Text, default));
        Assert.Equal(alice, await passwords.FindPersonAsync("Alice", made.Text.Replace('-', ' ').ToUpperInvariant(), default));
        Assert.Null(await passwords.FindPersonAsync("bob", made.Text, default));
        Assert.Null(await passwords.FindPersonAsync("alice", made.Text[..^1], default));
        Assert.Null(await passwords.FindPersonAsync("alice", made.Text + ":x", default));
        Assert.Null(await passwords.FindPersonAsync("alice", made.Password.Key, default));
        Assert.Null(await passwords.FindPersonAsync("alice", "", default));
        Assert.Null(await passwords.FindPersonAsync("\0\ud800", made.Text, default));

        Assert.False(await passwords.RemoveAsync(bob.Id, made.Password.Key));
        Assert.Equal(made.Password, Assert.Single(await passwords.ListAsync(alice.Id)));
        Assert.True(await passwords.RemoveAsync(alice.Id, made.Password.Key));
        Assert.Null(await passwords.FindPersonAsync("alice", made.Text, default));
        Assert.Empty(await passwords.ListAsync(alice.Id));
    }

    [Fact]
    public async Task A_password_needs_a_name()
    {
        var alice = await JoinAsync("alice");

        Assert.NotNull((await passwords.MakeAsync(alice.Id, " \u202e ")).Problem);
        Assert.NotNull((await passwords.MakeAsync(alice.Id, new string('x', 65))).Problem);
        Assert.Empty(await passwords.ListAsync(alice.Id));
    }

    private async Task<Profile> JoinAsync(string nickname) => (await node.JoinAsync(nickname, nickname)).Value;

    private async Task<string?> GrantAsync(Profile person, RegisteredApplication application, string token, bool mayWrite = false) => (await store.ExecuteAsync(
        (session, ct) => access.GrantAsync(session, person.Id, application.Application.Key, mayWrite, new AccessSecret(token, "secret of " + token), ct), default))?.Token;

    // Enough of a seal to see whether something was sealed.
    private sealed class Reversing : ISecretProtector
    {
        public byte[] Protect(ReadOnlySpan<byte> secret)
        {
            var bytes = secret.ToArray();
            Array.Reverse(bytes);
            return bytes;
        }

        public byte[]? Unprotect(ReadOnlySpan<byte> sealedSecret) => Protect(sealedSecret);
    }
}
