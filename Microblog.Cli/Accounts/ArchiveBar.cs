using System.Globalization;
using Microblog.Archive;
using Microblog.Cli.Databases;
using Spectre.Console;

namespace Microblog.Cli.Accounts;

/// <summary>Shows how far an archive is: as a bar, or as lines where nobody watches.</summary>
internal static class ArchiveBar
{
    public static async Task RunAsync(Func<IProgress<ArchiveProgress>, Task> work) => await RunAsync(async progress =>
    {
        await work(progress);
        return true;
    });

    public static Task<T> RunAsync<T>(Func<IProgress<ArchiveProgress>, Task<T>> work) => Console.IsOutputRedirected
        ? work(new Lines())
        : AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context => work(new Bar(context.AddTask("archive"))));

    private static string Describe(ArchiveProgress value) => value.Total is { } total
        ? string.Create(CultureInfo.InvariantCulture, $"{value.Step}: {value.Lines:N0} of {total:N0} lines")
        : string.Create(CultureInfo.InvariantCulture, $"{value.Step}: {value.Lines:N0} lines");

    private sealed class Bar(ProgressTask task) : IProgress<ArchiveProgress>
    {
        public void Report(ArchiveProgress value)
        {
            task.Description = Describe(value);
            task.IsIndeterminate = value.Total is null;
            task.MaxValue = Math.Max(1, value.Total ?? 1);
            task.Value = value.Total is null ? 0 : value.Lines;
        }
    }

    /// <summary>For a file or another program.</summary>
    private sealed class Lines : IProgress<ArchiveProgress>
    {
        private const long Every = 10_000;

        private (ArchiveStep Step, long Part) last = (ArchiveStep.Writing, 0);

        public void Report(ArchiveProgress value)
        {
            var reached = (value.Step, value.Lines / Every);
            if (reached == last)
                return;
            last = reached;
            Work.Say(Describe(value));
        }
    }
}
