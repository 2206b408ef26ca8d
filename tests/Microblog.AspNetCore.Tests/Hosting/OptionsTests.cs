using System.Security.Claims;
using Microblog.AspNetCore.Pages;
using Microblog.Omb;
using Microblog.Omb.OAuth;
using Microblog.Pages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore.Tests.Hosting;

/// <summary>A node does not start with options that would hurt later.</summary>
public sealed class OptionsTests
{
    public static TheoryData<string, Action<MicroblogWebOptions>> BadWeb => new()
    {
        { "SubjectClaim", o => o.SubjectClaim = "" },
        { "NameClaim", o => o.NameClaim = " " },
        { "IsOperator", o => o.IsOperator = null! },
        { "Layout", o => o.Layout = typeof(string) },
        { "Layout", o => o.Layout = null! },
        { "Components[System.String]", o => o.Components[typeof(string)] = typeof(MicroblogLayout) },
        { "Components[Microblog.Pages.MessagePage]", o => o.Components[typeof(MessagePage)] = typeof(string) },
        { "Components[Microblog.Pages.MessagePage]", o => o.Components[typeof(MessagePage)] = null! },
        { "SignInPath", o => o.SignInPath = "sign-in" },
        { "SignInPath", o => o.SignInPath = "//elsewhere.example/" },
        { "SignInPath", o => o.SignInPath = "/\\elsewhere.example/" },
        { "SignInPath", o => o.SignInPath = "/\t/elsewhere.example/" },
        { "SignOutPath", o => o.SignOutPath = "https://elsewhere.example/" },
        { "SignOutPath", o => o.SignOutPath = null! },
        { "ContentSecurityPolicy", o => o.ContentSecurityPolicy = "" },
        { "ContentSecurityPolicy", o => o.ContentSecurityPolicy = "default-src 'none';\r\nstyle-src 'self'" },
        { "BodyTimeout", o => o.BodyTimeout = TimeSpan.Zero },
        { "BodyTimeout", o => o.BodyTimeout = Timeout.InfiniteTimeSpan },
        { "BodyTimeout", o => o.BodyTimeout = TimeSpan.FromHours(1) + TimeSpan.FromTicks(1) },
        { "RateLimits.Page", o => o.RateLimits.Page = new RateLimit(0, TimeSpan.FromMinutes(1)) },
        { "RateLimits.Write", o => o.RateLimits.Write = new RateLimit(1, TimeSpan.Zero) },
        { "RateLimits.Open", o => o.RateLimits.Open = new RateLimit(1, TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1)) },
        { "RateLimits.Push", o => o.RateLimits.Push = new RateLimit(1, TimeSpan.FromDays(1) + TimeSpan.FromTicks(1)) },
    };

    public static TheoryData<Action<MicroblogWebOptions>> GoodWeb => new()
    {
        o => (o.SignInPath, o.SignOutPath) = ("/", "/out?a=b"),
        o => (o.SubjectClaim, o.NameClaim) = ("sub", ClaimTypes.Email),
        o => o.BodyTimeout = TimeSpan.FromHours(1),
        o => o.BodyTimeout = TimeSpan.FromTicks(1),
        o => (o.RateLimits.Page, o.RateLimits.Write, o.RateLimits.Open, o.RateLimits.Push) = (null, null, null, null),
        o => (o.RateLimits.Page, o.RateLimits.Push) = (new RateLimit(1, TimeSpan.FromSeconds(1)), new RateLimit(int.MaxValue, TimeSpan.FromDays(1))),
    };

    public static TheoryData<string, Action<OmbOptions>> BadOmb => new()
    {
        { "OAuth.Realm", o => o.OAuth.Realm = "a\nb" },
        { "OAuth.Realm", o => o.OAuth.Realm = null! },
        { "OAuth.SignatureMethods", o => o.OAuth.SignatureMethods = SignatureMethod.None },
        { "OAuth.SignatureMethods", o => o.OAuth.SignatureMethods = SignatureMethod.All + 1 },
        { "Consumers['']", o => o.Consumers[""] = OAuthConsumer.Open },
        { "Consumers['https://peer.example/']", o => o.Consumers["https://peer.example/"] = null! },
        { "OwnSecret", o => o.OwnSecret = null! },
        { "RequestTokensPerConsumer", o => o.RequestTokensPerConsumer = 0 },
        { "RequestTokensPerConsumer", o => o.RequestTokensPerConsumer = 100_001 },
        { "OriginLookupsPerHost", o => o.OriginLookupsPerHost = -1 },
        { "OriginLookupsPerHost", o => o.OriginLookupsPerHost = 100_001 },
    };

    public static TheoryData<Action<OmbOptions>> GoodOmb => new()
    {
        o => (o.RequestTokensPerConsumer, o.OriginLookupsPerHost) = (1, 0),
        o => (o.RequestTokensPerConsumer, o.OriginLookupsPerHost) = (100_000, 100_000),
        o => o.OAuth.SignatureMethods = SignatureMethod.HmacSha1,
        o => (o.Consumers["https://peer.example/"], o.OwnSecret) = (new OAuthConsumer("agreed"), "agreed too"),
    };

    [Theory]
    [MemberData(nameof(BadWeb))]
    public async Task A_web_option_that_would_hurt_later_keeps_the_node_from_starting(string option, Action<MicroblogWebOptions> configure)
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => TestNode.StartAsync(web: configure));
        Assert.Contains(option, Assert.Single(e.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(GoodWeb))]
    public async Task A_web_option_within_its_bounds_is_taken(Action<MicroblogWebOptions> configure)
    {
        await using var node = await TestNode.StartAsync(web: configure);
    }

    [Theory]
    [MemberData(nameof(BadOmb))]
    public async Task A_protocol_option_that_would_hurt_later_keeps_the_node_from_starting(string option, Action<OmbOptions> configure)
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => TestNode.StartAsync(services: s => new MicroblogBuilder(s).AddOmb(configure)));
        Assert.Contains("OmbOptions." + option, Assert.Single(e.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(GoodOmb))]
    public async Task A_protocol_option_within_its_bounds_is_taken(Action<OmbOptions> configure)
    {
        await using var node = await TestNode.StartAsync(services: s => new MicroblogBuilder(s).AddOmb(configure));
    }
}
