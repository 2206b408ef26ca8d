using System.Globalization;
using System.Text;
using Microblog.Identity;
using Microblog.Omb.OAuth;
using Microblog.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.Load.Servers;

/// <summary>What a listener of the node allowed a listenee's service: as the dance leaves it in the store.</summary>
internal sealed record Grant(long Listener, long Subscription, long Author, string Listenee, TokenCredentials Token)
{
    public const int Count = 100;
    public const string ConsumerKey = "https://there.example/";

    private const string FileName = "grants.tsv";

    /// <summary>Stores the grants, unless an earlier run of the server has, and leaves a list for whoever signs.</summary>
    public static async Task PrepareAsync(IServiceProvider services, string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (File.Exists(path))
            return;
        var lines = new List<string>();
        for (var i = 0; i < Count; i++)
        {
            var grant = await AddAsync(services, i);
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{grant.Listener}\t{grant.Subscription}\t{grant.Author}\t{grant.Listenee}\t{grant.Token.Token}\t{grant.Token.Secret}"));
        }

        await File.WriteAllLinesAsync(path, lines);
    }

    public static IReadOnlyList<Grant> Load(string directory) =>
        [.. File.ReadLines(Path.Combine(directory, FileName)).Select(line => line.Split('\t')).Select(f => new Grant(
            Number(f[0]), Number(f[1]), Number(f[2]), f[3], new TokenCredentials(f[4], f[5])))];

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<Grant> AddAsync(IServiceProvider services, int number)
    {
        var store = services.GetRequiredService<IMicroblogStore>();
        var listener = (await services.GetRequiredService<MicroblogNode>().JoinAsync($"listener{number}", $"listener{number}")).Value;
        var token = TokenCredentials.Create();
        var secret = services.GetRequiredService<ISecretProtector>().Protect(Encoding.ASCII.GetBytes(token.Secret));
        using var subscription = store.Ids.Draw();
        using var author = store.Ids.Draw();
        var listenee = $"{ConsumerKey}user/{number}";
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                await session.Profiles.SaveRemoteAsync(Listenees.Profile(author.Profile, listenee, subscription.Subscription), ct);
                await session.Subscriptions.SaveAsync(
                    Listenees.Subscription(subscription.Subscription, listener.Id, author.Profile, ConsumerKey), ct);
                return await session.Credentials.AddAsync(
                    new Credential
                    {
                        Scope = "omb.access",
                        Token = token.Token,
                        ProtectedSecret = secret,
                        Consumer = ConsumerKey,
                        State = CredentialState.Active,
                        Person = listener.Id,
                        Subscription = subscription.Subscription,
                    },
                    int.MaxValue,
                    ct);
            },
            CancellationToken.None);
        return new Grant(listener.Id.Value, subscription.Value, author.Value, listenee, token);
    }
}
