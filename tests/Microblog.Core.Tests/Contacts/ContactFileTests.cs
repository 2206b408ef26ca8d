using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Contacts;
using Microblog.Core.Tests;
using Microblog.Tests.Foreign;

namespace Microblog.Tests.Contacts;

public sealed class ContactFileTests
{
    /// <summary>What each file of tests/vectors/contacts says, worked out by hand: name, then addresses; and how many entries lead to nobody.</summary>
    public static TheoryData<string, string, int> Files => new()
    {
        { "mastodon.csv", "|bob@notes.example; |carol@elsewhere.example", 0 },
        { "mastodon-old.csv", "|bob@notes.example; |carol@elsewhere.example; |dave@elsewhere.example", 0 },
        { "spreadsheet.csv", "Bob \"the\" Builder|bob|https://notes.example/bob; Çarol|carol", 1 },
        { "twitter.csv", "|bob; |carol_c", 0 },
        { "utf16.csv", "Bob 你好|bob; Carol|carol@elsewhere.example", 0 },
        {
            "newsboat.opml",
            "Notices of bob|https://notes.example/bob|https://notes.example/bob/feed.atom; "
                + "Carol & friends|https://elsewhere.example/carol?lang=en&all=1|https://elsewhere.example/feeds/carol.rss",
            0
        },
        {
            "nested.opml",
            "bob|http://notes.example/bob/feed.rss; Carol|https://elsewhere.example/carol|https://elsewhere.example/carol/feed.atom; "
                + "Dave's page|https://elsewhere.example/dave",
            1
        },
        {
            "icloud.vcf",
            "Bob Builder, Jr.|https://notes.example/bob|http://twitter.com/bobbuilder; Carol|https://elsewhere.example/@carol", 0
        },
        {
            "thunderbird.vcf",
            "Bob the very long named builder of houses and bridges and towers and roads|https://notes.example/bob; "
                + "Çarol|carol@elsewhere.example|https://social.example/@carol; Dave|dave|davey",
            1
        },
        {
            "laconica.rdf",
            "carol|http://micro.example/carol|carol@micro.example|http://micro.example/user/2; "
                + "bob|https://notes.example/bob|https://notes.example/user/7; |http://gone.example/user/3",
            0
        },
        { "livejournal.rdf", "bob|https://bob.journal.example/; carol|carol", 0 },
        {
            "statusnet.rdf",
            "carol|http://status.example/carol|carol@status.example|http://status.example/user/2; |http://other.example/user/5", 0
        },
        {
            "described.rdf",
            "Bób|https://notes.example/bob; Çarol|https://elsewhere.example/çarol; dave|dave@elsewhere.example", 0
        },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Lists_of_other_programs_are_read(string file, string expected, int leftOut)
    {
        var list = Read(File.ReadAllBytes(Path.Combine(Folder, file)));

        Assert.Equal(expected, string.Join("; ", list.Contacts.Select(contact => string.Join('|', contact.Addresses.Prepend(contact.Name)))));
        Assert.Equal(leftOut, list.LeftOut);
    }

    [Fact]
    public void Every_file_is_read_by_a_test() =>
        Assert.Equal(
            Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Where(file => file != "README.md").Order(StringComparer.Ordinal),
            Files.Select(row => (string)row[0]).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \r\n\t", "is empty")]
    [InlineData("Account address\r\n", "names nobody")]
    [InlineData("\"", "names nobody")]
    [InlineData("PK\u0003\u0004...", "ZIP")]
    [InlineData("{\"following\":[]}", "no list of people")]
    [InlineData("bob\0", "no list of people")]
    [InlineData("BEGIN:VCARD\nFN:x", "names nobody")]
    [InlineData("<html><body>bob@notes.example</body></html>", "is XML, but no list")]
    [InlineData("<opml><body><outline xmlUrl='https://a.example/'></body>", "damaged")]
    [InlineData("<opml><body><outline xmlUrl='https://a.example/&x;'/></body></opml>", "damaged")]
    [InlineData("<!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><opml><body><outline xmlUrl='https://a.example/&x;'/></body></opml>", "document type")]
    [InlineData("<!DOCTYPE opml [<!ENTITY x 'y'>]><opml><body><outline xmlUrl='https://a.example/&x;'/></body></opml>", "document type")]
    [InlineData("<?xml version='1.0' encoding='nonsense'?><opml/>", "damaged")]
    [InlineData("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", "names nobody")]
    public void What_is_no_such_list_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, ContactFile.Read(Encoding.UTF8.GetBytes(text)).Problem!, StringComparison.Ordinal);

    [Fact]
    public void Text_in_another_encoding_is_refused()
    {
        Assert.Contains("UTF-8", ContactFile.Read(new byte[] { (byte)'b', 0xF6, (byte)'b' }).Problem!, StringComparison.Ordinal);
        Assert.Contains("UTF-8", ContactFile.Read(new byte[] { 0xFF, 0xFE, (byte)'b', 0, 0, 0xD8 }).Problem!, StringComparison.Ordinal);
    }

    [Fact]
    public void As_much_is_read_as_is_allowed_and_no_more()
    {
        var rows = string.Concat(Enumerable.Range(0, ContactFile.MaxContacts).Select(i => $"a{i}@elsewhere.example\n"));
        Assert.Equal(ContactFile.MaxContacts, Read(Encoding.UTF8.GetBytes(rows)).Contacts.Count);
        Assert.Contains("more than 5000", ContactFile.Read(Encoding.UTF8.GetBytes(rows + "one@elsewhere.example")).Problem!, StringComparison.Ordinal);

        var padded = Encoding.UTF8.GetBytes("bob".PadRight(ContactFile.MaxBytes));
        Assert.Single(Read(padded).Contacts);
        Assert.Contains("larger than 1 MiB", ContactFile.Read(padded.Append((byte)' ').ToArray()).Problem!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<opml>", "<outline>", "</outline>", "</opml>")]
    [InlineData("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://xmlns.com/foaf/0.1/'>", "<knows>", "</knows>", "</rdf:RDF>")]
    public void A_tower_of_elements_is_refused(string head, string begin, string end, string tail)
    {
        var tower = head + string.Concat(Enumerable.Repeat(begin, 20_000)) + string.Concat(Enumerable.Repeat(end, 20_000)) + tail;
        Assert.Contains("damaged", ContactFile.Read(Encoding.UTF8.GetBytes(tower)).Problem!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bob\u202e@notes.example")]
    [InlineData("b\u200bob")]
    [InlineData("https://notes.example/\u2066bob")]
    [InlineData("b\u0007ob")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://user:secret@notes.example/bob")]
    [InlineData("file:///etc/passwd")]
    [InlineData("mailto:bob@notes.example")]
    [InlineData("bob@notes example")]
    [InlineData("bob@@notes.example")]
    [InlineData("12345")]
    [InlineData("b<i>ob")]
    public void What_is_no_address_names_nobody(string text) => Assert.False(ContactAddress.TryParse(text, out _));

    [Theory]
    [InlineData(" @Bob ", "Bob")]
    [InlineData("acct:bob@NOTES.example", "bob@notes.example")]
    [InlineData("@bob@notes.example:8080", "bob@notes.example:8080")]
    [InlineData("bob@bücher.example", null)]
    [InlineData("notes.example/bob", "https://notes.example/bob")]
    [InlineData("some/thing", null)]
    public void Addresses_are_read_however_they_are_decorated(string text, string? expected)
    {
        Assert.Equal(expected is not null, ContactAddress.TryParse(text, out var address));
        Assert.Equal(expected, address);
    }

    [Fact]
    public void A_name_is_one_line_that_shows_what_it_says_and_not_too_long()
    {
        var text = $"Handle,Name\nbob,\"A\r\nB\u202eC{new string('x', 500)}\"\n";
        var name = Assert.Single(Read(Encoding.UTF8.GetBytes(text)).Contacts).Name;
        Assert.StartsWith("A  B Cxxx", name, StringComparison.Ordinal);
        Assert.Equal(101, name.Length);
    }

    /// <summary>Whatever is damaged in a list, it is read or refused, and what is read keeps to its bounds.</summary>
    [Fact]
    public void Whatever_is_damaged_is_read_or_refused()
    {
        var files = Directory.EnumerateFiles(Folder).Where(file => !file.EndsWith(".md", StringComparison.Ordinal)).Select(File.ReadAllBytes).ToList();
        var read = 0;
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new System.Random(seed);
            read += Survive(Damaged.Copy(files[random.Next(files.Count)], random, 4)) ? 1 : 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

        // Else the damage would be too great to reach anything, or too small to matter.
        Assert.InRange(read, 300, 2_900);
    }

    [Fact]
    public void Whatever_is_put_together_is_read_or_refused() => Prop.ForAll(
        (from head in Gen.Elements("", "BEGIN:VCARD\n", "<opml>", "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://xmlns.com/foaf/0.1/'><Person>", "Account,Name\n")
         from pieces in Gen.Elements(
             "\"", ",", ";", "\t", "\r", "\n", "\n ", ":", "=", "bob", "bob@notes.example", "https://a.example/", "END:VCARD\n", "URL", "NICKNAME:", "item1.", "\\", "\\n", "\u202e", "\0", "\ud800", "😀",
             "<outline", " xmlUrl='https://a.example/'", "/>", ">", "</opml>", "<knows>", "</knows>", "<Person>", "</Person>", "<nick>", "</nick>", " rdf:about='#a'", " rdf:resource='#a'", "<![CDATA[", "]]>", "&amp;", "&#0;", "@", "/").ListOf(40)
         select head + string.Concat(pieces)).ToArbitrary(),
        text => { Survive(Encoding.UTF8.GetBytes(text)); }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    private static string Folder { get; } = Path.Combine(ForeignProgram.Root(), "tests", "vectors", "contacts");

    private static ContactList Read(byte[] bytes) => ContactFile.Read(bytes).Value;

    // Whether it was read.
    private static bool Survive(byte[] bytes)
    {
        if (!ContactFile.Read(bytes).IsDone(out var list, out var problem))
        {
            Assert.NotEmpty(problem);
            return false;
        }

        Assert.InRange(list.Contacts.Count, 1, ContactFile.MaxContacts);
        Assert.All(list.Contacts, contact =>
        {
            Assert.InRange(contact.Name.Length, 0, 101);
            Assert.InRange(contact.Addresses.Count, 1, 8);
            Assert.All(contact.Addresses, address => Assert.DoesNotContain(address, c => char.IsControl(c) || c == '\u202e'));
        });
        return true;
    }
}
