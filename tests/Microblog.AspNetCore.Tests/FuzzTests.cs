using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.AspNetCore.Tests;

/// <summary>Whatever arrives, the answer is never a 500, and the server goes on. On the real stores, which have their own opinion about
/// odd text and numbers.</summary>
public abstract class FuzzTests : IAsyncLifetime
{
    private static readonly string[] Paths =
    [
        "/", "/home", "/alice", "/user/1", "/user/1/avatar", "/notice/1", "/notice", "/notice/delete", "/conversation/1", "/tag/x", "/mentions", "/followers",
        "/followers/approve", "/following", "/subscribe", "/unsubscribe", "/blocks/add", "/blocks/remove", "/groups", "/groups/mine", "/groups/create", "/groups/settings", "/groups/join", "/groups/leave",
        "/groups/promote", "/groups/block", "/groups/unblock", "/groups/remove", "/groups/1", "/group/cats", "/group/cats/members", "/group/cats/settings", "/group/x", "/settings", "/settings/archive", "/settings/contacts", "/settings/contacts/follow", "/settings/contacts/following.csv", "/settings/contacts/following.rdf", "/join", "/invitations", "/invitations/remove", "/invitation/x", "/user/1/avatar/96", "/queue", "/queue/retry", "/queue/lane/1", "/queue/failed/1", "/microblog/arrival", "/operator/checks", "/operator/refusals", "/operator/refusals/x",
        "/report", "/settings/leave", "/operator/reports", "/operator/reports/1", "/operator/people", "/operator/domains", "/operator/domains/forget", "/operator/federation", "/operator/audit", "/operator/policies",
        "/css/microblog.css", "/activity/a", "/nobody", "/alice/subscribe", "/websub/hub", "/websub/hub", "/omb/callback/x", "/omb/authorize?oauth_token=x&", "/user/1/xrds",
    ];

    private static readonly string[] Pieces =
    [
        "%", "%2", "%zz", "%00", "%u0041", "%uD800", "%FF%FE", "%C3%28", "/", "//", "..", "?", "#", "&", "=", "+", ";", "\0", "\u00e9", "'", "\"", "<script>",
        "before=", "after=", "9223372036854775807", "-1", "99999999999999999999", "id=", "content=", "nickname=", "uri=", "target=", "homepage=", "license=", "bio=",
        "http://127.0.0.1:1/", "tag:x", "@alice", "visibility=direct", "reply_to=1", "group=", "group=1", "person=1", "aliases=", "members=", "by=members", "admin=1", "!cats", "seealso=http://[", "notice=1", "person=tag:x", "standing=silenced", "action=silence", "number=1", "domain=", "domain=http://[", "mode=list", "closed=1", "reason=", "text=", "last=9", "fullname=", "&hub.mode=subscribe&hub.topic=https://notes.example/", "alice/feed.atom", "tag/", "group/cats/feed.rss", "feed.json", "&hub.callback=http://127.0.0.1:1/", "&hub.secret=", "&hub.lease_seconds=", "hub.mode=unsubscribe&", "list=bob@else.example%0A", "list=%3Copml%3E", "list=BEGIN:VCARD%0AURL:", "rest=alice%0A", "people=alice", "follow-alice=1", "shown=9", "%F0%9F%98%80", "x",
    ];

    private static readonly string[] Headers =
    [
        "Accept: application/xrds+xml;q=", "Content-Type: application/x-www-form-urlencoded; charset=\"", "Cookie: a=b; =;", "Accept: */*", "X-Forwarded-For: ::1",
        "Content-Encoding: gzip", "Expect: 100-continue", "Range: bytes=0-", "If-None-Match: *", "Authorization: OAuth realm=\"", "Transfer-Encoding: identity",
    ];

    private TestNode node = null!;

    protected abstract void UseStore(MicroblogBuilder microblog);

    protected abstract void DropStore();

    public async Task InitializeAsync()
    {
        node = await TestNode.StartAsync(
            services: s => UseStore(s.AddMicroblog().AddOmb().AddWebSub()),
            web: o => o.RateLimits.Page = o.RateLimits.Write = o.RateLimits.Open = null);
        var alice = await node.JoinAsync("alice");
        await node.Node.CreateGroupAsync(alice.Id, "cats", new GroupDetails());
        await node.PublishAsync(alice, "hello #x !cats");
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        DropStore();
    }

    [Fact]
    public void No_request_line_header_or_form_makes_a_500()
    {
        var text = Gen.Elements(Pieces).ListOf().Select(string.Concat);
        var request =
            from method in Gen.Elements("GET", "GET", "POST", "POST", "HEAD", "PUT", "X")
            from path in Gen.Elements(Paths)
            from tail in Gen.Frequency((2, Gen.Constant("")), (1, text))
            from header in Gen.Elements(Headers)
            from value in text
            from body in text
            from isSigned in Gen.Elements(true, false)
            select Compose(method, path, tail, header + value, body, isSigned);
        Prop.ForAll(request.ToArbitrary(), NeverFails).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void No_line_of_noise_makes_a_500()
    {
        var noise = ArbMap.Default.GeneratorFor<byte[]>().Select(b => "GET /" + Encoding.Latin1.GetString(b) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Prop.ForAll(noise.ToArbitrary(), NeverFails).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private bool NeverFails(string request)
    {
        var answer = RawHttp.SendAsync(node.Port, request).GetAwaiter().GetResult();
        return !answer.Contains("HTTP/1.1 500", StringComparison.Ordinal);
    }

    private string Compose(string method, string path, string tail, string header, string body, bool isSigned)
    {
        var form = $"{(isSigned ? $"forgery_token={node.Token("alice", path)}&" : "")}{body}";
        return $"{method} {path}{tail} HTTP/1.1\r\nHost: a\r\n{TestNode.UserHeader}: alice;operator\r\n{header.Replace("\0", "", StringComparison.Ordinal)}\r\n"
            + $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {Encoding.Latin1.GetByteCount(form)}\r\nConnection: close\r\n\r\n{form}";
    }
}

public sealed class SqliteFuzzTests : FuzzTests
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("microblog-fuzz-");

    protected override void UseStore(MicroblogBuilder microblog) => microblog.UseSqlite($"Data Source={Path.Combine(directory.FullName, "fuzz.db")}");

    protected override void DropStore() => directory.Delete(recursive: true);
}

public sealed class PostgresFuzzTests : FuzzTests
{
    private readonly string database = PostgresServer.Missing is { } reason
        ? throw new InvalidOperationException("$XunitDynamicSkip$" + reason)
        : PostgresServer.Shared.CreateDatabase();

    protected override void UseStore(MicroblogBuilder microblog) => microblog.UsePostgres(database);

    protected override void DropStore() => PostgresServer.Shared.DropDatabase(database);
}
