using System.Text;

namespace Microblog.Contacts;

/// <summary>One property of a card: <c>group.NAME;parameter="quoted":value</c> (RFC 6350 §3.3).</summary>
/// <param name="Name">In upper case, without the group.</param>
/// <param name="Value">As it stands there.</param>
/// <param name="IsEncoded">Whether the value is written in quoted-printable or base64, as vCard 2.1 did, which is not read.</param>
internal readonly record struct VCardProperty(string Name, string Value, bool IsEncoded)
{
    /// <summary>The value without its escapes (§3.4), on one line.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder(Value.Length);
            for (var i = 0; i < Value.Length; i++)
            {
                var isEscaped = Value[i] == '\\' && i + 1 < Value.Length;
                text.Append(!isEscaped ? Value[i] : Value[++i] is 'n' or 'N' ? ' ' : Value[i]);
            }

            return text.ToString().Trim();
        }
    }

    /// <summary>Reads an unfolded line; whether it is a property.</summary>
    public static bool TryParse(string line, out VCardProperty property)
    {
        property = default;
        var (nameEnd, colon, isQuoted) = (-1, -1, false);
        for (var i = 0; i < line.Length && colon < 0; i++)
        {
            if (line[i] == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && line[i] is ';' or ':' && nameEnd < 0)
                nameEnd = i;
            if (!isQuoted && line[i] == ':')
                colon = i;
        }

        if (colon < 0)
            return false;
        var name = line[..nameEnd];
        var parameters = line[nameEnd..colon];
        property = new VCardProperty(
            name[(name.LastIndexOf('.') + 1)..].Trim().ToUpperInvariant(), line[(colon + 1)..],
            parameters.Contains("ENCODING=", StringComparison.OrdinalIgnoreCase) || parameters.Contains("QUOTED-PRINTABLE", StringComparison.OrdinalIgnoreCase));
        return true;
    }
}
