using System.CommandLine;
using Microblog.Storage;
using Microblog.Storage.Moving;

namespace Microblog.Cli.Databases;

/// <summary><c>microblog database</c>: creates, upgrades, checks and copies a node's database.</summary>
internal sealed class DatabaseCommand : Command
{
    public DatabaseCommand()
        : base("database", "Creates, upgrades, checks and copies a node's database. Exit code: 0 done or all well, 1 something was found, 2 it could not be done.")
    {
        Add(Single("create", "Makes the tables of a new node.", CreateAsync));
        Add(Single("upgrade", "Brings the tables to this version, while the node is stopped. A node does so too when it starts.", UpgradeAsync));
        Add(Single("check", "Says which version the tables have, who uses them, and whether anything in it is broken.", CheckAsync));
        Add(new CopyCommand());
    }

    private static Command Single(string name, string description, Func<INodeDatabase, CancellationToken, Task<int>> work)
    {
        var option = DatabaseOption.TheOne();
        var command = new Command(name, description) { option };
        command.SetAction((arguments, cancellationToken) => Work.GuardAsync(() => work(option.Read(arguments).Database, cancellationToken)));
        return command;
    }

    private static async Task<int> CreateAsync(INodeDatabase database, CancellationToken cancellationToken)
    {
        var state = await database.InspectAsync(cancellationToken);
        if (state.Version > 0)
            throw new StoreException($"There is a node in {database.Name} already (schema version {state.Version}). Nothing was changed.");
        var (_, version) = await database.UpgradeAsync(cancellationToken);
        Work.Say($"Created {database.Name} (schema version {version}).");
        return Work.Done;
    }

    private static async Task<int> UpgradeAsync(INodeDatabase database, CancellationToken cancellationToken)
    {
        var state = await database.InspectAsync(cancellationToken);
        if (state.Version == 0)
            throw new StoreException($"There is no node in {database.Name}. “microblog database create” makes one.");
        var (from, to) = await database.UpgradeAsync(cancellationToken);
        Work.Say(from == to
            ? $"{database.Name} has schema version {to} already. Nothing was changed."
            : $"Upgraded {database.Name} from schema version {from} to {to}.");
        return Work.Done;
    }

    private static async Task<int> CheckAsync(INodeDatabase database, CancellationToken cancellationToken)
    {
        var state = await database.InspectAsync(cancellationToken);
        var findings = Findings(state).Concat(await database.FindDamageAsync(cancellationToken)).ToList();
        Work.Say($"{database.Name}: schema version {state.Version}; this tool knows {state.KnownVersion}.");
        Work.Say(state.IsInUse ? "A node, or another tool, has it open." : "Nobody has it open.");
        foreach (var finding in findings)
            Work.Say("→ " + finding);
        Work.Say(findings.Count == 0 ? "All is well." : $"{findings.Count} {(findings.Count == 1 ? "finding" : "findings")}.");
        return findings.Count == 0 ? Work.Done : Work.Found;
    }

    private static IEnumerable<string> Findings(DatabaseState state)
    {
        if (state.IsHalfCopied)
            yield return "A copy into it was interrupted, and no node starts on it. Give the same “microblog database copy” again: it goes on where it was.";
        if (state.Version == 0)
            yield return "There is no node in it. “microblog database create” makes one.";
        else if (state.Version < state.KnownVersion)
            yield return "The tables are older than this tool. The node upgrades them when it starts; “microblog database upgrade” does so before.";
        else if (state.Version > state.KnownVersion)
            yield return "The tables are newer than this tool. Install the newer Microblog that upgraded them.";
    }
}
