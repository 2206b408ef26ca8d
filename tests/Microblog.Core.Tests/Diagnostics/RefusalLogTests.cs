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
        var references = Enumerable.Range(0, 1_003).Select(i => Refuse(NodeResponse.Text(400, $"{i}"), $"203.0.113.{i % 250}")).ToList();
        Assert.Equal(references.Count, references.Distinct().Count());
        Assert.Equal(Enumerable.Reverse(references).Take(1_000), log.Newest(5_000).Select(r => r.Reference));
        Assert.Equal(Enumerable.Reverse(references).Take(3), log.Newest(3).Select(r => r.Reference));
        Assert.Null(log.Find(references[2]));
        Assert.Equal("3", log.Find(references[3])!.Refusal.Detail);
    }

    [Fact]
    public void A_flood_from_one_address_leaves_the_refusals_of_the_others()
    {
        var theirs = Refuse(NodeResponse.Text(400, "no"), "198.51.100.7");
        var other = Refuse(NodeResponse.Text(400, "no") with { Refusal = new("SignatureInvalid", "") });
        var flood = Enumerable.Range(0, 3_000).Select(_ => Refuse(NodeResponse.Text(400, "no"))).ToList();
        Assert.NotNull(log.Find(theirs));
        Assert.NotNull(log.Find(other));
        Assert.Equal([.. Enumerable.Reverse(flood).Take(50), other, theirs], log.Newest(5_000).Select(r => r.Reference));
    }

    [Fact]
    public void A_flood_of_many_reasons_has_a_fifth_of_the_room()
    {
        var theirs = Refuse(NodeResponse.Text(400, "no"), "198.51.100.7");
        var flood = Enumerable.Range(0, 3_000).Select(i => Refuse(NodeResponse.Text(400, "no") with { Refusal = new($"Reason{i % 100}", "") })).ToList();
        Assert.Equal([.. Enumerable.Reverse(flood).Take(200), theirs], log.Newest(5_000).Select(r => r.Reference));
    }

    [Theory]
    [InlineData("2001:db8:1:2::", 50)]
    [InlineData("2001:db8:1:2:ffff::", 50)]
    [InlineData("::ffff:203.0.113.", 60)]
    public void One_line_with_many_IPv6_addresses_is_one_sender(string beginning, int kept)
    {
        for (var i = 0; i < 60; i++)
            Refuse(NodeResponse.Text(400, "no"), $"{beginning}{i + 1}");
        Assert.Equal(kept, log.Newest(5_000).Count);
    }

    [Fact]
    public void A_sender_that_was_forgotten_starts_anew()
    {
        for (var round = 0; round < 3; round++)
        {
            foreach (var i in Enumerable.Range(0, 1_100))
                Refuse(NodeResponse.Text(400, "no"), $"10.{round}.{i / 250}.{i % 250}");
            Assert.Equal(1_000, log.Newest(5_000).Count);
        }

        var again = Enumerable.Range(0, 60).Select(_ => Refuse(NodeResponse.Text(400, "no"), "10.0.0.0")).ToList();
        Assert.Equal(Enumerable.Reverse(again).Take(50), log.Newest(50).Select(r => r.Reference));
    }

    [Fact]
    public void Neither_a_title_nor_what_a_stranger_sends_turns_or_breaks_a_line_of_the_log()
    {
        const string turned = "a\u202Eb\u2028c\u2029d\u200Be\u0085f";
        log.Note(Route, Request(turned), NodeResponse.Page(new MessagePage(turned, turned, 403), 403));
        log.Note(Route, Request(), NodeResponse.Page(new MessagePage(new string('x', 100_000), "", 403), 403));
        var (cut, plain) = (log.Newest(2)[0], log.Newest(2)[1]);
        Assert.Equal(("a b c d e f", "a b c d e f", "a b c d e f"), (plain.Sender, plain.Refusal.Reason, plain.Refusal.Detail));
        Assert.Equal(301, cut.Refusal.Reason.Length);
        Assert.All(lines.Texts, text => Assert.DoesNotContain(text, c => c is '\u202E' or '\u2028'));
        Assert.All(lines.Texts, text => Assert.InRange(text.Length, 1, 1_000));
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
        Parallel.For(0, 900, i => Refuse(NodeResponse.Text(400, $"{i}"), $"203.0.113.{i % 250}"));
        Assert.Equal(Enumerable.Range(0, 900), log.Newest(1_000).Select(r => int.Parse(r.Refusal.Detail, System.Globalization.CultureInfo.InvariantCulture)).Order());
    }

    private string Refuse(NodeResponse response, string address = "203.0.113.9") => log.Note(Route, Request(address: address), response).Headers.Single().Value;

    private static string Text(NodeResponse response) => Encoding.UTF8.GetString(Assert.IsType<NodeBody.Bytes>(response.Body).Content.Span);

    private static NodeRequest Request(string sender = "https://peer.example/", string address = "203.0.113.9") => new()
    {
        Method = "POST",
        Origin = "https://here.example",
        RawTarget = "/omb/1/notice?oauth_signature=secret",
        Headers = new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>(),
        RemoteAddress = IPAddress.Parse(address),
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
