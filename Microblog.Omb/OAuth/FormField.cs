namespace Microblog.Omb.OAuth;

/// <summary>What a request says under one parameter name: nothing, an empty value, a value, or several.</summary>
/// <param name="Count">How often the name occurs, in all places together.</param>
/// <param name="Text">The first value as text, bytes that are not UTF-8 shown as U+FFFD; <see langword="null"/> when missing.</param>
/// <param name="IsWellFormed">Whether every percent escape of the first pair was complete.</param>
/// <remarks>The <c>default</c> is a missing parameter.</remarks>
public readonly record struct FormField(int Count, string? Text, bool IsWellFormed)
{
    /// <summary>The name does not occur.</summary>
    public bool IsMissing => Count == 0;

    /// <summary>The name occurs with an empty value, which many protocols tell apart from a missing one.</summary>
    public bool IsEmpty => Text is { Length: 0 };

    /// <summary>The name occurs more than once.</summary>
    public bool IsRepeated => Count > 1;
}
