using Microblog.Storage;
using Microblog.Storage.Moving;

namespace Microblog.Cli.Tests.Databases;

/// <summary>A target whose nth step fails: before anything happened when n is odd, after it was done when n is even.</summary>
internal sealed class FailingDatabase(INodeDatabase real, int failing) : INodeDatabase
{
    private int steps;

    public string Name => real.Name;

    public ValueTask<DatabaseState> InspectAsync(CancellationToken cancellationToken) => real.InspectAsync(cancellationToken);

    public ValueTask<IReadOnlyList<string>> FindDamageAsync(CancellationToken cancellationToken) => real.FindDamageAsync(cancellationToken);

    public ValueTask<(int From, int To)> UpgradeAsync(CancellationToken cancellationToken) => real.UpgradeAsync(cancellationToken);

    public ValueTask<ICopySource> OpenSourceAsync(CancellationToken cancellationToken) => real.OpenSourceAsync(cancellationToken);

    public async ValueTask<ICopyTarget> OpenTargetAsync(CancellationToken cancellationToken) => new Target(this, await real.OpenTargetAsync(cancellationToken));

    private async ValueTask<T> StepAsync<T>(Func<ValueTask<T>> step)
    {
        if (++steps == failing)
            throw new IOException("before");
        var result = await step();
        return ++steps == failing ? throw new IOException("after") : result;
    }

    private async ValueTask StepAsync(Func<ValueTask> step) => await StepAsync(async () =>
    {
        await step();
        return true;
    });

    private sealed class Target(FailingDatabase database, ICopyTarget real) : ICopyTarget
    {
        public IReadOnlyList<NodeTable> Tables => real.Tables;

        public IBlobStore Blobs => real.Blobs;

        public ValueTask<bool> BeginAsync(string source, CancellationToken cancellationToken) =>
            database.StepAsync(() => real.BeginAsync(source, cancellationToken));

        public ValueTask<long> CountAsync(NodeTable table, CancellationToken cancellationToken) => real.CountAsync(table, cancellationToken);

        public ValueTask<IReadOnlyList<object>?> FindLastKeyAsync(NodeTable table, CancellationToken cancellationToken) => real.FindLastKeyAsync(table, cancellationToken);

        public ValueTask WriteAsync(NodeTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken) =>
            database.StepAsync(() => real.WriteAsync(table, rows, cancellationToken));

        public ValueTask CompleteAsync(IReadOnlyDictionary<string, long> lastNumbers, CancellationToken cancellationToken) =>
            database.StepAsync(() => real.CompleteAsync(lastNumbers, cancellationToken));

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
