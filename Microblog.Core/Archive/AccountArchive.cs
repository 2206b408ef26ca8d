using Microblog.Storage;
using Microsoft.Extensions.Options;

namespace Microblog.Archive;

/// <summary>Writes an account of this node into an archive that its person can take along, and takes in one that somebody brings.</summary>
/// <remarks>docs/archive.md describes the format, and what an import means. Memory is bounded whatever the account's size.</remarks>
public sealed class AccountArchive
{
    private readonly IMicroblogStore store;
    private readonly NodeAddresses addresses;
    private readonly IOptions<MicroblogOptions> options;
    private readonly TimeProvider clock;

    /// <param name="store">Where accounts are.</param>
    /// <param name="addresses">The node's own addresses.</param>
    /// <param name="options">Nicknames that are reserved, and the default licence.</param>
    /// <param name="clock">Tells what lies in the future.</param>
    public AccountArchive(IMicroblogStore store, NodeAddresses addresses, IOptions<MicroblogOptions> options, TimeProvider clock) =>
        (this.store, this.addresses, this.options, this.clock) = (store, addresses, options, clock);

    /// <summary>Writes all that belongs to a person. The same account gives the same bytes.</summary>
    /// <param name="person">A person of this node.</param>
    /// <param name="output">Where to write, front to back; left open.</param>
    /// <param name="progress">Hears how many lines are written.</param>
    /// <param name="cancellationToken">Cancels the export.</param>
    /// <remarks>What changes while it is written may be in it or not; each notice is in it once.</remarks>
    /// <exception cref="ArgumentException">The person is not of this node, or has left.</exception>
    public Task ExportAsync(
        Profile person, Stream output, IProgress<ArchiveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(person);
        ArgumentNullException.ThrowIfNull(output);
        if (!person.IsLocal || person.IsDeleted)
            throw new ArgumentException("Only people of this node have an archive.", nameof(person));
        return new AccountExport(store, addresses, person, new ArchiveWriter(output), progress).RunAsync(cancellationToken);
    }

    /// <summary>Stores an archive's account for a user of the host. It becomes visible when all of it is stored, or not at all.</summary>
    /// <param name="archive">The archive; it is read twice, so it has to be able to seek. Left open.</param>
    /// <param name="request">Who gets the account.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels the import; what was stored is taken back.</param>
    /// <remarks>An import that was killed leaves what nobody sees; the next one of the same account takes it back and begins anew.</remarks>
    /// <exception cref="ArchiveException">The archive, or what it asks for, cannot be had here. Nothing is stored.</exception>
    /// <exception cref="StoreException">The store failed. Nothing is visible.</exception>
    public async Task<ImportedAccount> ImportAsync(
        Stream archive, AccountImport request, IProgress<ArchiveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(request.Subject, nameof(request));
        if (!archive.CanSeek)
            throw new ArgumentException("The archive is read twice.", nameof(archive));
        using var file = ArchiveFile.Open(archive);
        return await new AccountArrival(store, addresses, options.Value, clock, file, progress).RunAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
