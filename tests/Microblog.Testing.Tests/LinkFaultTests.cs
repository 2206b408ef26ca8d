using System.Net;

namespace Microblog.Testing.Tests;

public sealed class LinkFaultTests : IAsyncDisposable
{
    private readonly SimulatedNetwork network = new(7);
    private readonly List<string> arrived = [];
    private readonly SimulatedPeer sender;
    private readonly SimulatedPeer receiver;

    public LinkFaultTests()
    {
        sender = network.AddPeer("https://sender.example/", _ => new HttpResponseMessage(HttpStatusCode.NotFound));
        receiver = network.AddPeer("https://receiver.example/", request =>
        {
            arrived.Add(request.RequestUri!.AbsolutePath);
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        });
    }

    public ValueTask DisposeAsync() => network.DisposeAsync();

    [Fact]
    public async Task Without_faults_a_request_arrives_once_and_is_answered_within_a_tenth_of_a_second()
    {
        var began = network.Now;
        Assert.Equal(204, await SendAsync());
        Assert.Single(arrived);
        Assert.InRange(network.Now - began, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_lost_request_has_no_effect()
    {
        network.Faults = new LinkFaults { LostRequests = 1 };
        var failure = await Assert.ThrowsAsync<HttpRequestException>(SendAsync);
        Assert.Equal(HttpRequestError.ResponseEnded, failure.HttpRequestError);
        Assert.Empty(arrived);
    }

    [Fact]
    public async Task A_lost_answer_leaves_the_effect_and_breaks_the_connection_or_leaves_it_open()
    {
        network.Faults = new LinkFaults { LostAnswers = 1 };
        var (broken, hanging) = (0, 0);
        for (var i = 1; i <= 20; i++)
        {
            switch (await Record.ExceptionAsync(SendAsync))
            {
                case HttpRequestException { Message: "the answer is lost" }:
                    broken++;
                    break;
                case HttpRequestException { Message: "there was no answer in time" }:
                    hanging++;
                    break;
            }

            Assert.Equal(i, arrived.Count);
        }

        Assert.Equal(20, broken + hanging);
        Assert.True(broken > 0 && hanging > 0);
    }

    [Fact]
    public async Task A_duplicate_arrives_once_more_within_the_time_and_the_sender_sees_one_answer()
    {
        network.Faults = new LinkFaults { Duplicates = 1, DuplicateWithin = TimeSpan.FromSeconds(10) };
        Assert.Equal(204, await SendAsync());
        await network.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, arrived.Count);
        Assert.Equal([204, 204], Assert.Single(network.Transcript.Exchanges).Statuses);
    }

    [Fact]
    public async Task Delays_let_requests_overtake_each_other()
    {
        network.Faults = new LinkFaults { MaxDelay = TimeSpan.FromSeconds(10) };
        for (var i = 0; i < 20; i++)
        {
            network.After(TimeSpan.Zero, () => SendAsync($"/{i}/a"));
            network.After(TimeSpan.FromSeconds(1), () => SendAsync($"/{i}/b"));
            await network.AdvanceAsync(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(40, arrived.Count);
        var overtaken = arrived.Chunk(2).Count(pair => pair[0].EndsWith('b'));
        Assert.InRange(overtaken, 1, 19);
    }

    [Fact]
    public async Task A_hanging_connection_ends_when_the_sender_gives_up()
    {
        network.Faults = new LinkFaults { Hangs = 1 };
        using var cancellation = new CancellationTokenSource();
        var began = network.Now;
        network.After(TimeSpan.FromSeconds(30), () =>
        {
            cancellation.Cancel();
            return Task.CompletedTask;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sender.Client.GetAsync(receiver.BaseUri, cancellation.Token));
        Assert.Equal(TimeSpan.FromSeconds(30), network.Now - began);
        Assert.Empty(arrived);
    }

    [Fact]
    public async Task An_error_on_the_way_has_one_of_the_statuses_and_no_effect()
    {
        network.Faults = new LinkFaults { Errors = 1, Statuses = [500, 504], RetryAfter = TimeSpan.FromMinutes(2) };
        var statuses = new HashSet<int>();
        for (var i = 0; i < 20; i++)
        {
            using var response = await sender.Client.GetAsync(receiver.BaseUri);
            statuses.Add((int)response.StatusCode);
            Assert.Equal(TimeSpan.FromMinutes(2), response.Headers.RetryAfter!.Delta);
        }

        Assert.Equal([500, 504], statuses.Order());
        Assert.Empty(arrived);
    }

    [Fact]
    public async Task A_cut_link_refuses_every_connection_and_the_way_back_stays_open()
    {
        network.Link(sender.BaseUri, receiver.BaseUri).IsCut = true;
        var failure = await Assert.ThrowsAsync<HttpRequestException>(SendAsync);
        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);
        Assert.Empty(arrived);
        using var back = await receiver.Client.GetAsync(sender.BaseUri);
        Assert.Equal(HttpStatusCode.NotFound, back.StatusCode);

        network.Link(sender.BaseUri, receiver.BaseUri).IsCut = false;
        Assert.Equal(204, await SendAsync());
    }

    [Fact]
    public async Task The_faults_of_a_link_replace_those_of_the_network_one_way()
    {
        network.Faults = new LinkFaults { LostRequests = 1 };
        network.Link(sender.BaseUri, receiver.BaseUri).Faults = LinkFaults.None;
        Assert.Equal(204, await SendAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => receiver.Client.GetAsync(sender.BaseUri));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public async Task A_chance_is_about_as_likely_as_it_says(double chance)
    {
        network.Faults = new LinkFaults { LostRequests = chance };
        var lost = 0;
        for (var i = 0; i < 1_000; i++)
            lost += await Record.ExceptionAsync(SendAsync) is null ? 0 : 1;
        // Five standard deviations of 1,000 throws are less than 80.
        Assert.InRange(lost, (1_000 * chance) - 80, (1_000 * chance) + 80);
    }

    [Fact]
    public async Task A_host_that_nobody_added_cannot_be_found()
    {
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => sender.Client.GetAsync(new Uri("https://nowhere.example/")));
        Assert.Equal(HttpRequestError.NameResolutionError, failure.HttpRequestError);
    }

    private Task<int> SendAsync() => SendAsync("/");

    private async Task<int> SendAsync(string path)
    {
        using var response = await sender.Client.GetAsync(new Uri(receiver.BaseUri, path));
        return (int)response.StatusCode;
    }
}
