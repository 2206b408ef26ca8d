using System.Runtime.InteropServices;
using System.Text;

namespace Microblog.Search;

/// <summary>Cuts text into the words that search knows, alike on every host and for every store.</summary>
/// <remarks>
/// <para>A word is a run of letters and digits, folded. An emoji is a word by itself. Han, kana, Thai, Lao, Khmer and Burmese are written
/// without spaces: each letter begins a word of two, so that what is looked for is found wherever it stands; the last one of a run stands alone,
/// so that each letter begins some word.</para>
/// <para>Links are text like any other: found by the words of their host and path.</para>
/// </remarks>
internal static class SearchText
{
    /// <summary>Longest word, in UTF-16 code units; the rest of a longer one is dropped.</summary>
    public const int MaxWordLength = 64;

    /// <summary>Most words of one text; what stands behind them is not found.</summary>
    public const int MaxWords = 5_000;

    /// <summary>The words in their order.</summary>
    public static List<SearchWord> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cutter = new Cutter();
        foreach (var rune in text.EnumerateRunes())
        {
            if (cutter.IsFull)
                break;
            cutter.Add(rune.Value);
        }

        return cutter.Finish();
    }

    private sealed class Cutter
    {
        private readonly List<SearchWord> words = [];
        private readonly StringBuilder word = new();
        private int position;
        private int unspaced;

        public bool IsFull => words.Count >= MaxWords;

        public void Add(int codePoint)
        {
            // The voicing marks, also those of half width, belong to the kana before them.
            var mark = codePoint switch { 0xFF9E => 0x3099, 0xFF9F => 0x309A, _ => codePoint };
            if (mark is 0x3099 or 0x309A)
            {
                if (unspaced != 0 && Folding.Table.Voice(unspaced, mark) is { } together)
                    unspaced = together;
                return;
            }

            if (Folding.Table.Fold(codePoint) is not { } folded)
            {
                Take(codePoint);
                return;
            }

            foreach (var rune in folded.EnumerateRunes())
                Take(rune.Value);
        }

        public List<SearchWord> Finish()
        {
            EndWord();
            EndUnspaced();
            return words;
        }

        private void Take(int codePoint)
        {
            var kind = Folding.Table.KindOf(codePoint);
            if (kind == LetterKind.Dropped)
                return;
            if (kind != LetterKind.Word)
                EndWord();
            if (kind != LetterKind.Unspaced)
                EndUnspaced();
            var letter = kind == LetterKind.None ? "" : char.ConvertFromUtf32(codePoint);
            if (kind == LetterKind.Word && word.Length + letter.Length <= MaxWordLength)
                word.Append(letter);
            else if (kind == LetterKind.Symbol)
                words.Add(new SearchWord(letter, position++, SearchWordKind.Whole));
            else if (kind == LetterKind.Unspaced)
                AddUnspaced(codePoint);
        }

        private void AddUnspaced(int codePoint)
        {
            if (unspaced != 0)
                words.Add(new SearchWord(char.ConvertFromUtf32(unspaced) + char.ConvertFromUtf32(codePoint), position++, SearchWordKind.Pair));
            unspaced = codePoint;
        }

        private void EndWord()
        {
            if (word.Length > 0)
                words.Add(new SearchWord(word.ToString(), position++, SearchWordKind.Whole));
            word.Clear();
        }

        private void EndUnspaced()
        {
            if (unspaced != 0)
                words.Add(new SearchWord(char.ConvertFromUtf32(unspaced), position++, SearchWordKind.Last));
            unspaced = 0;
        }
    }
}

/// <summary>A word of a text.</summary>
/// <param name="Text">Folded.</param>
/// <param name="Position">Which place in the text; words that stand together have places that follow each other.</param>
/// <param name="Kind">What it is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SearchWord(string Text, int Position, SearchWordKind Kind);

/// <summary>What a word of a text is.</summary>
internal enum SearchWordKind
{
    /// <summary>A run of letters and digits, or a symbol.</summary>
    Whole,

    /// <summary>Two letters of a run without spaces.</summary>
    Pair,

    /// <summary>The last letter of such a run.</summary>
    Last,
}
