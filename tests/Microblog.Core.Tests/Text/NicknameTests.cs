using FsCheck;
using FsCheck.Fluent;
using Microblog.Text;

namespace Microblog.Tests.Text;

public sealed class NicknameTests
{
    [Theory]
    [InlineData("alice", "alice")]
    [InlineData(" Alice ", "alice")]
    [InlineData("A1", "a1")]
    [InlineData("1a", "1a")]
    [Trait("Clause", "OMB-12")]
    public void A_nickname_is_folded(string typed, string nickname)
    {
        Assert.True(Nickname.TryParse(typed, out var parsed, out _));
        Assert.Equal(nickname, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("123")]
    [InlineData("a b")]
    [InlineData("a_b")]
    [InlineData("a-b")]
    [InlineData("a.b")]
    [InlineData("älice")]
    [InlineData("аlice")] // a Cyrillic letter
    [InlineData("alice\0")]
    [InlineData("admin")]
    [InlineData("ROOT")]
    [InlineData("omb")]
    [InlineData("user")]
    [InlineData("notice")]
    [InlineData("own")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [Trait("Clause", "OMB-12")]
    public void A_nickname_that_breaks_a_rule_is_refused_with_a_reason(string? typed)
    {
        Assert.False(Nickname.TryParse(typed, out var parsed, out var problem, new HashSet<string> { "own" }));
        Assert.Null(parsed);
        Assert.NotEmpty(problem);
    }

    [Fact]
    [Trait("Clause", "OMB-12")]
    public void Whatever_is_taken_or_suggested_keeps_the_rules()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), name =>
        {
            var isTaken = Nickname.TryParse(name, out var nickname, out _);
            return (!isTaken || IsRight(nickname!)) && IsRight(Nickname.Suggest(name ?? ""));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

        static bool IsRight(string name) => name is { Length: >= 1 and <= 64 } && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9')) && !name.All(char.IsDigit);
    }

    [Theory]
    [InlineData("Zoe Muller", "zoemuller")]
    [InlineData("zoe@example.org", "zoe")]
    [InlineData("42", "user42")]
    [InlineData("admin", "useradmin")]
    [InlineData("\uD83D\uFFFE broken", "broken")]
    public void The_nearest_nickname_is_suggested(string name, string nickname) => Assert.Equal(nickname, Nickname.Suggest(name));
}
