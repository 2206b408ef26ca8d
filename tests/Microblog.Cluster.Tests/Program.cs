using System.Globalization;
using Microblog.Cluster.Tests.Chaos;

// The chaos run by hand, for as long as one likes: [minutes] [seed].
var minutes = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 60;
var seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Random.Shared.Next(10_000);
await using var run = new ChaosRun(seed, TimeSpan.FromMinutes(minutes), Console.WriteLine);
await run.RunAsync();
