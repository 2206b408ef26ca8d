namespace Microblog.Pages;

/// <summary>The form for a new notice. It posts to <c>/notice</c>.</summary>
/// <param name="License">Under which licence the person publishes; shown beside the button.</param>
/// <param name="MaxLength">Longest notice, in code points.</param>
public sealed record NoticeForm(string License, int MaxLength)
{
    /// <summary>What was typed before, or what a reply begins with.</summary>
    public string Content { get; init; } = "";

    /// <summary>The address of additional content typed before.</summary>
    public string SeeAlso { get; init; } = "";

    /// <summary>The chosen visibility.</summary>
    public Visibility Visibility { get; init; }

    /// <summary>Whether it shall stay on this node.</summary>
    public bool IsLocalOnly { get; init; }

    /// <summary>What shall stand in front of the text.</summary>
    public string Warning { get; init; } = "";

    /// <summary>The language of the text, a BCP 47 tag.</summary>
    public string Language { get; init; } = "";

    /// <summary>Whether pictures are shown only to those who ask for them.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>The notice that is changed; none for a new one.</summary>
    public NoticeId Changes { get; init; }

    /// <summary>What it answers; none for a new conversation.</summary>
    public NoticeId ReplyTo { get; init; }

    /// <summary>Most pictures that may go with it; 0 where nobody uploads any.</summary>
    public int MaxAttachments { get; init; }

    /// <summary>Pictures that have been uploaded for it already.</summary>
    public IReadOnlyList<Attachment> Uploads { get; init; } = [];

    /// <summary>Why it was not published; empty the first time.</summary>
    public string Problem { get; init; } = "";
}
