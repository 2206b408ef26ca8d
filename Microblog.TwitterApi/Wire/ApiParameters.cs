using System.Globalization;
using Microblog.Http;

namespace Microblog.TwitterApi.Wire;

/// <summary>What a request says beside its path: its form and its query. Of several of one name the first counts, and the form before the query.</summary>
internal sealed class ApiParameters(NodeForm form, NodeForm query)
{
    // Beyond the end of every list, and small enough to be multiplied.
    private const int MostPages = 1_000_000;

    /// <summary>The page that is wished for, from 1 on.</summary>
    public long Page => Math.Clamp(Number("page"), 1, MostPages);

    /// <summary>The value; empty when it is absent.</summary>
    public string this[string name] => form.Contains(name) ? form[name] : query[name];

    /// <summary>Whether it is there at all, be it empty.</summary>
    public bool Has(string name) => form.Contains(name) || query.Contains(name);

    /// <summary>A number from 1 on; 0 for everything else.</summary>
    public long Number(string name) => Number(this[name].AsSpan());

    /// <summary>Whether something is wished for, in any of the ways in which clients say so.</summary>
    public bool IsOn(string name) => this[name] is "true" or "1" or "t" or "on" or "yes";

    /// <summary>How many things are wished for.</summary>
    /// <param name="otherwise">If nothing is said, or nothing below 1.</param>
    /// <param name="most">The most there may be.</param>
    /// <param name="name">Of the parameter.</param>
    public int Count(int otherwise = 20, int most = 200, string name = "count") =>
        Number(name) is var wished and > 0 ? (int)Math.Min(wished, most) : otherwise;

    /// <summary>A number from 1 on; 0 for everything else, also for what has no place in 63 bits.</summary>
    public static long Number(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
