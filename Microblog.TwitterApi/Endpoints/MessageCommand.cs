using System.Diagnostics.CodeAnalysis;

namespace Microblog.TwitterApi.Endpoints;

/// <summary>A text that is a letter: <c>d nick text</c> (§9).</summary>
/// <param name="To">To whom.</param>
/// <param name="Text">What; may be empty, and is no notice even so.</param>
internal sealed record MessageCommand(string To, string Text)
{
    /// <summary>Reads a text that begins like a letter.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MessageCommand? command)
    {
        var words = text.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        command = null;
        if (words.Length < 2 || words[0].ToLowerInvariant() is not ("d" or "dm"))
            return false;
        var rest = words[1].Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        command = new MessageCommand(rest[0], rest.Length > 1 ? rest[1] : "");
        return true;
    }
}
