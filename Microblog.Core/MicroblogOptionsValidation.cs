using Microblog.Delivery;
using Microsoft.Extensions.Options;

namespace Microblog;

/// <summary>Refuses to start with options that would hurt later; each message names the option and the remedy.</summary>
internal sealed class MicroblogOptionsValidation : IValidateOptions<MicroblogOptions>
{
    public ValidateOptionsResult Validate(string? name, MicroblogOptions options)
    {
        var problems = new List<string>();
        if (options.BaseUri is null)
            problems.Add("MicroblogOptions.BaseUri is not set. Set it to the public address of the node, such as https://notes.example/.");
        foreach (var uri in options.FormerBaseUris.Append(options.BaseUri).OfType<Uri>().Where(u => !IsBase(u)))
            problems.Add($"MicroblogOptions.BaseUri and FormerBaseUris: '{uri}' is not an absolute http(s) address without query, fragment and user name.");
        if (options.License is null)
        {
            problems.Add("MicroblogOptions.License is not set. Choose under which licence people publish here, "
                + "for example License.CcBy40 (Creative Commons Attribution), which nearly every other service accepts.");
        }

        if (options.MaxNoticeLength is < 1 or > 100_000)
            problems.Add("MicroblogOptions.MaxNoticeLength must be from 1 to 100,000 code points.");
        problems.AddRange(DeliveryProblems.In(options.Delivery));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static bool IsBase(Uri uri) =>
        uri.IsAbsoluteUri && WebAddress.IsValid(uri.OriginalString) && uri.Query.Length == 0 && uri.Fragment.Length == 0;
}
