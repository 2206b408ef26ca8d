using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Microblog.Load;

/// <summary>What the command line asks for.</summary>
internal sealed record LoadOptions
{
    public const string Usage =
        """
        dotnet run -c Release --project benchmarks/Microblog.Load -- FIGURE [--store sqlite|postgres] [--seconds N]
            [--rounds N] [--connections N,N] [--notices N] [--deliveries N]

          ingest           signed, durable postNotice on SQLite against a bare endpoint that stores the same rows
          postgres-ingest  the same on PostgreSQL, by one process and by two, against durable inserts of single rows
          publish          latency of a publish by destinations and followers, and of somebody else's meanwhile
          deliveries       deliveries a second to 200 services, against plain requests
          lease            taking lanes and settling them, by how many deliveries wait
          destinations     time until all living of 1,000 services have a notice, against the same without the dead ones
          home             a page of the home timeline by subscriptions and notices
          api              the Twitter-compatible API, signed: home timeline, 304 and posting, beside a bare endpoint
          conversation     the first page of a conversation by how many answers it has
          search           a page of what a search finds, by how many notices have the words
          live             2,000 open streams: memory, and time until all have a new notice, beside raw Kestrel
          memory           resident memory of a SQLite node with many notices, idle and under load

          --store        for publish, deliveries, lease, destinations, home, conversation and search; default sqlite
          --seconds      length of one run; default 4
          --rounds       runs whose median counts; default 5
          --connections  for ingest, postgres-ingest and api; default 8,32
          --notices      for home (the largest case), search, memory and api; default 1000000
          --deliveries   for lease (the largest case); default 1000000
        """;

    private static readonly string[] Figures = ["ingest", "postgres-ingest", "publish", "deliveries", "lease", "destinations", "home", "conversation", "search", "live", "memory", "api"];

    public required string Figure { get; init; }

    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(4);

    public int Rounds { get; private init; } = 5;

    public IReadOnlyList<int> Connections { get; private init; } = [8, 32];

    public int Notices { get; private init; } = 1_000_000;

    public int Deliveries { get; private init; } = 1_000_000;

    public bool IsPostgres { get; private init; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out LoadOptions? options)
    {
        options = args is [var figure, ..] && Figures.Contains(figure) ? new LoadOptions { Figure = figure } : null;
        for (var i = 1; options is not null && i < args.Length; i += 2)
        {
            int[] numbers = i + 1 < args.Length ? Numbers(args[i + 1]) : [];
            options = args[i] == "--store" ? Store(options, args.ElementAtOrDefault(i + 1)) : (args[i], numbers) switch
            {
                ("--seconds", [var n]) => options with { Duration = TimeSpan.FromSeconds(n) },
                ("--rounds", [var n]) => options with { Rounds = n },
                ("--connections", [_, ..]) => options with { Connections = numbers },
                ("--notices", [var n]) => options with { Notices = n },
                ("--deliveries", [var n]) => options with { Deliveries = n },
                _ => null,
            };
        }

        return options is not null;
    }

    private static LoadOptions? Store(LoadOptions options, string? name) => name switch
    {
        "sqlite" => options with { IsPostgres = false },
        "postgres" => options with { IsPostgres = true },
        _ => null,
    };

    private static int[] Numbers(string text)
    {
        var numbers = new List<int>();
        foreach (var part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                return [];
            numbers.Add(number);
        }

        return [.. numbers];
    }
}
