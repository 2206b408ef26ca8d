using Microblog.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore;

/// <summary>Refuses to start with options that would hurt later; each message names the option and the remedy.</summary>
internal sealed class MicroblogWebOptionsValidation : IValidateOptions<MicroblogWebOptions>
{
    public ValidateOptionsResult Validate(string? name, MicroblogWebOptions options)
    {
        List<string> problems = [.. Dress(options), .. Limits(options.RateLimits)];
        if (string.IsNullOrWhiteSpace(options.SubjectClaim) || string.IsNullOrWhiteSpace(options.NameClaim))
            problems.Add("MicroblogWebOptions.SubjectClaim and NameClaim must name a claim type, such as ClaimTypes.NameIdentifier.");
        if (options.IsOperator is null)
            problems.Add("MicroblogWebOptions.IsOperator must not be null. For no operator at all, answer false: _ => false.");
        if (!IsPath(options.SignInPath) || !IsPath(options.SignOutPath))
            problems.Add("MicroblogWebOptions.SignInPath and SignOutPath must be a path of this site, such as /sign-in, or empty.");
        if (string.IsNullOrWhiteSpace(options.ContentSecurityPolicy) || options.ContentSecurityPolicy.Any(c => c is < ' ' or > '~'))
            problems.Add("MicroblogWebOptions.ContentSecurityPolicy must be one line of ASCII. Widen the default; it cannot be turned off.");
        if (options.BodyTimeout <= TimeSpan.Zero || options.BodyTimeout > TimeSpan.FromHours(1))
            problems.Add("MicroblogWebOptions.BodyTimeout must be above zero and at most an hour.");
        if (options.UploadTimeout <= TimeSpan.Zero || options.UploadTimeout > TimeSpan.FromHours(1))
            problems.Add("MicroblogWebOptions.UploadTimeout must be above zero and at most an hour.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Dress(MicroblogWebOptions options)
    {
        if (!typeof(LayoutComponentBase).IsAssignableFrom(options.Layout))
            yield return "MicroblogWebOptions.Layout must be a component derived from LayoutComponentBase.";
        foreach (var (page, component) in options.Components)
        {
            if (!typeof(Page).IsAssignableFrom(page) || !typeof(IComponent).IsAssignableFrom(component))
                yield return $"MicroblogWebOptions.Components[{page}]: give a type derived from Microblog.Pages.Page a component; {component?.ToString() ?? "null"} is none, or the page is none.";
        }
    }

    private static IEnumerable<string> Limits(RateLimitOptions limits)
    {
        (string Name, RateLimit? Limit)[] named =
        [
            (nameof(limits.Page), limits.Page), (nameof(limits.Write), limits.Write), (nameof(limits.Open), limits.Open), (nameof(limits.Push), limits.Push), (nameof(limits.Client), limits.Client),
        ];
        return named.Where(l => l.Limit is { } limit && (limit.Permits < 1 || limit.Window < TimeSpan.FromSeconds(1) || limit.Window > TimeSpan.FromDays(1)))
            .Select(l => $"MicroblogWebOptions.RateLimits.{l.Name} must have at least 1 permit and a window from a second to a day. Set it to null for no limit.");
    }

    // "//host/" and "/\host/" lead to another site.
    private static bool IsPath(string? path) =>
        path is "" or "/" || (path is ['/', not ('/' or '\\'), ..] && !path.Any(char.IsControl));
}
