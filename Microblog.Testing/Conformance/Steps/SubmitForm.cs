using System.Net;
using System.Text;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Steps;

/// <summary>Fetches a page as the signed-in person, fills in one of its forms, posts it and follows where it leads.</summary>
public sealed class SubmitForm : IPersonStep
{
    private const int MostRedirects = 10;

    /// <summary>The page with the form; <see langword="null"/> when it is the step's value.</summary>
    public Uri? Page { get; init; }

    /// <summary>The field that takes the step's value; empty for none.</summary>
    public string Field { get; init; } = "";

    /// <summary>The button to press, as <c>name=value</c>; empty for one without a name.</summary>
    public string Button { get; init; } = "";

    /// <summary>Which form it is, by its <c>action</c>; empty when field or button tell. With it, the form is the first one after the
    /// step's value on the page, if the value is there.</summary>
    public string Action { get; init; } = "";

    /// <summary>Header lines that sign the person in; sent to the origin of <see cref="Page"/> only, and without one
    /// to that of <see cref="ConformanceOptions.Profile"/>: the value is an address that the service under test has named.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> SignIn { get; init; } = [];

    /// <inheritdoc/>
    public async Task<WireReply?> PerformAsync(string value, WireClient wire, CancellationToken cancellationToken)
    {
        if ((Page ?? (Uri.TryCreate(value, UriKind.Absolute, out var named) ? named : null)) is not { } address)
            throw new StepException($"'{value}' is no address of a page");
        var visit = new Visit(wire, SignIn, Page ?? wire.Service, address);
        var page = await visit.GetAsync(address, cancellationToken).ConfigureAwait(false);
        var form = Find(page, value) ?? throw new StepException(
            $"{Where(page, address)} has no form with {Wanted} (it answered {page})", page.Exchange);
        var fields = form.Fields.ToList();
        if (Field.Length > 0)
            Set(fields, Field, value);
        if (Button.Split('=', 2) is [{ Length: > 0 } name, var pressed])
            Set(fields, name, pressed);
        var target = form.Target(page.Address!) ?? throw new StepException($"the form of {Where(page, address)} leads to no address: '{form.Action}'", page.Exchange);
        return await visit.PostAsync(target, FormText.Write(fields), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The form on a page that this step would send; <see langword="null"/> when it is not there.</summary>
    internal HtmlForm? Find(WireReply page, string value)
    {
        var forms = HtmlForm.In(page.Text).Where(IsMeant).ToList();
        var after = Action.Length == 0 || value.Length == 0 ? -1 : page.Text.IndexOf(WebUtility.HtmlEncode(value), StringComparison.Ordinal);
        return forms.FirstOrDefault(form => form.Start > after) ?? forms.FirstOrDefault();
    }

    private string Wanted => string.Join(
        " and ", new[] { Field.Length > 0 ? $"the field '{Field}'" : "", Button.Length > 0 ? $"the button '{Button}'" : "", Action.Length > 0 ? $"the action '{Action}'" : "" }
            .Where(part => part.Length > 0));

    private bool IsMeant(HtmlForm form) =>
        (Field.Length == 0 || form.Names.Contains(Field))
        && (Button.Length == 0 || form.Buttons.Any(b => $"{b.Key}={b.Value}" == Button))
        && (Action.Length == 0 || form.Action.EndsWith(Action, StringComparison.Ordinal));

    // Without the query: it is long, and other each time where it names a token.
    private static string Where(WireReply page, Uri address) => (page.Address ?? address).GetLeftPart(UriPartial.Path);

    private static void Set(List<KeyValuePair<string, string>> fields, string name, string value)
    {
        fields.RemoveAll(f => f.Key == name);
        fields.Add(new(name, value));
    }

    // A browser for one errand: cookies of that errand, redirects up to a bound.
    private sealed class Visit(WireClient wire, IReadOnlyList<KeyValuePair<string, string>> signIn, Uri home, Uri start)
    {
        private readonly CookieContainer cookies = new();
        private readonly string origin = start.GetLeftPart(UriPartial.Authority);

        public Task<WireReply> GetAsync(Uri address, CancellationToken cancellationToken) => GoAsync("GET", address, null, cancellationToken);

        public Task<WireReply> PostAsync(Uri address, string form, CancellationToken cancellationToken) =>
            GoAsync("POST", address, Encoding.ASCII.GetBytes(form), cancellationToken);

        private async Task<WireReply> GoAsync(string method, Uri address, byte[]? body, CancellationToken cancellationToken)
        {
            var trail = new List<WireExchange>();
            for (var hops = 0; ; hops++)
            {
                var reply = await wire.SendAsync(method, address.AbsoluteUri, Headers(address, method), body, cancellationToken).ConfigureAwait(false);
                trail.Add(reply.Exchange);
                foreach (var cookie in reply.Headers.Where(h => h.Key.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase)))
                    Keep(address, cookie.Value);
                if (!reply.IsRedirect || !Uri.TryCreate(address, reply.Header("Location"), out var next))
                    return reply with { Trail = trail };
                if (hops == MostRedirects)
                    throw new StepException($"{start.GetLeftPart(UriPartial.Path)} leads in circles", reply.Exchange);
                (method, address, body) = ("GET", next, null);
            }
        }

        private List<KeyValuePair<string, string>> Headers(Uri address, string method)
        {
            var isHome = WireText.IsSameOrigin(address, home);
            List<KeyValuePair<string, string>> headers = [new("Accept", "text/html"), .. isHome ? signIn.Where(h => h.Key != "Cookie") : []];
            var cookie = string.Join("; ", (isHome ? signIn.Where(h => h.Key == "Cookie").Select(h => h.Value) : []).Append(cookies.GetCookieHeader(address)).Where(c => c.Length > 0));
            if (cookie.Length > 0)
                headers.Add(new("Cookie", cookie));
            if (method == "POST")
                headers.Add(new("Origin", origin));
            return headers;
        }

        private void Keep(Uri address, string cookie)
        {
            try
            {
                cookies.SetCookies(address, cookie);
            }
            catch (CookieException)
            {
                // A browser would not keep it either.
            }
        }
    }
}
