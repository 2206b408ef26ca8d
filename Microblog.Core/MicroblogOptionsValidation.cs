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
        if (options.MaxAttachments is < 0 or > 16)
            problems.Add("MicroblogOptions.MaxAttachments must be from 0 to 16.");
        if (options.MaxAttachmentBytes is < 64 * 1024 or > 64 * 1024 * 1024)
            problems.Add("MicroblogOptions.MaxAttachmentBytes must be from 64 KiB to 64 MiB, in bytes.");
        if (options.AttachmentQuotaBytes < options.MaxAttachmentBytes)
            problems.Add("MicroblogOptions.AttachmentQuotaBytes must not be less than MaxAttachmentBytes, or nobody could upload the largest picture that is allowed.");
        if (options.Live.MaxConnections is < 0 or > 100_000)
            problems.Add("MicroblogOptions.Live.MaxConnections must be from 0 to 100,000. With 0 nothing is live.");
        if (options.Live.MaxPerPerson is < 1 or > 1_000)
            problems.Add("MicroblogOptions.Live.MaxPerPerson must be from 1 to 1,000.");
        if (options.Live.MaxPerAddress is < 1 or > 100_000)
            problems.Add("MicroblogOptions.Live.MaxPerAddress must be from 1 to 100,000.");
        if (options.Live.MaxFirehoses is < 0 or > 1_000)
            problems.Add("MicroblogOptions.Live.MaxFirehoses must be from 0 to 1,000.");
        problems.AddRange(DeliveryProblems.In(options.Delivery));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static bool IsBase(Uri uri) =>
        uri.IsAbsoluteUri && WebAddress.IsValid(uri.OriginalString) && uri.Query.Length == 0 && uri.Fragment.Length == 0;
}
