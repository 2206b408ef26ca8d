using System.Buffers;
using System.Text;

namespace Microblog.Contacts;

/// <summary>Reads tables of people: Mastodon's <c>following_accounts.csv</c>, lists of other programs, or one address a line (RFC 4180, and what
/// spreadsheets make of it: semicolons, tabulators).</summary>
internal static class CsvContacts
{
    private const int MaxCells = 64;

    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create(",\"\r\n");

    // Without blanks, underscores and case.
    private static readonly HashSet<string> AddressTitles = new(StringComparer.Ordinal)
    {
        "accountaddress", "account", "acct", "address", "username", "screenname", "handle", "nickname", "nick", "user", "login",
        "profilepage", "profile", "profileurl", "userurl", "url", "link", "homepage", "website", "webpage", "webfinger",
    };

    private static readonly HashSet<string> NameTitles = new(StringComparer.Ordinal) { "name", "fullname", "displayname", "realname", "title" };

    public static IEnumerable<Contact?> Parse(string text)
    {
        Columns? columns = null;
        foreach (var row in Rows(text, DelimiterOf(text)))
        {
            if (row.All(string.IsNullOrWhiteSpace))
                continue;
            if (columns is null)
            {
                columns = Columns.Of(row);
                if (columns.HasTitles)
                    continue;
            }

            yield return columns.Read(row);
        }
    }

    /// <summary>Writes a row, ended by CR LF.</summary>
    public static void WriteRow(TextWriter writer, params ReadOnlySpan<string> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                writer.Write(',');
            writer.Write(cells[i].AsSpan().ContainsAny(NeedsQuotes) ? $"\"{cells[i].Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cells[i]);
        }

        writer.Write("\r\n");
    }

    // The one that the first line has most of.
    private static char DelimiterOf(string text)
    {
        var counts = new Dictionary<char, int> { [','] = 0, [';'] = 0, ['\t'] = 0 };
        var isQuoted = false;
        foreach (var c in text.AsSpan().TrimStart())
        {
            if (c == '"')
                isQuoted = !isQuoted;
            else if (c is '\r' or '\n' && !isQuoted)
                break;
            else if (!isQuoted && counts.TryGetValue(c, out var count))
                counts[c] = count + 1;
        }

        return counts.MaxBy(pair => pair.Value).Key;
    }

    // A quote inside of a cell that does not begin with one stands for itself, and one that is never closed reaches to the end.
    private static IEnumerable<IReadOnlyList<string>> Rows(string text, char delimiter)
    {
        var (row, cell, isQuoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (isQuoted && c != '"')
            {
                cell.Append(c);
            }
            else if (isQuoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                cell.Append(text[++i]);
            }
            else if (c == '"' && (isQuoted || cell.Length == 0))
            {
                isQuoted = !isQuoted;
            }
            else if (c == delimiter || c is '\r' or '\n')
            {
                EndCell();
                if (c == delimiter)
                    continue;
                yield return row;
                row = [];
            }
            else
            {
                cell.Append(c);
            }
        }

        EndCell();
        yield return row;

        void EndCell()
        {
            if (row.Count < MaxCells)
                row.Add(cell.ToString());
            cell.Clear();
        }
    }

    /// <summary>Where in a row what stands.</summary>
    private sealed record Columns(IReadOnlyList<int> Addresses, int Name)
    {
        public bool HasTitles => Addresses.Count > 0;

        public static Columns Of(IReadOnlyList<string> first)
        {
            var titles = first.Select(Fold).ToList();
            return new Columns(
                [.. Enumerable.Range(0, titles.Count).Where(i => AddressTitles.Contains(titles[i]))], titles.FindIndex(NameTitles.Contains));
        }

        // Without titles whatever looks like an address of the network goes before what may be a nickname or anything else.
        public Contact? Read(IReadOnlyList<string> row) => HasTitles
            ? Contact.Of(Cell(row, Name), Addresses.Select(at => Cell(row, at)))
            : Contact.Of("", row.Where(IsFull)) ?? Contact.Of("", row.Where(cell => ContactAddress.TryParse(cell, out _)).Take(1));

        private static bool IsFull(string cell) => cell.AsSpan().ContainsAny('@', '/') && cell.Trim().IndexOfAny(['@', '/'], 1) > 0;

        private static string Cell(IReadOnlyList<string> row, int at) => at >= 0 && at < row.Count ? row[at] : "";

        private static string Fold(string title) => string.Concat(title.Where(char.IsLetterOrDigit)).ToLowerInvariant();
    }
}
