using System.Net;
using System.Text.RegularExpressions;

namespace Microblog.Testing.Conformance.Steps;

/// <summary>A form of a page, with the values that a browser would send if nobody touched it.</summary>
internal sealed partial record HtmlForm(
    int Start, string Action, IReadOnlyList<KeyValuePair<string, string>> Fields, IReadOnlyList<KeyValuePair<string, string>> Buttons)
{
    public IEnumerable<string> Names => Fields.Select(f => f.Key);

    /// <summary>Where it is sent; <see langword="null"/> when that is no address.</summary>
    public Uri? Target(Uri page) => Uri.TryCreate(page, Action, out var target) ? target : null;

    public static IEnumerable<HtmlForm> In(string html)
    {
        foreach (Match match in Forms().Matches(html))
        {
            var (fields, buttons) = (new List<KeyValuePair<string, string>>(), new List<KeyValuePair<string, string>>());
            foreach (Match control in Controls().Matches(match.Groups["content"].Value))
                Add(control, fields, buttons);
            yield return new HtmlForm(match.Index, Attribute(match.Groups["head"].Value, "action") ?? "", fields, buttons);
        }
    }

    private static void Add(Match control, List<KeyValuePair<string, string>> fields, List<KeyValuePair<string, string>> buttons)
    {
        var (tag, head, content) = (control.Groups["tag"].Value.ToLowerInvariant(), control.Groups["head"].Value, control.Groups["content"].Value);
        var type = Attribute(head, "type")?.ToLowerInvariant() ?? "";
        if (Attribute(head, "name") is not { Length: > 0 } name)
            return;
        var value = Attribute(head, "value") ?? "";
        if (tag == "button" || (tag == "input" && type is "submit" or "image"))
            buttons.Add(new(name, value));
        else if (tag == "textarea")
            fields.Add(new(name, WebUtility.HtmlDecode(content).TrimStart('\r', '\n')));
        else if (tag == "select")
            fields.Add(new(name, Chosen(content)));
        else if (type is not ("checkbox" or "radio") || CheckedBox().IsMatch(head))
            fields.Add(new(name, value));
    }

    private static string Chosen(string options)
    {
        var all = Options().Matches(options).Select(m => m.Groups["head"].Value).ToList();
        return Attribute(all.Find(SelectedOption().IsMatch) ?? all.FirstOrDefault() ?? "", "value") ?? "";
    }

    private static string? Attribute(string head, string name)
    {
        var match = Attributes().Matches(head).FirstOrDefault(m => m.Groups["name"].Value.Equals(name, StringComparison.OrdinalIgnoreCase));
        return match is null ? null : WebUtility.HtmlDecode(match.Groups["quoted"].Success ? match.Groups["quoted"].Value : match.Groups["bare"].Value);
    }

    [GeneratedRegex("<form(?<head>[^>]*)>(?<content>.*?)</form>", RegexOptions.Singleline | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Forms();

    [GeneratedRegex("<(?<tag>input)(?<head>[^>]*)>|<(?<tag>textarea|select|button)(?<head>[^>]*)>(?<content>.*?)</\\k<tag>>", RegexOptions.Singleline | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Controls();

    [GeneratedRegex("<option(?<head>[^>]*)>", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Options();

    [GeneratedRegex("""(?<name>[a-z_:-]+)\s*=\s*(?:"(?<quoted>[^"]*)"|'(?<quoted>[^']*)'|(?<bare>[^\s"'>]+))""", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Attributes();

    [GeneratedRegex("\\bchecked\\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex CheckedBox();

    [GeneratedRegex("\\bselected\\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex SelectedOption();
}
