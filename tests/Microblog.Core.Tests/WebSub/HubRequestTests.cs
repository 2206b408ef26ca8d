using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Http;
using Microblog.Identity;
using Microblog.WebSub;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.WebSub;

public sealed class HubRequestTests
{
    private const string Base = "https://notes.example/";

    private static readonly NodeAddresses Addresses = new(Options.Create(new MicroblogOptions { BaseUri = new Uri(Base) }));
    private static readonly WebSubOptions Settings = new();

    [Fact]
    public void Whatever_is_posted_is_refused_in_words_or_within_every_bound_and_survives_the_queue()
    {
        var field = Gen.Elements("hub.mode=", "hub.topic=", "hub.callback=", "hub.secret=", "hub.lease_seconds=", "&", "%", "hub", "=");
        var value = Gen.Elements(
            "subscribe", "unsubscribe", Base, "alice/feed.atom", "https://reader.example/", "http://[::1]:1/", "HTTPS://Reader.Example:443/?a=b", "?x", "%23", "#", "%00", "\r\n",
            "%ED%A0%80", "\ud800", "ü", "%C3%BC", "+", "1", "9", "0", "-1", "999999999999", "\u0663", "//", "@", new string('x', 600));
        var text = Gen.Frequency((1, field), (2, value), (2, from f in field from v in value select "&" + f + v)).ListOf().Select(string.Concat);
        // Random text alone is hardly ever a request.
        var started = from isWhole in Gen.Elements(true, false)
                      from rest in text
                      select (isWhole ? "hub.mode=subscribe&hub.topic=x&hub.callback=https://reader.example/" : "") + rest;
        Prop.ForAll(started.ToArbitrary(), form => Check(form)).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Fact]
    public void Of_a_field_that_comes_twice_the_first_counts()
    {
        var intent = Read("hub.mode=unsubscribe&hub.mode=subscribe&hub.topic=t&hub.topic=u&hub.callback=https://a.example/&hub.callback=https://b.example/").Value;
        Assert.Equal((false, "t", "https://a.example/"), (intent.IsSubscribe, intent.Topic, intent.Callback));
    }

    [Theory]
    [InlineData("https://reader.example/hook", "https://reader.example/hook?a=b%26c")]
    [InlineData("https://reader.example/hook?x=1", "https://reader.example/hook?x=1&a=b%26c")]
    public void What_stands_in_a_callbacks_query_stays(string callback, string expected) =>
        Assert.Equal(expected, HubAddress.With(callback, ("a", "b&c")).AbsoluteUri);

    // RFC 2202, test case 2, and RFC 4231, test case 2.
    [Theory]
    [InlineData("&hub.verify=async", "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")]
    [InlineData("", "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    public void A_signature_is_by_SHA_256_and_by_SHA_1_for_those_who_come_from_the_time_before(string field, string expected)
    {
        var intent = Read("hub.mode=subscribe&hub.topic=t&hub.callback=https://reader.example/&hub.secret=Jefe" + field).Value;
        Assert.Equal(expected, HubSecret.Sign(new Plain(), intent.ProtectedSecret.Span, "what do ya want for nothing?"u8));
    }

    private static void Check(string form)
    {
        if (!Read(form).IsDone(out var intent, out var problem))
        {
            Assert.NotEmpty(problem);
            return;
        }

        Assert.True(Uri.TryCreate(intent.Callback, UriKind.Absolute, out var callback) && callback.Scheme is "http" or "https", intent.Callback);
        Assert.Equal(("", ""), (callback!.Fragment, callback.UserInfo));
        Assert.False(Addresses.IsOwn(intent.Callback));
        Assert.InRange(intent.Topic.Length, 1, HubSubscription.MaxAddressLength);
        Assert.DoesNotContain('\0', intent.Topic);
        Assert.InRange(intent.Callback.Length, 1, HubSubscription.MaxAddressLength);
        Assert.NotEmpty(WebAddress.HostOf(intent.Callback));
        Assert.InRange(intent.Lease, Settings.ShortestLease, Settings.LongestLease);
        Assert.InRange(intent.ProtectedSecret.Length, 0, HubSecret.MaxBytes + 1);
        var kept = HubIntent.Read(intent.Write());
        Assert.Equal(intent with { ProtectedSecret = default }, kept with { ProtectedSecret = default });
        Assert.Equal(intent.ProtectedSecret.ToArray(), kept.ProtectedSecret.ToArray());
        Assert.StartsWith(callback.GetLeftPart(UriPartial.Path), HubAddress.With(intent.Callback, ("hub.topic", intent.Topic)).AbsoluteUri, StringComparison.Ordinal);
    }

    private static Outcome<HubIntent> Read(string form) =>
        new HubRequest(new Plain(), Addresses, Settings).Read(NodeForm.Of(Encoding.UTF8.GetBytes(form)), "192.0.2.1");

    private sealed class Plain : ISecretProtector
    {
        public byte[] Protect(ReadOnlySpan<byte> secret) => secret.ToArray();

        public byte[]? Unprotect(ReadOnlySpan<byte> sealedSecret) => sealedSecret.ToArray();
    }
}
