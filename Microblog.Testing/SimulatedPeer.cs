using System.Net.Http.Headers;
using Microblog.Testing.Simulation;

namespace Microblog.Testing;

/// <summary>A scripted site of the simulated network: another implementation, a proxy, or somebody hostile.</summary>
public sealed class SimulatedPeer : ISite
{
    private readonly Scheduler scheduler;
    private readonly Func<HttpRequestMessage, Task<HttpResponseMessage>> answer;

    internal SimulatedPeer(SimulatedNetwork network, Scheduler scheduler, Wire wire, Uri baseUri, Func<HttpRequestMessage, Task<HttpResponseMessage>> answer)
    {
        (this.scheduler, this.answer) = (scheduler, answer);
        (Network, BaseUri) = (network, baseUri);
#pragma warning disable RS0030 // It leads into the simulation only. No time-out of its own, which would be real time.
        Client = new HttpClient(new SimulatedDoor(wire, baseUri.Authority, null)) { BaseAddress = baseUri, Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030
    }

    /// <summary>The network.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>Its address.</summary>
    public Uri BaseUri { get; }

    /// <summary>Sends requests from there; it follows no redirects and keeps no cookies. What is not answered within a minute of
    /// network time fails.</summary>
    public HttpClient Client { get; }

    void ISite.Receive(WireRequest request, Action<WireAnswer> reply, Action<HttpRequestException> fail) => _ =
        scheduler.WatchAsync(() => AnswerAsync(request, reply));

    private async Task AnswerAsync(WireRequest request, Action<WireAnswer> reply)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Uri) { Content = new ReadOnlyMemoryContent(request.Body) };
        foreach (var (name, values) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, values.ToArray()))
                message.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        using var response = await answer(message).ConfigureAwait(false);
        List<KeyValuePair<string, string>> headers = [new("Date", scheduler.Now.ToString("r", System.Globalization.CultureInfo.InvariantCulture))];
        Add(response.Headers);
        Add(response.Content.Headers);
        using var body = new MemoryStream();
        await response.Content.CopyToAsync(body).ConfigureAwait(false);
        reply(new WireAnswer((int)response.StatusCode, headers, body.ToArray()));

        void Add(HttpHeaders from)
        {
            foreach (var header in from.NonValidated)
            {
                if (header.Key == "Date")
                    headers.RemoveAt(0);
                headers.AddRange(header.Value.Select(value => new KeyValuePair<string, string>(header.Key, value)));
            }
        }
    }
}
