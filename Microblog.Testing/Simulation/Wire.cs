namespace Microblog.Testing.Simulation;

/// <summary>Carries requests between the sites, with the faults of each link.</summary>
internal sealed class Wire(Scheduler scheduler, Transcript transcript)
{
    // Longer than any deadline of a scenario. Whoever waits inside a step may wait for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly Dictionary<string, ISite> sites = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string From, string To), SimulatedLink> links = [];

    /// <summary>How long browsers and scripted peers wait for an answer.</summary>
    private static readonly TimeSpan PeoplesPatience = TimeSpan.FromMinutes(1);

    /// <summary>What links do that have no faults of their own.</summary>
    public LinkFaults Faults { get; set; } = LinkFaults.None;

    public void Add(string host, ISite site)
    {
        if (!sites.TryAdd(host, site))
            throw new ArgumentException($"There is a site at {host} already.", nameof(host));
    }

    /// <summary>The host of a site that is there.</summary>
    public string SiteAt(Uri address, string parameter) => sites.ContainsKey(address.Authority)
        ? address.Authority
        : throw new ArgumentException($"There is no site at {address.Authority}. There are {string.Join(", ", sites.Keys)}.", parameter);

    public SimulatedLink Link(string from, string to)
    {
        if (!links.TryGetValue((from, to), out var link))
            links.Add((from, to), link = new SimulatedLink(from, to));
        return link;
    }

    /// <summary>Sends a request and waits for what the sender gets to see of its answer.</summary>
    /// <exception cref="HttpRequestException">The connection failed, as from any handler.</exception>
    public async Task<WireAnswer> SendAsync(string from, SimulatedProcess? process, WireRequest request, CancellationToken cancellationToken)
    {
        var passage = new Passage(this, scheduler, transcript.Begin(from, request), from, process, request);
        using var registration = cancellationToken.UnsafeRegister(_ => passage.GiveUp(cancellationToken), null);
        passage.Begin();
        if (process is null)
            scheduler.After(PeoplesPatience, null, passage.TimeOut);
        if (!scheduler.IsInside)
            scheduler.RunUntil(() => passage.Answer.IsCompleted, scheduler.Now + Patience, cancellationToken);
        return await passage.Answer.ConfigureAwait(false);
    }

    /// <summary>One request and what becomes of it.</summary>
    private sealed class Passage(Wire wire, Scheduler scheduler, Exchange exchange, string from, SimulatedProcess? process, WireRequest request)
    {
        private readonly TaskCompletionSource<WireAnswer> answer = new();
        private readonly SimulatedLink link = wire.Link(from, request.Uri.Authority);

        public Task<WireAnswer> Answer => answer.Task;

        private LinkFaults Faults => link.Faults ?? wire.Faults;

        public void Begin()
        {
            var faults = Faults;
            if (link.IsCut)
                Break(HttpRequestError.ConnectionError, "the link is cut");
            else if (Happens(faults.Hangs))
                exchange.Note("it hangs");
            else if (Happens(faults.LostRequests))
                Break(HttpRequestError.ResponseEnded, "the request is lost");
            else if (Happens(faults.Errors))
                AnswerInstead(faults);
            else
                Deliver(faults);
        }

        public void GiveUp(CancellationToken cancellationToken)
        {
            if (answer.TrySetCanceled(cancellationToken))
                exchange.Note("the sender gives up");
        }

        public void TimeOut()
        {
            if (answer.TrySetException(new HttpRequestException(HttpRequestError.ResponseEnded, "there was no answer in time")))
                exchange.Note("the sender gives up");
        }

        private void Deliver(LinkFaults faults)
        {
            scheduler.After(Latency(), null, () => Arrive("arrives"));
            if (Happens(faults.Duplicates))
                scheduler.After(Part(faults.DuplicateWithin), null, () => Arrive("arrives once more"));
        }

        private void Arrive(string how)
        {
            if (!wire.sites.TryGetValue(request.Uri.Authority, out var site))
            {
                Break(HttpRequestError.NameResolutionError, "there is no such host");
                return;
            }

            exchange.Note(how);
            site.Receive(request, Return, failure => Break(failure.HttpRequestError, failure.Message));
        }

        private void Return(WireAnswer reply)
        {
            exchange.Note(reply);
            if (!Happens(Faults.LostAnswers))
                scheduler.After(Latency(), process, () => answer.TrySetResult(reply));
            else if (scheduler.Random.Next(2) == 0)
                Break(HttpRequestError.ResponseEnded, "the answer is lost");
            else
                exchange.Note("the answer is lost, and the connection hangs");
        }

        private void AnswerInstead(LinkFaults faults)
        {
            var status = faults.Statuses[scheduler.Random.Next(faults.Statuses.Count)];
            List<KeyValuePair<string, string>> headers = [];
            if (faults.RetryAfter is { } wait)
                headers.Add(new("Retry-After", wait.TotalSeconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture)));
            exchange.Note("it never arrives; something on the way answers");
            var reply = new WireAnswer(status, headers, "answered on the way"u8.ToArray());
            exchange.Note(reply);
            scheduler.After(Latency(), process, () => answer.TrySetResult(reply));
        }

        private void Break(HttpRequestError error, string why)
        {
            exchange.Note(why);
            scheduler.After(Latency(), process, () => answer.TrySetException(new HttpRequestException(error, why)));
        }

        private TimeSpan Latency() => TimeSpan.FromMilliseconds(scheduler.Random.Next(1, 50)) + Part(Faults.MaxDelay);

        private TimeSpan Part(TimeSpan whole) => whole * scheduler.Random.NextDouble();

        // Without the chance no number is drawn, so that a fault on one link changes nothing on the others.
        private bool Happens(double chance) => chance > 0 && scheduler.Random.NextDouble() < chance;
    }
}
