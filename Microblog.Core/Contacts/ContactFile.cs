using System.Text;
using System.Xml;

namespace Microblog.Contacts;

/// <summary>Reads a list of people as other programs write it: CSV or one address a line, OPML, vCard, FOAF. Which it is, its content says.</summary>
/// <remarks>It survives any bytes.</remarks>
internal static class ContactFile
{
    /// <summary>Most bytes of a list.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Most people in a list.</summary>
    public const int MaxContacts = 5_000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16 = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16BigEndian = new(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>Reads all of it, or says why not.</summary>
    /// <param name="bytes">The list.</param>
    /// <param name="maxBytes">How much of it there may be.</param>
    public static Outcome<ContactList> Read(ReadOnlyMemory<byte> bytes, int maxBytes = MaxBytes)
    {
        if (bytes.Length > maxBytes)
            return TooLarge;
        try
        {
            return Collect(LooksLikeXml(bytes.Span) ? XmlContacts.Parse(bytes) : ParseText(Decode(bytes.Span)));
        }
        catch (Exception e) when (e is XmlException or DecoderFallbackException or ArgumentException or NotSupportedException or FormatException)
        {
            // An XML declaration may name any encoding, and the reader then throws whatever that encoding does.
            return Refuse(e, bytes.Span);
        }
    }

    /// <summary>Says that a list is too large to be read.</summary>
    public static Outcome<ContactList> TooLarge { get; } =
        Outcome<ContactList>.Refused($"The list is larger than {MaxBytes / (1024 * 1024)} MiB. Cut it into several.");

    private static Outcome<ContactList> Refuse(Exception e, ReadOnlySpan<byte> bytes) => Outcome<ContactList>.Refused(e switch
    {
        DecoderFallbackException => "The list is not text in UTF-8. Save it as UTF-8, and try again.",
        FormatException => e.Message,
        _ when bytes.IndexOf("<!DOCTYPE"u8) >= 0 => "The file has a document type declaration, which is not accepted. Remove it, and try again.",
        _ => "The file begins like XML, but it is damaged.",
    });

    private static Outcome<ContactList> Collect(IEnumerable<Contact?> entries)
    {
        var contacts = new List<Contact>();
        var leftOut = 0;
        foreach (var entry in entries)
        {
            if (entry is null)
                leftOut++;
            else if (contacts.Count == MaxContacts)
                return Outcome<ContactList>.Refused($"The list names more than {MaxContacts} people. Cut it into several.");
            else
                contacts.Add(entry);
        }

        return contacts.Count > 0
            ? Outcome<ContactList>.Done(new ContactList(contacts, leftOut))
            : Outcome<ContactList>.Refused("The list names nobody whose address could be read. It may be CSV, OPML, vCard or FOAF, or hold one address a line.");
    }

    private static IEnumerable<Contact?> ParseText(string text)
    {
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty)
            throw new FormatException("The list is empty.");
        if (start.StartsWith("PK\u0003\u0004", StringComparison.Ordinal))
            throw new FormatException("This is a ZIP archive. Unpack it, and choose the list that is in it.");
        if (text.Contains('\0', StringComparison.Ordinal) || start[0] is '{' or '[')
            throw new FormatException("This is no list of people that is known here: CSV, OPML, vCard, FOAF, or one address a line.");
        return start.StartsWith("BEGIN:VCARD", StringComparison.OrdinalIgnoreCase) ? VCardContacts.Parse(text) : CsvContacts.Parse(text);
    }

    // Also in UTF-16, whose sign has an empty byte before or behind it.
    private static bool LooksLikeXml(ReadOnlySpan<byte> bytes) => WithoutMark(bytes).TrimStart(" \t\r\n\0"u8) is [(byte)'<', ..];

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, .. var rest] => rest,
        [0xFF, 0xFE, .. var rest] => rest,
        [0xFE, 0xFF, .. var rest] => rest,
        _ => bytes,
    };

    private static string Decode(ReadOnlySpan<byte> bytes) => (bytes switch
    {
        [0xFF, 0xFE, ..] => (Encoding)Utf16,
        [0xFE, 0xFF, ..] => Utf16BigEndian,
        _ => Utf8,
    }).GetString(WithoutMark(bytes));
}

/// <summary>What a list says.</summary>
/// <param name="Contacts">Whom it names, in its order.</param>
/// <param name="LeftOut">How many of its entries name nobody whose address could be read.</param>
internal sealed record ContactList(IReadOnlyList<Contact> Contacts, int LeftOut);
