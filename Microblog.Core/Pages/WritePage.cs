namespace Microblog.Pages;

/// <summary>The form for a notice alone: again after a refusal, with what was typed.</summary>
public sealed record WritePage : Page
{
    /// <inheritdoc/>
    public override string Title => !Form.Changes.IsNone ? "Change a notice" : Form.ReplyTo.IsNone ? "New notice" : "Reply";

    /// <inheritdoc/>
    public override string Objection => Form.Problem;

    /// <summary>The form.</summary>
    public required NoticeForm Form { get; init; }
}
