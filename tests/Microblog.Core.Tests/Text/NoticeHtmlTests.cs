using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Text;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Text;

public sealed class NoticeHtmlTests
{
    private static readonly NodeAddresses Addresses = new(Options.Create(new MicroblogOptions { BaseUri = new Uri("https://here.example/blog/") }));

    private static readonly string[] Pieces =
    [
        "@", "#", "!", "http://", "a.example/?q=1&r=", "alice", "@alice@here.example", "#täg", "!cats", "&lt;", "&", "<script>", "</a>", "\"", "'", "]]>", "<!--",
        " onclick=", "javascript:", "/", " ", "\n", "🙂", "\u202E", "字",
    ];

    [Fact]
    public void Links_tags_groups_and_people_lead_to_their_pages() => Assert.Equal(
        """see <a href="https://a.example/?a=1&amp;b" rel="nofollow noopener ugc">https://a.example/?a=1&amp;b</a>, """
        + """<a href="https://here.example/blog/alice">@Alice</a>, <a href="https://here.example/blog/bob">@bob@here.example</a><br />"""
        + """<a href="https://here.example/blog/tag/caf%C3%A9">#Café</a> <a href="https://here.example/blog/groups/7">!cats</a> !dogs @eve@there.example &lt;b&gt;""",
        NoticeHtml.Render(
            Written("see https://a.example/?a=1&b, @Alice, @bob@here.example\r\n#Café !cats !dogs @eve@there.example <b>") with { Groups = [new NamedGroup(new GroupId(7), "cats")] },
            Addresses));

    [Fact]
    [Trait("Clause", "OMB-66")]
    public void A_name_in_a_remote_notice_is_no_namesake_of_ours() => Assert.Equal(
        """@alice <a href="https://here.example/blog/alice">@alice@here.example</a>""",
        NoticeHtml.Render(Written("@alice @alice@here.example") with { IsRemote = true }, Addresses));

    [Fact]
    [Trait("Clause", "OMB-63")]
    public void Whatever_the_text_says_the_html_says_the_same_and_does_nothing_else()
    {
        var text = Gen.Elements(Pieces).ListOf().Select(string.Concat);
        Prop.ForAll(Arb.From(text), written =>
        {
            var html = XElement.Parse($"<p>{NoticeHtml.Render(Written(written), Addresses)}</p>", LoadOptions.PreserveWhitespace);
            foreach (var line in html.Descendants("br").ToList())
                line.ReplaceWith("\n");
            Assert.Equal(written, html.Value);
            Assert.All(html.Descendants(), link => Assert.Equal("a", link.Name.LocalName));
            Assert.All(html.Descendants().Attributes(), attribute => Assert.Contains(attribute.Name.LocalName, (string[])["href", "rel"]));
            Assert.All(html.Descendants(), link => Assert.True(WebAddress.IsValid(link.Attribute("href")!.Value)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    private static Notice Written(string text) => new()
    {
        Id = new NoticeId(1),
        Uri = NoticeUri.Parse("https://here.example/notice/1"),
        Author = new ProfileId(1),
        Content = text,
        License = "",
    };
}
