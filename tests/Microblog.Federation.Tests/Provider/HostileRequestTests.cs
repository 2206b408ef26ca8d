using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Microblog.Federation.Tests.Provider;

/// <summary>Thousands of requests that nobody should send: each is refused, none breaks the node, none changes anything.</summary>
public sealed class HostileRequestTests(ProviderNode node) : IClassFixture<ProviderNode>, IDisposable
{
    private const int Count = 800;

    private static readonly string[] Names =
    [
        "oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_signature", "oauth_timestamp", "oauth_nonce", "oauth_version",
        "oauth_callback", "oauth_verifier", "omb_version", "omb_listener", "omb_listenee", "omb_listenee_profile", "omb_listenee_nickname",
        "omb_listenee_license", "omb_notice", "omb_notice_content", "omb_seealso", "decision", "forgery_token", "", "x",
    ];

    private static readonly string[] Values =
    [
        "", "1.0", "HMAC-SHA1", "HMAC-SHA256", "RSA-SHA1", "PLAINTEXT", "%26", "1", "-1", "99999999999999999999", ForeignService.Version, "allow", "oob",
        "https://good.example/", "http://[", "http://\u0000", "tag:x,1:y", "%", "%zz", "%c3", "%00", "a+b", "=", "\ud83d\ude42", "\"><script>", "\r\nX: y", "a b",
    ];

    private readonly ForeignService service = new(node.Node);

