using System.Globalization;

namespace Microblog.Omb.Discovery;

/// <summary>Decides what a profile URL answers (OMB-2; OMB reference 3.2).</summary>
internal static class YadisNegotiation
{
    private const int MaxLength = 4096;

    /// <summary>Whether the <c>Accept</c> header names the XRDS type with a quality not below that of the HTML types.</summary>
    /// <remarks>A wildcard never stands for XRDS, but it does for HTML: <c>*/*</c> means a browser. Items that cannot be read are
    /// ignored, as is a header longer than 4096 characters.</remarks>
    public static bool PrefersXrds(string? accept)
    {
        if (string.IsNullOrEmpty(accept) || accept.Length > MaxLength)
            return false;

        double xrds = 0;
        var text = new Preference();
        var xhtml = new Preference();
        foreach (var range in accept.AsSpan().Split(','))
        {
            if (!TryReadItem(accept.AsSpan()[range], out var type, out var quality))
                continue;
            if (type.Equals(XrdsTypes.MediaType, StringComparison.OrdinalIgnoreCase))
                xrds = Math.Max(xrds, quality);
            text.Consider(type, "text/html", "text/*", quality);
            xhtml.Consider(type, "application/xhtml+xml", "application/*", quality);
        }

        return xrds > 0 && xrds >= Math.Max(text.Quality, xhtml.Quality);
    }

    private static bool TryReadItem(ReadOnlySpan<char> item, out ReadOnlySpan<char> type, out double quality)
    {
        quality = 1;
        var end = item.IndexOf(';');
        type = (end < 0 ? item : item[..end]).Trim();
        while (end >= 0)
        {
            item = item[(end + 1)..];
            end = item.IndexOf(';');
            var parameter = (end < 0 ? item : item[..end]).Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                && (!double.TryParse(parameter[2..].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out quality)
                    || quality > 1))
                return false;
        }

        return !type.IsEmpty;
    }

    /// <summary>The quality of one type: that of its own name, else of its family, else of everything (RFC 9110 §12.5.1).</summary>
    private sealed class Preference
    {
        private int _precision;

        public double Quality { get; private set; }

        public void Consider(ReadOnlySpan<char> range, string type, string family, double quality)
        {
            var precision = range.Equals(type, StringComparison.OrdinalIgnoreCase) ? 3
                : range.Equals(family, StringComparison.OrdinalIgnoreCase) ? 2
                : range.SequenceEqual("*/*") ? 1
                : 0;
            if (precision == 0 || precision < _precision)
                return;
            Quality = precision > _precision ? quality : Math.Max(Quality, quality);
            _precision = precision;
        }
    }
}
