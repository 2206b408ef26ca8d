using Microblog.Delivery;

namespace Microblog.Tests.Delivery;

public sealed class DestinationGateTests
{
    private readonly DestinationGate gate = new();

    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task One_goes_ahead_and_the_others_follow_when_it_has_brought_an_answer()
    {
        Assert.True(await gate.EnterAsync(Lane("b.example")));
        var (second, third) = (gate.EnterAsync(Lane("b.example")), gate.EnterAsync(Lane("b.example")));
        Assert.True(await gate.EnterAsync(Lane("c.example")));
        Assert.False(second.IsCompleted || third.IsCompleted);

        gate.Leave(Lane("b.example"), hasAnswered: true);

        Assert.True(await second && await third);
        Assert.True(await gate.EnterAsync(Lane("b.example")));
    }

    [Fact]
    [Trait("Clause", "OMB-134")]
    public async Task Without_an_answer_the_others_stay_and_the_next_goes_ahead_again()
    {
        await gate.EnterAsync(Lane("b.example"));
        var second = gate.EnterAsync(Lane("b.example"));
        gate.Leave(Lane("b.example"), hasAnswered: false);
        Assert.False(await second);

        var third = gate.EnterAsync(Lane("b.example"));
        Assert.False(third.IsCompleted);
        gate.Leave(Lane("b.example"), hasAnswered: false);
        Assert.False(await third);
        gate.Leave(Lane("b.example"), hasAnswered: false);
        Assert.True(await gate.EnterAsync(Lane("b.example")));
    }

    [Fact]
    public async Task An_answer_is_forgotten_with_the_last_lane()
    {
        await gate.EnterAsync(Lane("b.example"));
        gate.Leave(Lane("b.example"), hasAnswered: true);

        Assert.True(await gate.EnterAsync(Lane("b.example")));
        Assert.False(gate.EnterAsync(Lane("b.example")).IsCompleted);
    }

    private static Lane Lane(string host) => new(new ProfileId(1), "scripted", $"https://{host}/notice", host);
}
