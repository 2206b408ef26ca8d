using System.CommandLine;
using System.Globalization;
using Microblog.Archive;
using Microblog.Cli.Databases;
using Microblog.Storage;

namespace Microblog.Cli.Accounts;

/// <summary><c>microblog account</c>: takes one person's account out of a node, or into one.</summary>
internal sealed class AccountCommand : Command
{
    public AccountCommand()
        : base("account", "Takes one person's account out of a node as one file, or into a node.")
    {
        Add(Export());
        Add(Import());
    }

    private static Command Export()
    {
        var nickname = new Argument<string>("nickname") { Description = "Whose account." };
        var file = new Argument<FileInfo>("file") { Description = "The archive to write; it must not be there yet." };
        var database = DatabaseOption.TheOne();
        var command = new Command("export", "Writes a person's profile, notices, subscriptions and blocks into an archive. The node may run meanwhile.")
        {
            nickname, file, database,
        };
        command.SetAction((arguments, cancellationToken) => Work.GuardAsync(() => database.Read(arguments).WithStoreAsync(
            store => ExportAsync(store, arguments.GetRequiredValue(nickname), arguments.GetRequiredValue(file), cancellationToken), cancellationToken)));
        return command;
    }

    private static Command Import()
    {
        var file = new Argument<FileInfo>("file") { Description = "The archive." };
        var subject = new Option<string>("--subject") { Description = "Which user of your site gets the account: what never changes about the user. The user must not have one yet.", Required = true };
        var nickname = new Option<string>("--nickname") { Description = "Another nickname than the archive's." };
        var address = new Option<string>("--base-uri") { Description = "The node's public address. By default the one at which it was last started, where there was but one." };
        var database = DatabaseOption.TheOne();
        var command = new Command("import", "Takes an account out of an archive into a stopped node, whole or not at all. Interrupted, it begins anew when it is given again.")
        {
            file, subject, nickname, address, database,
        };
        command.SetAction((arguments, cancellationToken) => Work.GuardAsync(() => database.Read(arguments).WithStoreAsync(
            async store => await ImportAsync(
                await OpenAsync(store, arguments.GetValue(address), cancellationToken),
                arguments.GetRequiredValue(file),
                new AccountImport(arguments.GetRequiredValue(subject), arguments.GetValue(nickname)),
                cancellationToken),
            cancellationToken)));
        return command;
    }

    private static async Task<int> ExportAsync(IMicroblogStore store, string nickname, FileInfo file, CancellationToken cancellationToken)
    {
        var person = await store.ReadAsync(Freshness.Latest, (session, token) => session.Profiles.FindLocalAsync(nickname.ToLowerInvariant(), token), cancellationToken);
        if (person is not { IsDeleted: false })
            throw new FormatException($"There is nobody of the nickname {nickname} here.");
        // An export names no address of the node but those that are stored.
        var archive = Open(store, new Uri("http://localhost/"));
        var isWhole = false;
        await using (var stream = new FileStream(file.FullName, FileMode.CreateNew, FileAccess.Write))
        {
            try
            {
                await ArchiveBar.RunAsync(progress => archive.ExportAsync(person, stream, progress, cancellationToken));
                await stream.FlushAsync(cancellationToken);
                isWhole = true;
            }
            finally
            {
                // Half an archive would be taken for one.
                if (!isWhole)
                    file.Delete();
            }
        }

        Work.Say($"{person.Nickname} is in {file.FullName}.");
        return Work.Done;
    }

    private static async Task<int> ImportAsync(AccountArchive archive, FileInfo file, AccountImport request, CancellationToken cancellationToken)
    {
        await using var stream = file.OpenRead();
        var imported = await ArchiveBar.RunAsync(progress => archive.ImportAsync(stream, request, progress, cancellationToken));
        Work.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{imported.Profile.Nickname} is here: {imported.Notices:N0} notices, {imported.Blocks:N0} blocks. {imported.Following:N0} people to follow again and {imported.Followers:N0} who followed are listed; nothing flows until they do."));
        if (imported.LeftOut.Count == 0)
            return Work.Done;
        Work.Say("This version does not know, and left out (keep the archive):");
        foreach (var name in imported.LeftOut)
            Work.Say("  " + name);
        return Work.Found;
    }

    private static async Task<AccountArchive> OpenAsync(IMicroblogStore store, string? address, CancellationToken cancellationToken)
    {
        var known = await store.ReadAsync(Freshness.Latest, (session, token) => session.Settings.FindAsync(NodeStart.BaseUrisName, token), cancellationToken);
        var uris = (known ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var text = address ?? (uris is [var only] ? only : throw new FormatException("At which address is the node reached? Give --base-uri."));
        if (!WebAddress.IsValid(text))
            throw new FormatException("--base-uri takes an address that begins with http:// or https://.");
        return Open(store, new Uri(text), uris.Where(uri => uri != text).Select(uri => new Uri(uri)));
    }

    private static AccountArchive Open(IMicroblogStore store, Uri address, IEnumerable<Uri>? former = null)
    {
        var options = Microsoft.Extensions.Options.Options.Create(new MicroblogOptions { BaseUri = address, License = License.CcBy40 });
        var addresses = new NodeAddresses(options);
        foreach (var uri in former ?? [])
            addresses.AddFormer(uri);
        return new AccountArchive(store, addresses, options, TimeProvider.System);
    }
}
