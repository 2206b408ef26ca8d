using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Omb.Discovery;
using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;
using Microblog.Omb.Remote;
using Microblog.Omb.Service;

namespace Microblog.Omb.Tests.Messages;

/// <summary>Whatever a visitor's browser or another service writes into a query: a message or a reason, never an exception.</summary>
public sealed class MessageFuzzTests
{
    private const string Good =
        "omb_version=http%3A%2F%2Fopenmicroblogging.org%2Fprotocol%2F0.1&oauth_token=t&omb_listener=http%3A%2F%2Fhere.example%2Fuser%2F1"
        + "&omb_listenee=http%3A%2F%2Fthere.example%2Fuser%2F2&omb_listenee_nickname=bob&omb_listenee_profile=http%3A%2F%2Fthere.example%2Fbob"
        + "&omb_listenee_license=http%3A%2F%2Fcreativecommons.org%2Flicenses%2Fby%2F3.0%2F&omb_listenee_bio=%C3%BC&omb_listener_nickname=anna";

    private static readonly string[] Pieces =
    [
        "omb_version", "omb_listener", "omb_listenee", "omb_listenee_nickname", "omb_listenee_profile", "omb_listenee_license", "omb_listenee_avatar",
        "omb_listener_bio", "oauth_token", "oauth_callback", "oauth_verifier", "=", "&", "%", "%zz", "%00", "%FF", "%F0%9F%99%82", "+", ";", "#", "\0",
        "http://", "https://a.example/", "tag:x,2020:1", "javascript:alert(1)", "//", "@", new string('x', 300), "é", "\ud800",
    ];

    private static readonly PendingDance Dance = new()
    {
        Publisher = new ProfileId(1),
        Endpoints = new OmbEndpoints
        {
            Identifier = "http://here.example/user/1", RequestToken = "http://here.example/r", Authorize = "http://here.example/a",
            AccessToken = "http://here.example/x", PostNotice = "http://here.example/n", UpdateProfile = "http://here.example/p",
        },
        ProfileUrl = "http://here.example/anna",
        RequestToken = new TokenCredentials("t", "s"),
        IsConfirmed = false,
        BrowserHash = "",
    };

    [Fact]
    public void The_unbroken_message_is_read()
    {
        Assert.Null(ConsentRequest.TryRead(Encoding.UTF8.GetBytes(Good), out var consent));
        Assert.Equal(("bob", "ü"), (consent!.Person.Nickname, consent.Person.Bio));
        Assert.Null(CallbackMessage.TryRead(Encoding.UTF8.GetBytes(Good), Dance, out var callback));
        Assert.Equal("anna", callback!.Person.Nickname);
    }

    [Fact]
    [Trait("Clause", "OMB-30")]
    [Trait("Clause", "OMB-121")]
    public void A_hundred_thousand_broken_messages_are_read_or_refused_with_a_reason()
    {
        var piece = Gen.Elements(Pieces);
        var mutated =
            from at in Gen.Choose(0, Good.Length)
            from length in Gen.Choose(0, 40)
            from inserted in piece.ArrayOf()
            select Good[..at] + string.Concat(inserted) + Good[Math.Min(Good.Length, at + length)..];
        var random = piece.ArrayOf().Select(string.Concat);
        Prop.ForAll(Gen.OneOf(mutated, random).ToArbitrary(), text =>
        {
            var form = Encoding.UTF8.GetBytes(text);
            var consent = ConsentRequest.TryRead(form, out var request);
            Assert.True(consent is null ? request is not null : consent.Explanation.Length > 0);
            if (request is not null)
            {
                // What is shown and repeated in the form reads the same again.
                Assert.Null(ConsentRequest.TryRead(Encoding.ASCII.GetBytes(WireForm.Encode(request.Fields())), out var again));
                Assert.Equal(request.Fields(), again!.Fields());
            }

            var callback = CallbackMessage.TryRead(form, Dance, out _);
            Assert.True(callback is null || callback.Explanation.Length > 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100_000));
    }
}
