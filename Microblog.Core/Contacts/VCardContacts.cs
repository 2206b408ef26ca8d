using System.Text;

namespace Microblog.Contacts;

/// <summary>Reads address books (vCard 3.0 and 4.0: RFC 2426, RFC 6350), as many cards as there are.</summary>
internal static class VCardContacts
{
    public static IEnumerable<Contact?> Parse(string text)
    {
        Card? card = null;
        foreach (var line in Lines(text))
        {
            if (!VCardProperty.TryParse(line, out var property))
                continue;
            if (property.Name == "BEGIN")
            {
                card = new Card();
            }
            else if (property.Name != "END")
            {
                card?.Add(property);
            }
            else if (card is not null)
            {
                yield return card.ToContact();
                card = null;
            }
        }
    }

    // RFC 6350 §3.2: a line that begins with a blank goes on where the last one ended.
    private static IEnumerable<string> Lines(string text)
    {
        var line = new StringBuilder();
        foreach (var part in text.Split('\n'))
        {
            var piece = part.EndsWith('\r') ? part[..^1] : part;
            if (piece is [' ' or '\t', ..])
            {
                line.Append(piece, 1, piece.Length - 1);
                continue;
            }

            yield return line.ToString();
            line.Clear().Append(piece);
        }

        yield return line.ToString();
    }

    private sealed class Card
    {
        private readonly List<string> pages = [];
        private readonly List<string> accounts = [];
        private string name = "";
        private string nickname = "";

        public void Add(VCardProperty property)
        {
            var value = property.Text;
            switch (property.Name)
            {
                case "FN" when name.Length == 0 && !property.IsEncoded:
                    name = value;
                    break;
                case "NICKNAME" when nickname.Length == 0 && !property.IsEncoded:
                    nickname = value;
                    break;
                case "URL":
                    pages.Add(value);
                    break;
                // RFC 4770. A messenger's name says who it is when that is also a name in the network.
                case "IMPP":
                    accounts.Add(value.StartsWith("xmpp:", StringComparison.OrdinalIgnoreCase) ? value[5..] : value);
                    break;
                // X-TWITTER:alice is somebody at Twitter, and not our alice.
                case "SOCIALPROFILE" or ['X', '-', ..] when value.Contains('@', StringComparison.Ordinal) || value.Contains("://", StringComparison.Ordinal):
                    accounts.Add(value);
                    break;
            }
        }

        // A nickname alone is anybody's; it counts where nothing better is known.
        public Contact? ToContact()
        {
            var shown = name.Length > 0 ? name : nickname;
            return Contact.Of(shown, [.. pages, .. accounts]) ?? Contact.Of(shown, nickname.Split(','));
        }
    }
}
