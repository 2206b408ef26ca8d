using Microblog.Omb.OAuth;
using Microblog.TwitterApi.Wire;
using Microsoft.Extensions.Options;

namespace Microblog.TwitterApi.Access;

/// <summary>Says to whoever is refused how they can prove who they are.</summary>
internal sealed class ApiChallenges(IOptions<TwitterApiOptions> options, IOptions<MicroblogOptions> node, NodeAddresses addresses)
{
    private const string Header = "WWW-Authenticate";

    /// <summary>Whatever is accepted here. Basic comes first, for its clients look no further.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All => options.Value.AcceptBasic ? [Basic, OAuth] : [OAuth];

    private KeyValuePair<string, string> Basic => new(Header, $"Basic realm=\"{Quoted(Realm)}\"");

    private KeyValuePair<string, string> OAuth => new(Header, $"OAuth realm=\"{Quoted(addresses.Root)}\"");

    /// <summary>No or unusable credentials.</summary>
    public ApiRefusal Refuse(string message) => ApiRefusal.Unauthorized(message) with { Headers = All };

    /// <summary>A wrong nickname or password.</summary>
    public ApiRefusal RefuseBasic(string message) => ApiRefusal.Unauthorized(message) with { Headers = [Basic] };

    /// <summary>Something wrong with what OAuth asks for, with its own words in the header.</summary>
    public ApiRefusal Refuse(OAuthRefusal refusal)
    {
        var code = refusal.Problem is OAuthProblem.TokenRejected or OAuthProblem.TokenRevoked or OAuthProblem.TokenExpired ? 89 : 32;
        var message = $"Could not authenticate you: {refusal.Problem.WireWord()}. {refusal.Advice}".TrimEnd();
        // Clients begin anew at 401 only, whatever OAuth has a status of its own for.
        return new ApiRefusal(401, code, message) { Headers = [.. refusal.ToResponse(addresses.Root).Headers.Where(header => header.Key == Header)] };
    }

    private string Realm => options.Value.Realm is { Length: > 0 } realm ? realm
        : $"{(node.Value.SiteName is { Length: > 0 } name ? name : addresses.Host)} API";

    // What a quoted string cannot hold is left out or escaped.
    private static string Quoted(string text) => string.Concat(text.Where(c => c is >= ' ' and <= '~').Select(c => c is '"' or '\\' ? "\\" + c : c.ToString()));
}
