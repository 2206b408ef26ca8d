using System.CommandLine;
using System.Globalization;
using Microblog.Storage.Moving;
using Spectre.Console;

namespace Microblog.Cli.Databases;

/// <summary><c>microblog database copy</c>: moves a whole node into another database, of another kind if need be.</summary>
internal sealed class CopyCommand : Command
{
    private readonly DatabaseOption from = new("--from", "MICROBLOG_FROM", "The stopped node's database, which is not changed");
    private readonly DatabaseOption to = new("--to", "MICROBLOG_TO", "An empty database, or one that this copy was begun into");

    public CopyCommand()
        : base("copy", "Copies a stopped node into another database. Interrupted at any point, even by a power cut, it goes on where it was when it is given again.")
    {
        Add(from);
        Add(to);
        SetAction((arguments, cancellationToken) => Work.GuardAsync(() => RunAsync(from.Read(arguments).Database, to.Read(arguments).Database, cancellationToken)));
    }

    private static async Task<int> RunAsync(INodeDatabase source, INodeDatabase target, CancellationToken cancellationToken)
    {
        var rows = Console.IsOutputRedirected
            ? await NodeCopy.RunAsync(source, target, new LinePerTenth(), cancellationToken)
            : await WithBarAsync(progress => NodeCopy.RunAsync(source, target, progress, cancellationToken));
        Work.Say(string.Create(CultureInfo.InvariantCulture, $"Copied {rows:N0} rows; every table was counted on both sides. Start the node on {target.Name} now, and never again on {source.Name}."));
        return Work.Done;
    }

    private static Task<long> WithBarAsync(Func<IProgress<CopyProgress>, ValueTask<long>> copy) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(context => copy(new Bar(context.AddTask("rows"))).AsTask());

    /// <summary>For somebody who watches.</summary>
    private sealed class Bar(ProgressTask task) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value)
        {
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = value.Rows;
            task.Description = string.Create(CultureInfo.InvariantCulture, $"{value.Rows:N0} of {value.Total:N0} rows ({value.Table})");
        }
    }

    /// <summary>For a file or another program.</summary>
    private sealed class LinePerTenth : IProgress<CopyProgress>
    {
        private long tenths = -1;

        public void Report(CopyProgress value)
        {
            var reached = value.Total == 0 ? 10 : value.Rows * 10 / value.Total;
            if (reached <= tenths)
                return;
            tenths = reached;
            Work.Say(string.Create(CultureInfo.InvariantCulture, $"{value.Rows} of {value.Total} rows"));
        }
    }
}
