using System.Collections.Concurrent;
using System.Net;
using Microblog.Http;
using Microblog.Text;

namespace Microblog.TwitterApi.Access;

/// <summary>Counts wrong passwords by network and by nickname within it, from one full hour to the next, so that guessing ends soon.</summary>
/// <remarks>By network, so that nobody shuts others out of their accounts. Each process counts for itself: application passwords are far too long to
/// be guessed, this keeps the guessing from costing anything.</remarks>
internal sealed class FailedPasswords(TimeProvider clock)
{
    private const int MaxOfNickname = 20;
    private const int MaxOfNetwork = 200;

    // Beyond it, whoever is not counted yet shares one count.
    private const int MaxCounted = 50_000;

    private volatile Hour current = new(0);

    /// <summary>Whether there were too many.</summary>
    public bool AreTooMany(IPAddress? address, string nickname)
    {
        var counts = Counts();
        var network = ClientNetwork.Of(address);
        return counts.GetValueOrDefault(KeyIn(counts, network)) >= MaxOfNetwork || counts.GetValueOrDefault(KeyIn(counts, Both(network, nickname))) >= MaxOfNickname;
    }

    /// <summary>Counts one.</summary>
    public void Add(IPAddress? address, string nickname)
    {
        var counts = Counts();
        var network = ClientNetwork.Of(address);
        counts.AddOrUpdate(KeyIn(counts, network), 1, static (_, count) => count + 1);
        counts.AddOrUpdate(KeyIn(counts, Both(network, nickname)), 1, static (_, count) => count + 1);
    }

    // Nobody has a longer name, so all of those are one.
    private static string Both(string network, string nickname) =>
        nickname.Length > Nickname.MaxLength ? $"{network} ?" : $"{network} {nickname.ToLowerInvariant()}";

    private static string KeyIn(ConcurrentDictionary<string, int> counts, string key) => counts.Count < MaxCounted || counts.ContainsKey(key) ? key : " ";

    private ConcurrentDictionary<string, int> Counts()
    {
        var number = clock.GetUtcNow().ToUnixTimeSeconds() / 3600;
        var hour = current;
        if (hour.Number != number)
            current = hour = new Hour(number);
        return hour.Counts;
    }

    private sealed record Hour(long Number)
    {
        public ConcurrentDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);
    }
}
