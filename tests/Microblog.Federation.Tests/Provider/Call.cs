using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Microblog.Federation.Tests.Provider;

/// <summary>Where the OAuth parameters of a request stand. Those of OMB stand in the body of a POST, and in the query of a GET.</summary>
internal enum Placement
{
    Body,
    Header,
    Query,
}

/// <summary>A token with its secret.</summary>
internal sealed record TokenPair(string Token, string Secret);

/// <summary>A signed request, right unless told otherwise.</summary>
/// <param name="Path">The path below the node's base, without a slash in front.</param>
internal sealed record Call(string Path)
{
    public string Method { get; init; } = "POST";

    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>OAuth parameters besides those that every request has.</summary>
    public IReadOnlyList<Field> OAuth { get; init; } = [];

    public Placement Placement { get; init; }

    public TokenPair? Token { get; init; }

    public string ConsumerSecret { get; init; } = "";

    public bool IsSha256 { get; init; }

    /// <summary>Changes the OAuth parameters before they are signed.</summary>
    public Action<List<Field>>? BeforeSigning { get; init; }

    /// <summary>Changes the OAuth parameters, signature included, after signing.</summary>
    public Action<List<Field>>? AfterSigning { get; init; }

    /// <summary>Changes the form as it goes out.</summary>
    public Func<string, string> Wire { get; init; } = form => form;

    /// <summary>Headers besides.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
}

/// <summary>What came back.</summary>
internal sealed record Reply(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public string Problem => Form("oauth_problem");

    public string Header(string name) => Headers.GetValueOrDefault(name, "");

    /// <summary>A value of a body that is a form; empty when absent.</summary>
    public string Form(string name) => ValueIn(Body, name);

    /// <summary>A value of the query of the address that the browser is sent to; empty when absent.</summary>
    public string Returned(string name) =>
        Header("Location").Split('?', 2) is [_, var query] ? ValueIn(query, name) : "";

    public static async Task<Reply> OfAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Reply((int)response.StatusCode, await response.Content.ReadAsStringAsync(), headers);
    }

    private static string ValueIn(string form, string name) =>
        form.Split('&').Select(pair => pair.Split('=', 2)).Where(pair => pair[0] == name && pair.Length == 2)
            .Select(pair => WebUtility.UrlDecode(pair[1])).FirstOrDefault("");
}

/// <summary>Sends requests as they are written, to one node.</summary>
internal sealed class Wire(Uri socket) : IDisposable
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    public async Task<Reply> SendAsync(
        string method, string target, byte[]? body = null, string mediaType = "application/x-www-form-urlencoded",
        IEnumerable<(string Name, string Value)>? headers = null, string? encoding = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(socket.AbsoluteUri + target, AsWritten));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
            if (encoding is not null)
                request.Content.Headers.ContentEncoding.Add(encoding);
        }

        foreach (var (name, value) in headers ?? [])
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    public Task<Reply> SendFormAsync(string target, string form, params (string Name, string Value)[] headers) =>
        SendAsync("POST", target, Encoding.UTF8.GetBytes(form), headers: headers);

    public void Dispose() => client.Dispose();
}
