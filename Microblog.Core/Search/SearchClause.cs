namespace Microblog.Search;

/// <summary>One thing that a query asks for.</summary>
internal abstract record SearchClause
{
    private SearchClause()
    {
    }

    /// <summary>Whether it must not be so.</summary>
    public bool IsExcluded { get; init; }

    /// <summary>Words that stand together, or one word.</summary>
    /// <param name="Parts">The words, from the place of the first one on.</param>
    public sealed record Words(IReadOnlyList<SearchPart> Parts) : SearchClause
    {
        public bool IsIn(List<SearchWord> text)
        {
            for (var start = 0; start < text.Count; start++)
            {
                if (StandsAt(text, start))
                    return true;
            }

            return false;
        }

        // Words stand in the order of their places, each at a place of its own within one text.
        private bool StandsAt(List<SearchWord> text, int start)
        {
            var at = start;
            foreach (var part in Parts)
            {
                var place = text[start].Position + part.Place;
                while (at < text.Count && text[at].Position < place)
                    at++;
                if (at == text.Count || text[at].Position != place || !part.Fits(text[at].Text))
                    return false;
            }

            return true;
        }
    }

    /// <summary>A hash tag.</summary>
    /// <param name="Term">As <see cref="SearchTerms.Tag"/> makes it.</param>
    public sealed record Tag(string Term) : SearchClause;

    /// <summary>The author.</summary>
    /// <param name="Nickname">In lower case.</param>
    /// <param name="Host">In lower case; empty for somebody of this node, <see langword="null"/> for anybody of that nickname.</param>
    public sealed record From(string Nickname, string? Host) : SearchClause
    {
        /// <summary>The term under which the people are found.</summary>
        public string Term => SearchTerms.Name(Host is null ? Nickname : $"{Nickname}@{Host}");

        public bool IsOf(Profile author) => author.Nickname.Equals(Nickname, StringComparison.OrdinalIgnoreCase)
            && (Host is null || author.Host.Equals(Host, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>A word of a query.</summary>
/// <param name="Text">Folded.</param>
/// <param name="Place">How many places behind the first one.</param>
/// <param name="IsPrefix">Whether a word that begins so is meant as well.</param>
internal sealed record SearchPart(string Text, int Place, bool IsPrefix)
{
    public bool Fits(string word) => IsPrefix ? word.StartsWith(Text, StringComparison.Ordinal) : word == Text;
}
