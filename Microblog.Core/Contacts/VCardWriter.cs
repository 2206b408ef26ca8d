using System.Text;
using Microblog.Feeds;

namespace Microblog.Contacts;

/// <summary>Writes people as cards for an address book (vCard 4.0, RFC 6350).</summary>
internal sealed class VCardWriter(Stream stream, NodeAddresses addresses) : ContactWriter
{
    // RFC 6350 §3.2, without the line break; a line that goes on begins with a blank.
    private const int MaxLine = 75;

    private readonly StreamWriter writer = new(stream, Utf8, leaveOpen: true) { NewLine = "\r\n" };

    public override void Add(Profile person)
    {
        writer.WriteLine("BEGIN:VCARD");
        writer.WriteLine("VERSION:4.0");
        WriteFolded("FN:" + Escape(FeedItem.NameOf(person)));
        WriteFolded("NICKNAME:" + Escape(person.Nickname));
        if (WebAddress.IsValid(person.Url))
            WriteFolded("URL:" + person.Url);
        // The address as RFC 7565 writes it; host and port would be no host there.
        if (person.IsLocal && !addresses.Host.Contains(':', StringComparison.Ordinal))
            WriteFolded($"IMPP:acct:{person.Nickname}@{addresses.Host}");
        writer.WriteLine("END:VCARD");
    }

    public override void Flush() => writer.Flush();

    public override void Dispose() => writer.Dispose();

    // RFC 6350 §3.4; a nickname with a comma would be two.
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in LineOf(text))
            escaped.Append(c is '\\' or ',' or ';' ? "\\" : "").Append(c);
        return escaped.ToString();
    }

    // Octets count, and no character is torn apart.
    private void WriteFolded(string line)
    {
        var left = MaxLine;
        foreach (var rune in line.EnumerateRunes())
        {
            if (rune.Utf8SequenceLength > left)
            {
                writer.Write("\r\n ");
                left = MaxLine - 1;
            }

            writer.Write(rune.ToString());
            left -= rune.Utf8SequenceLength;
        }

        writer.WriteLine();
    }
}
