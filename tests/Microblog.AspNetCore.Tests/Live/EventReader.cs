using System.Net;

namespace Microblog.AspNetCore.Tests.Live;

/// <summary>Reads a stream of events as a browser does.</summary>
internal sealed class EventReader(HttpResponseMessage response) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private StreamReader? lines;

    public HttpStatusCode Status => response.StatusCode;

    public HttpResponseMessage Response => response;

    public string LastId { get; private set; } = "";

    public static async Task<EventReader> OpenAsync(TestNode node, string path, string? user = null, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (user is not null)
            request.Headers.Add(TestNode.UserHeader, user);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return new EventReader(await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
    }

    /// <summary>The next event; <see langword="null"/> at the end of the stream.</summary>
    public async Task<(string Event, string Data)?> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        lines ??= new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        var (name, data) = ("", "");
        while (await lines.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                LastId = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data += line[6..];
            else if (line.Length == 0 && data.Length > 0)
                return (name, data);
        }

        return null;
    }

    /// <summary>Reads on to the notice with the text.</summary>
    public async Task<string> UntilAsync(string text)
    {
        while (await NextAsync() is var (_, data))
        {
            if (data.Contains(text, StringComparison.Ordinal))
                return data;
        }

        throw new InvalidOperationException($"The stream ended before '{text}'.");
    }

    public void Dispose()
    {
        lines?.Dispose();
        response.Dispose();
    }
}
