using System.Text;
using System.Xml;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Atom;

namespace Microblog.Tests.Atom;

public sealed class AtomEntryTests
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    [Fact]
    public void An_entry_that_is_written_is_read_again_whatever_the_text()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            var entry = AtomEntry.Read(AtomEntry.Write(Notice(text ?? ""), Author()));
            return entry == new AtomEntry("https://a.example/notice/1", "https://a.example/user/1", Readable(text ?? ""), "tag:b.example,2008:7");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Theory]
    [InlineData(" leading, trailing \r\n and \r in between \n")]
    [InlineData("]]> <b>&amp;</b> <!-- --> <?x?>")]
    [InlineData("🙂 \u0085 \u2028 e\u0301 שלום")]
    [InlineData(" ")]
    public void Awkward_text_survives_byte_for_byte(string text) =>
        Assert.Equal(text, AtomEntry.Read(AtomEntry.Write(Notice(text), Author()))!.Content);

    [Fact]
    public void A_written_entry_has_what_RFC_4287_requires()
    {
        var document = XDocument.Parse(Encoding.UTF8.GetString(AtomEntry.Write(Notice("hello"), Author())));

        var entry = document.Root!;
        Assert.Equal(Atom + "entry", entry.Name);
        Assert.Equal("https://a.example/notice/1", Assert.Single(entry.Elements(Atom + "id")).Value);
        Assert.Single(entry.Elements(Atom + "title"));
        Assert.True(DateTimeOffset.TryParse(Assert.Single(entry.Elements(Atom + "updated")).Value, System.Globalization.CultureInfo.InvariantCulture, out _));
        Assert.NotEmpty(Assert.Single(entry.Elements(Atom + "author")).Element(Atom + "name")!.Value);
        Assert.Equal("text", entry.Element(Atom + "content")!.Attribute("type")!.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not xml")]
    [InlineData("<html><body>no</body></html>")]
    [InlineData("<entry><id>x</id><author><uri>y</uri></author><content>z</content></entry>")]
    [InlineData("<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>x</id><author><uri>y</uri></author><content>z</content></entry></feed>")]
    [InlineData("<entry xmlns='http://www.w3.org/2005/Atom'><id>x</id><content>z</content></entry>")]
    [InlineData("<entry xmlns='http://www.w3.org/2005/Atom'><id>x</id><author><uri>y</uri></author><content type='xhtml'>z</content></entry>")]
    [InlineData("<entry xmlns='http://www.w3.org/2005/Atom'><id>x</id><author><uri>y</uri></author><content>z<b>!</b></content></entry>")]
    [InlineData("<entry xmlns='http://www.w3.org/2005/Atom'><id>x</id><contributor><uri>y</uri></contributor><content>z</content></entry>")]
    [InlineData("<entry xmlns='http://www.w3.org/2005/Atom'><id>x</id><author><uri>y</uri></author><content>z</content>")]
    [InlineData("<!DOCTYPE entry [<!ENTITY e 'z'>]><entry xmlns='http://www.w3.org/2005/Atom'><id>x</id><author><uri>y</uri></author><content>&e;</content></entry>")]
    [InlineData("<!DOCTYPE entry SYSTEM 'http://127.0.0.1/x.dtd'><entry xmlns='http://www.w3.org/2005/Atom'><id>x</id><author><uri>y</uri></author><content>z</content></entry>")]
    [InlineData("<?xml version='1.0' encoding='utf-7'?><entry xmlns='http://www.w3.org/2005/Atom'/>")]
    public void What_is_no_entry_or_is_hostile_is_not_read(string document) => Assert.Null(AtomEntry.Read(Encoding.UTF8.GetBytes(document)));

    [Fact]
    public void The_author_is_not_the_contributor()
    {
        var entry = AtomEntry.Read("<entry xmlns='http://www.w3.org/2005/Atom'><contributor><uri>c</uri></contributor><id> x </id><author><name>n</name><uri>y</uri></author><content><![CDATA[<z>]]></content></entry>"u8.ToArray());

        Assert.Equal(new AtomEntry("x", "y", "<z>", ""), entry);
    }

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        var deep = "<entry xmlns='http://www.w3.org/2005/Atom'>" + string.Concat(Enumerable.Repeat("<x>", 100_000));
        var large = "<entry xmlns='http://www.w3.org/2005/Atom'><id>" + new string('x', 2_000_000) + "</id><author><uri>y</uri></author><content>z</content></entry>";

        Assert.Null(AtomEntry.Read(Encoding.UTF8.GetBytes(deep)));
        Assert.Null(AtomEntry.Read(Encoding.UTF8.GetBytes(large)));
    }

    [Fact]
    public void Random_and_mutated_documents_are_survived()
    {
        var sound = AtomEntry.Write(Notice("Grüße 🙂 <&>"), Author());
        var mutated = ArbMap.Default.GeneratorFor<int>().Two().ArrayOf().Select(changes =>
        {
            var bytes = (byte[])sound.Clone();
            foreach (var (at, value) in changes)
                bytes[(int)((uint)at % bytes.Length)] = (byte)value;
            return changes.Length % 3 == 0 ? bytes[..(int)((uint)changes.Sum(c => (long)c.Item1) % (uint)bytes.Length)] : bytes;
        });
        var any = Gen.Frequency((1, ArbMap.Default.GeneratorFor<byte[]>().Select(b => b ?? [])), (9, mutated));
        Prop.ForAll(Arb.From(any), document =>
        {
            AtomEntry.Read(document);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100_000));
    }

    // What XML cannot hold becomes U+FFFD; everything else stays.
    private static string Readable(string text)
    {
        var readable = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                readable.Append(text[i]).Append(text[++i]);
            else
                readable.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
        }

        return readable.ToString();
    }

    private static Notice Notice(string content) => new()
    {
        Id = new NoticeId(1), Uri = NoticeUri.Parse("https://a.example/notice/1"), Url = "https://a.example/notice/1", Author = new ProfileId(1),
        Content = content, License = License.CcBy40.Url, ReplyToUri = "tag:b.example,2008:7",
    };

    private static Profile Author() => new()
    {
        Id = new ProfileId(1), Uri = ProfileUri.Parse("https://a.example/user/1"), Nickname = "alice", Url = "https://a.example/alice",
        FullName = "\u0001 A & B", IsLocal = true, License = License.CcBy40.Url,
    };
}
