using System.Text;
using System.Text.Json.Nodes;
using Microblog.Contacts;
using Microblog.Tests.Foreign;
using Microsoft.Extensions.Options;

namespace Microblog.Tests.Contacts;

public sealed class ContactWriterTests
{
    private const string Python = "/usr/bin/python3";

    private static readonly NodeAddresses Addresses = new(Options.Create(new MicroblogOptions { BaseUri = new Uri("https://notes.example/") }));

    private static readonly Profile[] People =
    [
        Here(1, "bob", ""),
        Here(2, "carol", "Carol, \"the\" <b>Queen</b>; of \\ Hearts & Co: it's"),
        Here(3, "dave", "Düsseldorf 你好 👩‍👩‍👧 " + new string('ü', 200)),
        Here(4, new string('z', 64), "=HYPERLINK(\"https://evil.example/\")\nBEGIN:VCARD\u202e"),
        Elsewhere(5, "eve", "Eve"),
        Elsewhere(6, "=1+1", "Formula"),
        Elsewhere(7, "a,b;c\"d\\e", "Signs"),
        Elsewhere(8, "ünï cödé", ""),
    ];

    [ForeignTheory(Python + ":vobject")]
    [InlineData("csv")]
    [InlineData("opml")]
    [InlineData("vcf")]
    [InlineData("rdf")]
    public async Task Readers_that_we_did_not_write_find_everybody_as_they_are_called(string extension)
    {
        var people = People.Where(person => extension != "opml" || person.IsLocal).ToList();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, Write(extension, people));
            using var reader = ForeignProgram.Start(Python, Path.Combine(AppContext.BaseDirectory, "foreign", "contacts.py"), extension, file);
            var read = JsonNode.Parse((await reader.ReadTextAsync())!)!.AsArray().Select(entry => ((string)entry![0]!, (string)entry[1]!));

            Assert.Equal(people.Select(person => (Expected(extension, person), person.Url)), read);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("opml")]
    [InlineData("vcf")]
    [InlineData("rdf")]
    public void What_is_written_is_read_here_too(string extension)
    {
        var people = People.Where(person => extension != "opml" || person.IsLocal).ToList();
        var list = ContactFile.Read(Write(extension, people)).Value;

        Assert.Equal(0, list.LeftOut);
        Assert.Equal(people.Select(person => person.Url), list.Contacts.Select(contact => contact.Addresses.First(address => address.StartsWith("https:", StringComparison.Ordinal))));
    }

    [Fact]
    public void No_cell_of_a_table_is_a_formula()
    {
        var rows = Encoding.UTF8.GetString(Write("csv", People)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1);
        Assert.All(rows.SelectMany(row => row.Split(',')), cell => Assert.DoesNotMatch("^\"?[=+@\t-]", cell));
    }

    [Theory]
    [InlineData("csv", "")]
    [InlineData("opml", "")]
    [InlineData("vcf", "is empty")]
    [InlineData("rdf", "")]
    public void A_list_of_nobody_is_sound(string extension, string reason) =>
        Assert.Contains(reason.Length > 0 ? reason : "names nobody", ContactFile.Read(Write(extension, [])).Problem!, StringComparison.Ordinal);

    [Fact]
    public void Lists_travel_from_page_to_page_unchanged()
    {
        Contact[] contacts = [.. People.Select(person => Contact.Of(person.FullName, person.Url)!), Contact.Of("", "bob")!, Contact.Of("B", "bob@elsewhere.example")!];
        var read = ContactDesk.Read(ContactDesk.Write(contacts).Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.Equal(contacts.Select(contact => (contact.Name, contact.Addresses.Single())), read.Select(contact => (contact.Name, contact.Addresses.Single())));
        Assert.Empty(ContactDesk.Read(ContactDesk.Write([])));
    }

    // What a person would be called in the format: on one line.
    private static string Expected(string extension, Profile person)
    {
        var name = person.FullName.Replace('\n', ' ');
        return extension switch
        {
            "csv" => person.IsLocal ? person.Nickname + "@notes.example" : person.Nickname == "eve" ? "eve@elsewhere.example" : person.Url,
            "opml" => name.Length > 0 ? name : person.Nickname,
            "vcf" => $"{(name.Length > 0 ? name : person.Nickname)} ({person.Nickname})",
            _ => $"{name} ({person.Nickname})",
        };
    }

    private static byte[] Write(string extension, IEnumerable<Profile> people)
    {
        using var stream = new MemoryStream();
        using (var writer = ContactFormat.All.Single(format => format.Extension == extension).Open(stream, Here(9, "alice", "Alice"), Addresses))
        {
            foreach (var person in people)
            {
                writer.Add(person);
                writer.Flush();
            }
        }

        return stream.ToArray();
    }

    private static Profile Here(long id, string nickname, string name) => new()
    {
        Id = new ProfileId(id), Uri = ProfileUri.Parse($"https://notes.example/user/{id}"), Nickname = nickname, FullName = name,
        Url = $"https://notes.example/{nickname}", IsLocal = true,
    };

    private static Profile Elsewhere(long id, string nickname, string name) => new()
    {
        Id = new ProfileId(id), Uri = ProfileUri.Parse($"tag:elsewhere.example,2009:{id}"), Nickname = nickname, FullName = name,
        Url = $"https://elsewhere.example/people?id={id}&x=1", IsLocal = false, Host = "elsewhere.example",
    };
}
