namespace Microblog.TwitterApi.Wire;

/// <summary>Why a request is refused, in whatever format it is said.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Code">One of the numbers that clients of the later API know.</param>
/// <param name="Message">For people.</param>
internal sealed record ApiRefusal(int Status, int Code, string Message)
{
    /// <summary>Headers that belong to it, such as <c>WWW-Authenticate</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Nobody or somebody else.</summary>
    public static ApiRefusal Unauthorized(string message) => new(401, 32, message);

    /// <summary>An application that may only read.</summary>
    public static ApiRefusal ReadOnly() => new(401, 261, "This application may read, not write.");

    /// <summary>Something is missing, or is not what it should be.</summary>
    public static ApiRefusal Bad(string message) => new(400, 214, message);

    /// <summary>Understood, and not done.</summary>
    public static ApiRefusal Forbidden(string message) => new(403, 179, message);

    /// <summary>There is no such thing.</summary>
    public static ApiRefusal NotFound(string message) => new(404, 34, message);

    /// <summary>There is no such notice that the reader may see.</summary>
    public static ApiRefusal NoStatus() => new(404, 144, "There is no such status.");
}
