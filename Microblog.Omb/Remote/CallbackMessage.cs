using Microblog.Omb.Messages;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Remote;

/// <summary>What the other service says when it sends the visitor back.</summary>
internal sealed record CallbackMessage(PersonFields Person, string? Verifier)
{
    /// <summary>Reads the callback's query.</summary>
    /// <param name="query">The query, not decoded.</param>
    /// <param name="dance">What was begun.</param>
    /// <param name="message">The message; <see langword="null"/> when the visitor refused (OMB-121), which is no problem.</param>
    public static OmbRefusal? TryRead(ReadOnlySpan<byte> query, PendingDance dance, out CallbackMessage? message)
    {
        message = null;
        if (FormReader.Read(query) is not { } find)
            return OmbRefusal.Malformed("Your site sent too many parameters back.");
        var token = find(OAuthNames.Token);
        if (token.IsMissing || token.IsEmpty)
            return null;
        if (token.IsRepeated || token.Text != dance.RequestToken.Token)
            return OmbRefusal.Malformed("Your site sent another token back than it had given.");

        var reader = new FieldReader(find);
        reader.Version();
        var verifier = reader.Read(OAuthNames.Verifier);
        if (dance.IsConfirmed && string.IsNullOrEmpty(verifier))
            reader.Fail($"Your site promised an {OAuthNames.Verifier} and sent none.");
        var person = PersonFields.Read(reader, PersonFields.ListenerPrefix);
        if (reader.Problem is { } problem)
            return problem;
        message = new CallbackMessage(person, string.IsNullOrEmpty(verifier) ? null : verifier);
        return null;
    }
}
