using System.Net;
using System.Text;
using Microblog.Diagnostics;
using Microblog.Http;
using Microblog.Pages;
using Microblog.Scheduling;
using Microblog.Testing;
using Microsoft.Extensions.Logging;

namespace Microblog.Tests.Diagnostics;

public sealed class RefusalLogTests
{
    private static readonly NodeRoute Route = new() { Method = "POST", Template = "/omb/{listener}/notice", Handler = (_, _) => throw new NotSupportedException() };

    private readonly Lines lines = new();
    private readonly RefusalLog log;

    public RefusalLogTests() => log = new RefusalLog(new RandomSource(), new FakeTimeProvider(), lines);

    [Fact]
    public void A_refusal_carries_one_reference_in_header_text_log_and_register()
    {
        var response = log.Note(Route, Request(), NodeResponse.Text(400, "The field is wrong.") with { Refusal = new("Malformed", "what", "Correct it.") });
        var reference = Assert.Single(response.Headers, h => h.Key == "Microblog-Reference").Value;
        Assert.Equal($"The field is wrong.\nReference: {reference}", Text(response));
        Assert.Contains(reference, Assert.Single(lines.Texts), StringComparison.Ordinal);
        var noted = log.Find(reference)!;
        Assert.Equal((400, "POST /omb/{listener}/notice", "203.0.113.9", "https://peer.example/"), (noted.Status, noted.Route, noted.Address, noted.Sender));
        Assert.Equal(new Refusal("Malformed", "what", "Correct it."), noted.Refusal);
    }

    [Fact]
    public void A_page_carries_it_too_and_says_what_it_objects_to()
    {
        var response = log.Note(Route, Request(), NodeResponse.Page(new MessagePage("Please try again", "The form was too old.", 403), 403));
        var page = Assert.IsType<NodeBody.Page>(response.Body).Model;
        Assert.Equal(new Refusal("Please try again", "The form was too old."), log.Find(page.Reference)!.Refusal);
    }

    [Fact]
    public void A_body_of_another_type_stays_as_it_is()
    {
        var response = log.Note(Route, Request(), NodeResponse.Bytes(401, "application/x-www-form-urlencoded", "oauth_problem=nonce_used"u8.ToArray()));
        Assert.Equal("oauth_problem=nonce_used", Text(response));
        Assert.Single(response.Headers, h => h.Key == "Microblog-Reference");
    }

    [Fact]
    public void Answers_that_refuse_nothing_are_left_alone()
    {
        NodeResponse[] answers =
        [
            NodeResponse.Text(200, "fine"), NodeResponse.SeeOther("/"), NodeResponse.Challenge("/"), NodeResponse.Text(404, "no"), NodeResponse.Text(405, "no"),
        ];
        Assert.All(answers, answer => Assert.Same(answer, log.Note(Route, Request(), answer)));
        Assert.Empty(lines.Texts);
        Assert.Empty(log.Newest(10));
    }

    [Fact]
    public void The_newest_thousand_are_remembered_newest_first()
    {
        var references = Enumerable.Range(0, 1_003).Select(i => Refuse(NodeResponse.Text(400, $"{i}"))).ToList();
        Assert.Equal(references.Count, references.Distinct().Count());
        Assert.Equal(Enumerable.Reverse(references).Take(1_000), log.Newest(5_000).Select(r => r.Reference));
        Assert.Equal(Enumerable.Reverse(references).Take(3), log.Newest(3).Select(r => r.Reference));
        Assert.Null(log.Find(references[2]));
        Assert.Equal("3", log.Find(references[3])!.Refusal.Detail);
    }

    [Fact]
    public void What_a_stranger_sends_is_kept_short_and_on_one_line()
    {
        var request = Request(new string('x', 100_000));
        var response = log.Note(Route, request, NodeResponse.Text(400, "no") with { Refusal = new("Malformed", "a\r\nb\0" + new string('y', 100_000)) });
        var noted = log.Find(response.Headers.Single().Value)!;
        Assert.InRange(noted.Sender.Length, 1, 301);
        Assert.InRange(noted.Refusal.Detail.Length, 1, 301);
        Assert.StartsWith("a  b yyy", noted.Refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_at_once_lose_none()
    {
        Parallel.For(0, 900, i => Refuse(NodeResponse.Text(400, $"{i}")));
        Assert.Equal(Enumerable.Range(0, 900), log.Newest(1_000).Select(r => int.Parse(r.Refusal.Detail, System.Globalization.CultureInfo.InvariantCulture)).Order());
    }

    private string Refuse(NodeResponse response) => log.Note(Route, Request(), response).Headers.Single().Value;

    private static string Text(NodeResponse response) => Encoding.UTF8.GetString(Assert.IsType<NodeBody.Bytes>(response.Body).Content.Span);

    private static NodeRequest Request(string sender = "https://peer.example/") => new()
    {
        Method = "POST",
        Origin = "https://here.example",
        RawTarget = "/omb/1/notice?oauth_signature=secret",
        Headers = new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>(),
        RemoteAddress = IPAddress.Parse("203.0.113.9"),
        Sender = sender,
    };

    private sealed class Lines : ILogger<RefusalLog>
    {
        private readonly List<string> texts = [];

        public IReadOnlyList<string> Texts => texts;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (texts)
                texts.Add(formatter(state, exception));
        }
    }
}
