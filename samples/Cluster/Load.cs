using System.Net;
using System.Text.RegularExpressions;

namespace Microblog.Samples.Cluster;

/// <summary>Drives load through the balancer: people sign up, follow each other and write, as browsers would, at a steady rate.</summary>
internal static partial class Load
{
    private const int People = 5;
    private const string Password = "correct horse battery";
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>Runs until it is interrupted, or for <c>--seconds</c> after people have signed up.</summary>
    /// <returns>0 when something was written.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var settings = new ConfigurationBuilder().AddCommandLine(args).Build();
        var address = new Uri(settings["to"] ?? throw new InvalidOperationException("Say --to with the balancer's address."));
        var rate = settings.GetValue("rate", 5.0);
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };

        // Names that an earlier run has not taken.
        var run = Random.Shared.Next(0x10000).ToString("x4", null);
        var people = Enumerable.Range(1, People).Select(i => new Person(address, $"p{run}n{i}")).ToList();
        var tally = new Tally();
        try
        {
            foreach (var person in people)
                await person.JoinAsync(people[0].Name, stop.Token);
            Console.WriteLine($"{People} people have signed up, and follow {people[0].Name}. {rate:0.##} notices a second, Ctrl-C ends it.");
            if (settings.GetValue<double?>("seconds") is { } seconds)
                stop.CancelAfter(TimeSpan.FromSeconds(seconds));
            await Task.WhenAll([.. people.Select(person => WriteAsync(person, People / rate, tally, stop.Token)), ReportAsync(tally, stop.Token)]);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        finally
        {
            people.ForEach(person => person.Dispose());
        }

        Console.WriteLine($"{tally.Written} notices written, {tally.Failed} failed.");
        return tally.Written > 0 ? 0 : 1;
    }

    private static async Task WriteAsync(Person person, double every, Tally tally, CancellationToken cancellationToken)
    {
        for (var i = 1; ; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(every * 2 * Random.Shared.NextDouble()), cancellationToken);
            tally.Count(await person.WriteAsync($"Notice {i} of {person.Name}", cancellationToken));
        }
    }

    private static async Task ReportAsync(Tally tally, CancellationToken cancellationToken)
    {
        for (var before = 0; ;)
        {
            await Task.Delay(ReportInterval, cancellationToken);
            var written = tally.Written;
            Console.WriteLine($"{DateTime.Now:HH:mm:ss}  {written - before} written, {written} in all, {tally.Failed} failed, slowest {tally.TakeSlowest().TotalMilliseconds:0} ms");
            before = written;
        }
    }

    private sealed class Tally
    {
        private int written;
        private int failed;
        private long slowest;

        public int Written => Volatile.Read(ref written);

        public int Failed => Volatile.Read(ref failed);

        public void Count((bool IsDone, TimeSpan Took) result)
        {
            Interlocked.Increment(ref result.IsDone ? ref written : ref failed);
            Interlocked.Exchange(ref slowest, Math.Max(Volatile.Read(ref slowest), result.Took.Ticks));
        }

        public TimeSpan TakeSlowest() => TimeSpan.FromTicks(Interlocked.Exchange(ref slowest, 0));
    }

    /// <summary>Somebody with a browser: cookies, and forms with their hidden fields.</summary>
    private sealed partial class Person(Uri address, string name) : IDisposable
    {
        private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };

        public string Name => name;

        public async Task JoinAsync(string idol, CancellationToken cancellationToken)
        {
            await SubmitAsync("account/sign-up", "/account/sign-up", cancellationToken, ("name", name), ("password", Password));
            await SubmitAsync("join", "/join", cancellationToken, ("nickname", name));
            if (idol != name)
                await SubmitAsync("subscribe", "/subscribe", cancellationToken, ("target", idol));
        }

        public async Task<(bool IsDone, TimeSpan Took)> WriteAsync(string content, CancellationToken cancellationToken)
        {
            var started = TimeProvider.System.GetTimestamp();
            try
            {
                await SubmitAsync("home", "/notice", cancellationToken, ("content", content), ("visibility", "public"));
                return (true, TimeProvider.System.GetElapsedTime(started));
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                Console.WriteLine($"{name}: {e.Message}");
                return (false, TimeProvider.System.GetElapsedTime(started));
            }
        }

        public void Dispose() => client.Dispose();

        private async Task SubmitAsync(string page, string action, CancellationToken cancellationToken, params (string Name, string Value)[] typed)
        {
            var html = await client.GetStringAsync(new Uri(page, UriKind.Relative), cancellationToken);
            var form = Form().Matches(html).Select(match => match.Value).FirstOrDefault(form => form.Contains($"action=\"{action}\"", StringComparison.Ordinal))
                ?? throw new HttpRequestException($"The page {page} has no form for {action}.");
            var fields = HiddenField().Matches(form)
                .Select(match => KeyValuePair.Create(match.Groups["name"].Value, WebUtility.HtmlDecode(match.Groups["value"].Value)))
                .Concat(typed.Select(field => KeyValuePair.Create(field.Name, field.Value)));
            using var content = new FormUrlEncodedContent(fields);
            using var response = await client.PostAsync(new Uri(action, UriKind.Relative), content, cancellationToken);
            response.EnsureSuccessStatusCode();
        }
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("""<input[^>]*type="hidden"[^>]*name="(?<name>[^"]*)"[^>]*value="(?<value>[^"]*)"[^>]*>""")]
    private static partial Regex HiddenField();
}
