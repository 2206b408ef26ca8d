using System.Globalization;
using System.Text;
using Microblog.Http;
using Microblog.Identity;
using Microblog.Storage;
using Microblog.Text;

namespace Microblog.Applications;

/// <summary>An application as a credential, and the rules for what it says about itself.</summary>
internal static class ApplicationRecord
{
    /// <summary>The credentials' scope.</summary>
    public const string Scope = "api.application";

    /// <summary>The details as they are kept, or what is wrong with them.</summary>
    public static Outcome<ApplicationDetails> Clean(ApplicationDetails typed)
    {
        var details = typed with
        {
            Name = OneLine.Of(typed.Name),
            Description = OneLine.Of(typed.Description),
            Homepage = typed.Homepage.Trim(),
            Callback = typed.Callback.Trim(),
        };
        var problem = details switch
        {
            { Name.Length: 0 } => "Give the application a name.",
            { Name.Length: > ApplicationDetails.MaxNameLength } => $"The name has more than {ApplicationDetails.MaxNameLength} characters.",
            { Description.Length: > ApplicationDetails.MaxDescriptionLength } => $"The description has more than {ApplicationDetails.MaxDescriptionLength} characters.",
            _ when !IsAddressOrEmpty(details.Homepage) => $"The homepage is not an http(s) address of at most {ApplicationDetails.MaxAddressLength} characters.",
            _ when !IsCallbackOrEmpty(details.Callback) =>
                $"The callback is not an http(s) address of at most {ApplicationDetails.MaxAddressLength} characters, without a fragment, nor one in a scheme of the program's own, such as com.example.app:/done.",
            _ => null,
        };
        if (problem is not null)
            return Outcome<ApplicationDetails>.Refused(problem);
        if (string.IsNullOrWhiteSpace(details.PublicKey))
            return Outcome<ApplicationDetails>.Done(details with { PublicKey = "" });
        return PublicKey.Clean(details.PublicKey).IsDone(out var key, out var objection)
            ? Outcome<ApplicationDetails>.Done(details with { PublicKey = key })
            : Outcome<ApplicationDetails>.Refused(objection);
    }

    public static Credential Write(Application application, string secret, ISecretProtector protector) => new()
    {
        Scope = Scope,
        Token = application.Key,
        ProtectedSecret = protector.Protect(Encoding.ASCII.GetBytes(secret)),
        State = CredentialState.Active,
        Person = application.Owner,
        // Places are counted by it.
        Consumer = application.Owner.ToString(),
        Data = Fields(application),
    };

    public static string Fields(Application application) => KeptFields.Write(
        ("name", application.Details.Name),
        ("description", application.Details.Description),
        ("homepage", application.Details.Homepage),
        ("callback", application.Details.Callback),
        ("key", application.Details.PublicKey),
        ("write", application.Details.MayWrite ? "1" : ""),
        ("at", KeptFields.Time(application.RegisteredAt)));

    /// <summary>The application; <see langword="null"/> when there is none in force.</summary>
    public static Application? Read(Credential? credential)
    {
        if (credential is not { State: CredentialState.Active })
            return null;
        var fields = KeptFields.Read(credential.Data);
        return new Application
        {
            Key = credential.Token,
            Owner = credential.Person,
            Details = new ApplicationDetails
            {
                Name = fields["name"],
                Description = fields["description"],
                Homepage = fields["homepage"],
                Callback = fields["callback"],
                PublicKey = fields["key"],
                MayWrite = fields.Has("write"),
            },
            RegisteredAt = KeptFields.Time(fields["at"]),
        };
    }

    /// <summary>The secret; empty when it cannot be opened any more.</summary>
    public static string Open(Credential credential, ISecretProtector protector) =>
        protector.Unprotect(credential.ProtectedSecret.Span) is { } secret ? Encoding.ASCII.GetString(secret) : "";

    private static bool IsCallbackOrEmpty(string text) =>
        (IsAddressOrEmpty(text) && !text.Contains('#', StringComparison.Ordinal)) || (OwnScheme.IsValid(text) && text.Length <= ApplicationDetails.MaxAddressLength);

    private static bool IsAddressOrEmpty(string text) =>
        text.Length == 0 || (WebAddress.IsValid(text) && Encoding.UTF8.GetByteCount(text) <= ApplicationDetails.MaxAddressLength);
}

/// <summary>What is kept with a credential, as a form.</summary>
internal static class KeptFields
{
    public static string Write(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in fields)
        {
            if (value.Length > 0)
                text.Append(text.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }

    public static NodeForm Read(string text) => NodeForm.Of(Encoding.UTF8.GetBytes(text));

    public static string Time(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    public static DateTimeOffset Time(string text) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture));
}
