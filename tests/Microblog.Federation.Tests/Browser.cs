using System.Net;
using System.Text.RegularExpressions;

namespace Microblog.Federation.Tests;

/// <summary>A person's browser: follows redirects between nodes, keeps cookies, fills in forms. Signed in everywhere under one name.</summary>
public sealed partial class Browser : IDisposable
{
    private readonly CookieContainer cookies = new();
    private readonly HttpClient client;

    public Browser(string? user)
    {
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies, UseProxy = false });
        if (user is not null)
            client.DefaultRequestHeaders.Add("X-User", user);
    }

    /// <summary>The address shown, after redirects.</summary>
    public Uri Location { get; private set; } = new("about:blank");

    public HttpStatusCode Status { get; private set; }

    public string Html { get; private set; } = "";

    /// <summary>Where the browser was sent, newest last.</summary>
    public List<Uri> Trail { get; } = [];

    public Task OpenAsync(Uri address) => SendAsync(() => new HttpRequestMessage(HttpMethod.Get, address), address);

    /// <summary>Fills in the page's form that has such a field or button, and sends it.</summary>
    public Task SubmitAsync(params (string Name, string Value)[] values) =>
        SubmitAsync(form => values.All(v => form.Contains($"name=\"{v.Name}\"", StringComparison.Ordinal)), values);

    /// <summary>Sends the first form of the page that goes to a path, as it is.</summary>
    public Task SubmitToAsync(string path) => SubmitAsync(form => form.Contains($"action=\"{path}\"", StringComparison.Ordinal), []);

    /// <summary>Fills in the form like <see cref="SubmitAsync(ValueTuple{string, string}[])"/> and sends it, but follows nothing and stays on the page.</summary>
    public async Task<HttpStatusCode> PostAsync(params (string Name, string Value)[] values)
    {
        var (target, fields) = FillIn(form => values.All(v => form.Contains($"name=\"{v.Name}\"", StringComparison.Ordinal)), values);
        using var content = new FormUrlEncodedContent(fields);
        using var response = await client.PostAsync(target, content);
        return response.StatusCode;
    }

    private Task SubmitAsync(Func<string, bool> isMeant, (string Name, string Value)[] values)
    {
        var (target, fields) = FillIn(isMeant, values);
        return SendAsync(() => new HttpRequestMessage(HttpMethod.Post, target) { Content = new FormUrlEncodedContent(fields) }, target);
    }

    private (Uri Target, List<KeyValuePair<string, string>> Fields) FillIn(Func<string, bool> isMeant, (string Name, string Value)[] values)
    {
        var form = Forms().Matches(Html).Select(m => m.Value).FirstOrDefault(isMeant)
            ?? throw new InvalidOperationException($"{Location} ({Status}) has no such form:\n{Html}");
        var action = WebUtility.HtmlDecode(Regex.Match(form, "action=\"([^\"]*)\"").Groups[1].Value);
        var fields = HiddenFields().Matches(form)
            .Select(m => m.Value)
            .Select(tag => new KeyValuePair<string, string>(Attribute(tag, "name"), Attribute(tag, "value")))
            .Where(field => values.All(v => v.Name != field.Key))
            .Concat(values.Select(v => new KeyValuePair<string, string>(v.Name, v.Value)))
            .ToList();
        return (new Uri(Location, action), fields);
    }

    /// <summary>Takes a cookie, as a <c>Set-Cookie</c> header would bring it.</summary>
    public void Keep(Uri site, string setCookie) => cookies.SetCookies(site, setCookie);

    public void Dispose() => client.Dispose();

    private async Task SendAsync(Func<HttpRequestMessage> first, Uri address)
    {
        using var request = first();
        var response = await client.SendAsync(request);
        for (var hops = 0; (int)response.StatusCode is >= 300 and < 400; hops++)
        {
            Assert.True(hops < 10, "The browser is sent in circles.");
            address = new Uri(address, response.Headers.Location!);
            Trail.Add(address);
            response.Dispose();
            response = await client.GetAsync(address);
        }

        Location = address;
        Status = response.StatusCode;
        Html = await response.Content.ReadAsStringAsync();
        response.Dispose();
    }

    private static string Attribute(string tag, string name) =>
        WebUtility.HtmlDecode(Regex.Match(tag, name + "=\"([^\"]*)\"").Groups[1].Value);

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex HiddenFields();
}
