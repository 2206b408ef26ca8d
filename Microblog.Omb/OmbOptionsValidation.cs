using Microblog.Omb.OAuth;
using Microsoft.Extensions.Options;

namespace Microblog.Omb;

/// <summary>Refuses to start with options that would hurt later; each message names the option and the remedy.</summary>
internal sealed class OmbOptionsValidation : IValidateOptions<OmbOptions>
{
    public ValidateOptionsResult Validate(string? name, OmbOptions options)
    {
        var problems = new List<string>();
        if (options.OAuth.Realm is null || options.OAuth.Realm.Any(char.IsControl))
            problems.Add("OmbOptions.OAuth.Realm must be one line of text. Leave it empty for the node's root URL.");
        if (options.OAuth.SignatureMethods == SignatureMethod.None || (options.OAuth.SignatureMethods & ~SignatureMethod.All) != SignatureMethod.None)
            problems.Add("OmbOptions.OAuth.SignatureMethods must be one or more of SignatureMethod. Keep HmacSha1: many services know no other.");
        foreach (var (key, _) in options.Consumers.Where(c => c.Key.Length == 0 || c.Value is null))
            problems.Add($"OmbOptions.Consumers['{key}']: say the consumer's key, its root URL as a rule, and what was agreed with it (OAuthConsumer).");
        if (options.OwnSecret is null)
            problems.Add("OmbOptions.OwnSecret must not be null. Leave it empty unless other services have agreed to a secret.");
        if (options.RequestTokensPerConsumer is < 1 or > 100_000)
            problems.Add("OmbOptions.RequestTokensPerConsumer must be from 1 to 100,000.");
        if (options.OriginLookupsPerHost is < 0 or > 100_000)
            problems.Add("OmbOptions.OriginLookupsPerHost must be from 0, which turns look-ups off, to 100,000.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
