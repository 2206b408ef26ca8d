namespace Microblog.Cli.Doctor;

/// <summary>How one question about a node was answered.</summary>
/// <param name="Question">What was looked at, in a few words.</param>
/// <param name="Verdict">How it looks.</param>
/// <param name="Seen">What was seen. May quote the node, so it is printed as text.</param>
/// <param name="Change">What to change; empty where there is nothing to.</param>
internal sealed record Diagnosis(string Question, Verdict Verdict, string Seen, string Change = "")
{
    public bool IsFinding => Verdict is Verdict.Warning or Verdict.Failure;

    public static Diagnosis Good(string question, string seen) => new(question, Verdict.Good, seen);

    /// <summary>It follows from something that was said already, so it is no finding of its own.</summary>
    public static Diagnosis Follows(string question, string from, string seen = "") =>
        new(question, Verdict.NotJudged, $"{seen} This follows from “{from}”; look again when that is put right.".TrimStart());
}

/// <summary>How it looks.</summary>
internal enum Verdict
{
    /// <summary>All is well.</summary>
    Good,

    /// <summary>It was not looked at, or what was seen says nothing by itself.</summary>
    NotJudged,

    /// <summary>It works, but somebody should look.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failure,
}
