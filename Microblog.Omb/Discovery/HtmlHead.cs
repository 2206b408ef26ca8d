using System.Net;

namespace Microblog.Omb.Discovery;

/// <summary>Finds the <c>meta</c> element that names a page's XRDS document; survives any text, in linear time.</summary>
/// <remarks>Reads no further than the head, by the rules of HTML: what cannot stand in a head ends it. So a comment or post in the
/// body of a page, which strangers may have written, cannot name a document.</remarks>
internal ref struct HtmlHead
{
    private readonly ReadOnlySpan<char> _html;
    private int _at;

    private HtmlHead(ReadOnlySpan<char> html) => _html = html;

    /// <summary>The first location named by <c>http-equiv</c> X-XRDS-Location or X-YADIS-Location, entities decoded, not resolved;
    /// <see langword="null"/> without one.</summary>
    public static string? FindLocation(ReadOnlySpan<char> html) => new HtmlHead(html).Find();

    private string? Find()
    {
        while (SkipSpace() && _html[_at] == '<')
        {
            var rest = _html[_at..];
            if (rest.StartsWith("<!--"))
            {
                if (!SkipPast("-->", 4))
                    return null;
            }
            else if (rest.StartsWith("<!") || rest.StartsWith("<?"))
            {
                if (!SkipPast(">", 2))
                    return null;
            }
            else if (rest.StartsWith("</"))
            {
                // </head> above all.
                _at += 2;
                var name = ReadName();
                if (!Is(name, "noscript") || !SkipPast(">", 0))
                    return null;
            }
            else
            {
                _at++;
                var name = ReadName();
                if (!BelongsInHead(name))
                    return null;
                if (ReadTag() is { } location && Is(name, "meta"))
                    return location;
                if (IsRaw(name) && !SkipRaw(name))
                    return null;
            }
        }

        return null;
    }

    /// <summary>Reads the attributes of a start tag, and the location if they name one.</summary>
    private string? ReadTag()
    {
        string? equiv = null, content = null;
        while (SkipSpace())
        {
            if (_html[_at] == '>')
            {
                _at++;
                break;
            }

            if (_html[_at] == '/')
            {
                _at++;
                continue;
            }

            ReadAttribute(out var name, out var value);
            if (equiv is null && Is(name, "http-equiv"))
                equiv = value.ToString();
            else if (content is null && Is(name, "content"))
                content = value.Length <= XrdsParser.MaxText ? WebUtility.HtmlDecode(value.ToString()).Trim() : "";
        }

        return equiv is not null && !string.IsNullOrEmpty(content)
            && (Is(equiv.AsSpan().Trim(), "x-xrds-location") || Is(equiv.AsSpan().Trim(), "x-yadis-location"))
            ? content
            : null;
    }

    private void ReadAttribute(out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        // A name may begin with "=", says HTML; this also makes sure of progress.
        var start = _at++;
        _at += Until(_html[_at..], " \t\r\n\f/>=");
        name = _html[start.._at];
        value = default;
        if (!SkipSpace() || _html[_at] != '=')
            return;

        _at++;
        if (!SkipSpace())
            return;

        var quote = _html[_at];
        if (quote is '"' or '\'')
        {
            _at++;
            var length = Until(_html[_at..], quote == '"' ? "\"" : "'");
            value = _html.Slice(_at, length);
            _at = Math.Min(_html.Length, _at + length + 1);
        }
        else
        {
            var length = Until(_html[_at..], " \t\r\n\f>");
            value = _html.Slice(_at, length);
            _at += length;
        }
    }

    private ReadOnlySpan<char> ReadName()
    {
        var length = Until(_html[_at..], " \t\r\n\f/>");
        var name = _html.Slice(_at, length);
        _at += length;
        return name;
    }

    private bool SkipSpace()
    {
        while (_at < _html.Length && _html[_at] is ' ' or '\t' or '\r' or '\n' or '\f' or '\uFEFF')
            _at++;
        return _at < _html.Length;
    }

    private bool SkipPast(string end, int from)
    {
        var found = _at + from > _html.Length ? -1 : _html[(_at + from)..].IndexOf(end);
        if (found < 0)
            return false;
        _at += from + found + end.Length;
        return true;
    }

    private bool SkipRaw(ReadOnlySpan<char> name)
    {
        while (SkipPast("</", 0))
        {
            if (!_html[_at..].StartsWith(name, StringComparison.OrdinalIgnoreCase))
                continue;
            _at += name.Length;
            return SkipPast(">", 0);
        }

        return false;
    }

    private static int Until(ReadOnlySpan<char> text, string ends) => text.IndexOfAny(ends) is var found and >= 0 ? found : text.Length;

    private static bool BelongsInHead(ReadOnlySpan<char> name) =>
        Is(name, "html") || Is(name, "head") || Is(name, "meta") || Is(name, "link") || Is(name, "base") || Is(name, "noscript") || IsRaw(name);

    /// <summary>Elements whose content is text, or inert, and so not ours.</summary>
    private static bool IsRaw(ReadOnlySpan<char> name) =>
        Is(name, "title") || Is(name, "script") || Is(name, "style") || Is(name, "noframes") || Is(name, "template");

    private static bool Is(ReadOnlySpan<char> name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