    private static Gen<string> Text => Gen.OneOf(
        Gen.Elements(Values),
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => s.Get),
        Gen.Choose(0, 255).ListOf().Select(bytes => HmacSigner.Encode([.. bytes.Select(b => (byte)b)])),
        Gen.Choose(1, 3000).Select(n => new string('a', n)));

    private static Gen<string> Form => Gen.Elements(Names).Zip(Text)
        .Select(pair => $"{pair.Item1}={pair.Item2}").ListOf()
        .Zip(Gen.Elements("&", "&&", ";", "&amp;"))
        .Select(parts => string.Join(parts.Item2, parts.Item1));

    public void Dispose() => service.Dispose();

    [Fact]
    public async Task Random_forms_are_refused_everywhere()
    {
        var (bob, grant) = await SettleAsync();
        var targets = Targets(grant);
        Prop.ForAll(Arb.From(Form), Arb.From(Form), Arb.From(Gen.Choose(0, int.MaxValue)), (form, other, seed) =>
        {
            var target = targets[seed % targets.Length];
            var header = (seed / 7 % 3) switch
            {
                0 => "",
                1 => "OAuth " + Printable(other),
                _ => "OAuth " + string.Join(", ", Printable(other).Split('&').Select(p => p.Replace("=", "=\"", StringComparison.Ordinal) + "\"")),
            };
            var query = seed / 3 % 2 == 0 ? "" : "?" + Uri.EscapeDataString(form).Replace("%26", "&", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal);
            var reply = service.Wire.SendAsync(
                seed / 11 % 4 == 0 ? "GET" : "POST",
                target + query,
                seed / 11 % 4 == 0 ? null : Encoding.UTF8.GetBytes(form),
                seed / 13 % 5 == 0 ? "text/plain" : "application/x-www-form-urlencoded",
                [("Authorization", header), ("X-User", bob.Nickname)]).GetAwaiter().GetResult();
            Assert.InRange(reply.Status, 400, 499);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Count));
        await UnchangedAsync(bob);
    }

    [Fact]
    public async Task A_request_signed_wrongly_is_refused_however_it_is_mutated()
    {
        var (bob, grant) = await SettleAsync();
        Call[] calls =
        [
            service.RequestToken(bob.Uri.Value, service.Callback) with { ConsumerSecret = "guess" },
            service.AccessToken(await service.GetRequestTokenAsync(bob, null), null) with { ConsumerSecret = "guess" },
            service.Notice(grant, "mutated + % & = ü") with { ConsumerSecret = "guess" },
            service.Update(grant, ("bio", "mutated")) with { ConsumerSecret = "guess" },
        ];
        var mutation = from at in Gen.Choose(0, 10_000)
                       from length in Gen.Choose(0, 12)
                       from put in Gen.OneOf(Gen.Constant(""), Text)
                       select (at, length, put);
        Prop.ForAll(Arb.From(mutation.NonEmptyListOf()), Arb.From(Gen.Choose(0, 23)), (mutations, choice) =>
        {
            var call = calls[choice % 4] with
            {
                Placement = (Placement)(choice / 4 % 3),
                Wire = form => mutations.Aggregate(form, (text, m) =>
                    text[..(m.at % (text.Length + 1))] + m.put + text[Math.Min(text.Length, (m.at % (text.Length + 1)) + m.length)..]),
            };
            var reply = service.SendAsync(call).GetAwaiter().GetResult();
            Assert.InRange(reply.Status, 400, 499);
            Assert.NotEqual(403, reply.Status);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Count));
        await UnchangedAsync(bob);
    }

    [Fact]
    public async Task Signed_fields_of_any_content_are_answered_200_or_400_and_only_200_changes_something()
    {
        var (bob, grant) = await SettleAsync();
        var names = Gen.Elements(
            "omb_notice_url", "omb_notice_license", "omb_seealso", "omb_seealso_disposition", "omb_seealso_mediatype", "omb_seealso_license",
            "omb_listenee_bio", "omb_listenee_nickname", "omb_listenee_profile", "omb_listenee_avatar", "unknown");
        var bytes = Gen.OneOf(
            Gen.Choose(0, 255).ListOf().Select(b => b.Select(x => (byte)x).ToArray()),
            Text.Select(Encoding.UTF8.GetBytes));
        var fields = names.Zip(bytes).Select(f => Field.OfBytes(f.Item1, f.Item2)).ListOf();
        var (posted, updated) = (0, false);
        Prop.ForAll(Arb.From(fields), Arb.From(bytes), ArbMap.Default.ArbFor<bool>(), (more, content, isNotice) =>
        {
            var call = isNotice ? service.Notice(grant, "").Without("omb_notice_content") : service.Update(grant);
            var reply = service.SendAsync(call with { Fields = [.. call.Fields, .. isNotice ? [Field.OfBytes("omb_notice_content", content)] : Array.Empty<Field>(), .. more] })
                .GetAwaiter().GetResult();
            Assert.True(reply.Status is 200 or 400, reply.Body);
            posted += isNotice && reply.Status == 200 ? 1 : 0;
            updated |= !isNotice && reply.Status == 200;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Count));
        Assert.Equal(Math.Min(posted, 200), (await node.HeardAsync(bob)).Count);
        Assert.True(posted > 0 && updated);
    }

    [Fact]
    public async Task Signed_token_requests_and_consents_of_any_content_never_break_the_node()
    {
        var (bob, _) = await SettleAsync();
        var token = await service.GetRequestTokenAsync(bob, null);
        // What it is granted counts against its own key.
        using var flood = new ForeignService(node.Node, "https://flood.example/");
        var right = ForeignService.Authorization(token.Token, bob, service.Alice, service.Callback);
        Prop.ForAll(Arb.From(Gen.Elements(Names).Zip(Text).NonEmptyListOf()), Arb.From(Gen.Choose(0, 2)), (changes, way) =>
        {
            if (way == 0)
            {
                var call = changes.Where(f => !f.Item1.StartsWith("oauth", StringComparison.Ordinal))
                    .Aggregate(flood.RequestToken(bob.Uri.Value, null), (c, f) => c.With(f.Item1, f.Item2));
                Assert.True(flood.SendAsync(call).GetAwaiter().GetResult().Status is 200 or 400 or 503);
                return;
            }

            var fields = right.ToList();
            foreach (var (name, value) in changes)
                fields.Set(name, value);
            var form = Field.Form(fields);
            var reply = way == 1
                ? service.VisitAsync(bob.Nickname, fields).GetAwaiter().GetResult()
                : service.Wire.SendFormAsync(ForeignService.AuthorizePath, form, ("X-User", bob.Nickname)).GetAwaiter().GetResult();
            Assert.True(way == 1 ? reply.Status is 200 or 400 or 414 or 431 : reply.Status == 400, $"{reply.Status} {reply.Body}");
            Assert.DoesNotContain("<script", reply.Body, StringComparison.OrdinalIgnoreCase);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Count));
        await UnchangedAsync(bob);
    }

    [Theory]
    [InlineData(ForeignService.RequestTokenPath)]
    [InlineData(ForeignService.AccessTokenPath)]
    [InlineData(ForeignService.AuthorizePath)]
    public async Task Too_large_a_form_is_413(string path) =>
        Assert.Equal(413, (await service.Wire.SendFormAsync(path, "x=" + new string('a', 70_000), ("X-User", "bob"))).Status);

    [Fact]
    public async Task Too_many_parameters_are_refused()
    {
        var (bob, grant) = await SettleAsync();
        var many = string.Join('&', Enumerable.Range(0, 20_000).Select(i => $"p{i}="));
        var reply = await service.SendAsync(service.Notice(grant, "text") with { Wire = form => form + "&" + many });
        Assert.Equal(400, reply.Status);
        await UnchangedAsync(bob);
    }

    [Fact]
    public async Task A_compressed_form_is_refused_before_it_is_inflated()
    {
        var (bob, grant) = await SettleAsync();
        var reply = await service.Wire.SendAsync("POST", grant.NoticePath, [0x1f, 0x8b, 8, 0], encoding: "gzip");
        Assert.Equal(415, reply.Status);
        await UnchangedAsync(bob);
    }

    private static string[] Targets(ForeignGrant grant) =>
        [ForeignService.RequestTokenPath, ForeignService.AccessTokenPath, ForeignService.AuthorizePath, grant.NoticePath, grant.ProfilePath];

    private static string Printable(string text) => string.Concat(text.Where(c => c is >= ' ' and < '\u007f'));

    private async Task<(Profile Listener, ForeignGrant Grant)> SettleAsync()
    {
        var bob = await node.JoinAsync();
        return (bob, await service.SubscribeAsync(bob, more: ("omb_listenee_bio", "settled")));
    }

    private async Task UnchangedAsync(Profile listener)
    {
        Assert.Empty(await node.HeardAsync(listener));
        var followed = (await node.FollowedAsync(listener)).Single().Other;
        Assert.Equal(("alice", "settled"), (followed.Nickname, followed.Bio));
    }
}
