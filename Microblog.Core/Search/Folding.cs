using System.Globalization;
using System.Text;

namespace Microblog.Search;

/// <summary>By what search compares text: case, accents, widths and other forms of one letter are alike.</summary>
/// <remarks>A table of our own, made by <c>folding.py</c>: what a host knows of Unicode differs, and what is in an index must be found by
/// every later one. Code points that it does not know separate words.</remarks>
internal sealed class Folding
{
    private readonly Dictionary<int, string> folds = [];
    private readonly Dictionary<(int Kana, int Mark), int> voiced = [];
    private readonly List<(int First, int Last, LetterKind Kind)> kinds = [];

    private Folding()
    {
        using var stream = typeof(Folding).Assembly.GetManifestResourceStream("folding.txt")
            ?? throw new InvalidOperationException("The table folding.txt is not in the assembly.");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                Read(line.Split(' '));
        }
    }

    public static Folding Table { get; } = new();

    /// <summary>What a code point is compared as; <see langword="null"/> where that is itself.</summary>
    public string? Fold(int codePoint) => folds.GetValueOrDefault(codePoint);

    /// <summary>The kana that a kana and the voicing mark behind it are together; <see langword="null"/> when they are none.</summary>
    public int? Voice(int kana, int mark) => voiced.TryGetValue((kana, mark), out var together) ? together : null;

    /// <summary>What a code point is.</summary>
    public LetterKind KindOf(int codePoint)
    {
        var (low, high) = (0, kinds.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var (first, last, kind) = kinds[middle];
            if (codePoint < first)
                high = middle - 1;
            else if (codePoint > last)
                low = middle + 1;
            else
                return kind;
        }

        return LetterKind.None;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private void Read(string[] line)
    {
        switch (line[0])
        {
            case "C":
                kinds.Add((Number(line[1]), Number(line[2]), line[3] switch
                {
                    "W" => LetterKind.Word,
                    "U" => LetterKind.Unspaced,
                    "S" => LetterKind.Symbol,
                    _ => LetterKind.Dropped,
                }));
                break;
            case "F":
                ReadFold(Number(line[1]), Number(line[2]), line.AsSpan(3));
                break;
            default:
                voiced.Add((Number(line[1]), Number(line[2])), Number(line[3]));
                break;
        }
    }

    private void ReadFold(int first, int last, ReadOnlySpan<string> text)
    {
        for (var codePoint = first; codePoint <= last; codePoint++)
        {
            var folded = new StringBuilder();
            foreach (var part in text)
                folded.Append(char.ConvertFromUtf32(Number(part) + codePoint - first));
            folds.Add(codePoint, folded.ToString());
        }
    }
}

/// <summary>What a code point is to search.</summary>
internal enum LetterKind
{
    /// <summary>It separates words.</summary>
    None,

    /// <summary>Part of a word: a letter, a digit, a mark that stays.</summary>
    Word,

    /// <summary>A letter of a script that is written without spaces between words.</summary>
    Unspaced,

    /// <summary>A word by itself, such as an emoji.</summary>
    Symbol,

    /// <summary>As if it were not there.</summary>
    Dropped,
}
