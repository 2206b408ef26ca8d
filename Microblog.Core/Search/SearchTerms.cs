using System.Security.Cryptography;
using System.Text;

namespace Microblog.Search;

/// <summary>Under which terms a store's index keeps notices and people: their words, and in front of what is no word a character that no
/// word can contain.</summary>
/// <remarks>A term has no blank, no quotation mark and no more than some 400 UTF-8 bytes.</remarks>
public static class SearchTerms
{
    // Of the private use area, which separates words.
    private const char AuthorSign = '\uE000';
    private const char NameSign = '\uE001';
    private const char TagSign = '\uE002';

    /// <summary>A notice's terms, each once: its words with those of the text in front of it and of its pictures' descriptions, its tags and its author.</summary>
    /// <param name="notice">Local or remote, not deleted.</param>
    /// <param name="author">The author's identifier, which is the same for whoever tells of them.</param>
    public static IReadOnlyList<string> Of(Notice notice, ProfileUri author)
    {
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentNullException.ThrowIfNull(author);
        return [.. Words(notice).Select(word => word.Text).Concat(notice.Tags.Select(Tag)).Append(Author(author)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>A person's terms, each once: the words of their names and host, of what they say of themselves, of where they live; and their nickname, also
    /// with its host.</summary>
    public static IReadOnlyList<string> Of(Profile person)
    {
        ArgumentNullException.ThrowIfNull(person);
        return [.. Words(person).Select(word => word.Text).Append(Name(person.Nickname)).Append(Name($"{person.Nickname}@{person.Host}")).Distinct(StringComparer.Ordinal)];
    }

    internal static string Author(ProfileUri uri) => AuthorSign + Hash(uri.Value);

    internal static string Name(string name) => NameSign + Hash(name.ToLowerInvariant());

    internal static string Tag(string tag) => TagSign + Hash(string.Concat(SearchText.Split(tag).Select(word => word.Text + " ")));

    // What stands in front of a text is found with it, and what is to be seen on its pictures; but no phrase goes from the one to the other.
    internal static List<SearchWord> Words(Notice notice) =>
        Words([notice.Content, notice.Warning, .. notice.Attachments.Select(attachment => attachment.Description)]);

    internal static List<SearchWord> Words(Profile person) => Words(person.Nickname, person.Host, person.FullName, person.Bio, person.Location);

    private static List<SearchWord> Words(params ReadOnlySpan<string> texts)
    {
        var words = new List<SearchWord>();
        foreach (var text in texts)
        {
            // However many pictures there are.
            if (words.Count >= SearchText.MaxWords)
                break;
            var gap = words.Count == 0 ? 0 : words[^1].Position + 2;
            foreach (var word in SearchText.Split(text))
                words.Add(word with { Position = word.Position + gap });
        }

        return words;
    }

    // Alike long whatever it is made of, and without a character that an index could take for something else.
    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 10));
}
