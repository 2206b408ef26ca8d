using System.Globalization;
using Microsoft.Extensions.Options;

namespace Microblog.WebSub;

/// <summary>Refuses to start with options that would hurt later; each message names the option and the remedy.</summary>
internal sealed class WebSubOptionsValidation : IValidateOptions<WebSubOptions>
{
    public ValidateOptionsResult Validate(string? name, WebSubOptions options)
    {
        var problems = new[]
        {
            options.Hub is null || (options.Hub.IsAbsoluteUri && HubAddress.IsUsable(options.Hub.AbsoluteUri))
                ? null
                : $"WebSubOptions.Hub: '{options.Hub}' is not an absolute http(s) address without fragment, of at most {HubSubscription.MaxAddressLength} characters.",
            Check(nameof(options.ShortestLease), options.ShortestLease, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            Check(nameof(options.LongestLease), options.LongestLease, options.ShortestLease, TimeSpan.FromDays(365)),
            Check(nameof(options.DefaultLease), options.DefaultLease, options.ShortestLease, options.LongestLease),
            Check(nameof(options.SubscriptionsPerFeed), options.SubscriptionsPerFeed, 1, 1_000_000),
            Check(nameof(options.SubscriptionsPerHost), options.SubscriptionsPerHost, 1, 1_000_000),
            Check(nameof(options.SubscriptionsPerNetwork), options.SubscriptionsPerNetwork, 1, 1_000_000),
            Check(nameof(options.SubscriptionsToLists), options.SubscriptionsToLists, 0, 10_000),
            Check(nameof(options.RequestsPerHost), options.RequestsPerHost, 1, 1_000),
        }.OfType<string>().ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static string? Check<T>(string name, T value, T least, T most)
        where T : struct, IComparable<T>, IFormattable =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0 ? null
            : string.Create(CultureInfo.InvariantCulture, $"WebSubOptions.{name} is {value}. Set it from {least} to {most}.");
}
