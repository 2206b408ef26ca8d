using System.Globalization;
using System.Text;
using Microblog.Diagnostics;
using Microblog.Remote;

namespace Microblog.Cli.Doctor;

/// <summary>What a node says about how our request arrived.</summary>
internal sealed class Probe
{
    private readonly Dictionary<string, string> words;

    private Probe(Dictionary<string, string> words) => this.words = words;

    /// <summary>The word for one aspect; empty when the node does not say.</summary>
    public string this[string name] => words.GetValueOrDefault(name, "");

    /// <summary>The node's own clock.</summary>
    public DateTimeOffset? Clock =>
        long.TryParse(this["clock"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>Asks for the probe below a base.</summary>
    public static RemoteRequest Request(string root, string path = "") =>
        RemoteRequest.Get(new Uri($"{root.TrimEnd('/')}{ArrivalProbe.Path}{path}?{ArrivalProbe.SampleQuery}"), "text/plain") with
        {
            MaxRedirects = 0,
            Headers = [new("Authorization", "OAuth realm=\"microblog doctor\"")],
        };

    /// <summary>Reads an answer; <see langword="null"/> when it is not the probe's.</summary>
    public static Probe? Read(RemoteResult result)
    {
        if (result is not RemoteResult.Answered { Status: 200, Body.Length: < 4096 } answer)
            return null;
        var lines = Encoding.UTF8.GetString(answer.Body.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.FirstOrDefault() != ArrivalProbe.Signature)
            return null;
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Skip(1).Select(line => line.Split('=', 2)).Where(line => line.Length == 2))
            said[line[0]] = line[1];
        return new Probe(said);
    }
}
