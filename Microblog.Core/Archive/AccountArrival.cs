using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microblog.Media;
using Microblog.Storage;

namespace Microblog.Archive;

/// <summary>Reads one archive, twice: first all of it is checked, then it is stored under a number that is nobody's until the end.</summary>
internal sealed class AccountArrival(
    IMicroblogStore store, NodeAddresses addresses, MicroblogOptions options, TimeProvider clock, ArchiveFile file, IProgress<ArchiveProgress>? progress)
{
    private const int LinesAtOnce = 200;
    private const int PeopleAtOnce = 1_000;
    private const int ReportEvery = 500;
    private const int MaxSmallEntry = 64 * 1024;

    // The numbers of a node that was busy run a little ahead of its clock, and so may its clock.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly DateTimeOffset latest = clock.GetUtcNow() + Tolerance;
    private readonly LeftOut leftOut = new();
    private readonly ArrivingFiles files = new(store, options, file);
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
    private ArchivedProfile profile = null!;
    private Avatar? picture;
    private Staging staging = null!;
    private long done;

    private long Total => counts.Values.Sum();

    public async Task<ImportedAccount> RunAsync(AccountImport request, CancellationToken cancellationToken)
    {
        await CheckAsync(cancellationToken).ConfigureAwait(false);
        var nickname = profile.NicknameFor(request, options.ReservedNicknames);
        await BeginAsync(request.Subject, nickname, cancellationToken).ConfigureAwait(false);
        try
        {
            await StoreAsync(cancellationToken).ConfigureAwait(false);
            return await FinishAsync(request.Subject, nickname, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // If the store is broken the next import of this account takes it back.
            await staging.TakeBackAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        await ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        profile = await ReadSmallAsync(
            ArchiveFormat.Profile,
            fields =>
            {
                var read = ArchivedProfile.Read(fields);
                fields.NoteOthers(ArchiveFormat.Profile, leftOut);
                return read;
            },
            cancellationToken).ConfigureAwait(false);
        picture = await ReadPictureAsync(cancellationToken).ConfigureAwait(false);
        foreach (var entry in file.Entries.Select(entry => entry.FullName))
        {
            if (entry is not (ArchiveFormat.Head or ArchiveFormat.Profile or ArchiveFormat.Picture) && ArchiveFormat.PartOf(entry) is null && !ArchiveFormat.IsFile(entry))
                leftOut.Add(entry);
        }

        counts[ArchiveFormat.Following] = await CheckAsync(ArchiveFormat.Following, ReadSubscription, cancellationToken).ConfigureAwait(false);
        counts[ArchiveFormat.Followers] = await CheckAsync(ArchiveFormat.Followers, ReadSubscription, cancellationToken).ConfigureAwait(false);
        counts[ArchiveFormat.Blocks] = await CheckAsync(ArchiveFormat.Blocks, ReadBlock, cancellationToken).ConfigureAwait(false);
        counts[ArchiveFormat.Mutes] = await CheckAsync(ArchiveFormat.Mutes, ReadMute, cancellationToken).ConfigureAwait(false);
        counts[ArchiveFormat.Notices] = await CheckNoticesAsync(cancellationToken).ConfigureAwait(false);
        counts[ArchiveFormat.Revisions] = await CheckAsync(ArchiveFormat.Revisions, ReadRevision, cancellationToken).ConfigureAwait(false);
        counts[ArchiveFormat.Favourites] = await CheckAsync(ArchiveFormat.Favourites, ReadFavourite, cancellationToken).ConfigureAwait(false);
        done = 0;
    }

    private async ValueTask ReadHeadAsync(CancellationToken cancellationToken)
    {
        if (file.Find(ArchiveFormat.Head) is null)
            throw new ArchiveException($"This is no archive of an account: it has no {ArchiveFormat.Head}.");
        await ReadSmallAsync(
            ArchiveFormat.Head,
            fields =>
            {
                if (fields.Text("format", 100) != ArchiveFormat.Name)
                    throw fields.Wrong("format", $"is not {ArchiveFormat.Name}.");
                var version = fields.Number("version");
                if (version is not ArchiveFormat.Version)
                    throw fields.Wrong("version", FormattableString.Invariant($"is {version}; this Microblog reads {ArchiveFormat.Version}. Import it with the one that wrote it, or a newer one."));
                fields.NoteOthers(ArchiveFormat.Head, leftOut);
                return fields;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<T> ReadSmallAsync<T>(string name, Func<ArchiveFields, T> read, CancellationToken cancellationToken)
    {
        var entry = file.Find(name) ?? throw new ArchiveException("is not there.", name);
        using var json = ArchiveFields.Parse(await ArchiveFile.ReadAsync(entry, MaxSmallEntry, cancellationToken).ConfigureAwait(false), name, 1);
        return read(new ArchiveFields(json.RootElement, name, 1));
    }

    private async ValueTask<Avatar?> ReadPictureAsync(CancellationToken cancellationToken)
    {
        if (file.Find(ArchiveFormat.Picture) is not { } entry)
            return null;
        var content = await ArchiveFile.ReadAsync(entry, Avatar.MaxBytes, cancellationToken).ConfigureAwait(false);
        return Avatar.Clean(content.ToArray()).IsDone(out var avatar, out var problem) ? avatar : throw new ArchiveException(problem, ArchiveFormat.Picture);
    }

    private async ValueTask<long> CheckAsync<T>(string part, Func<ArchiveFields, T> read, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var _ in LinesAsync(part, read, cancellationToken).ConfigureAwait(false))
        {
            count++;
            Report(ArchiveStep.Checking, 1, null);
        }

        return count;
    }

    private async ValueTask<long> CheckNoticesAsync(CancellationToken cancellationToken)
    {
        var (count, charge) = (0L, 0L);
        await foreach (var (notice, line) in LinesAsync(ArchiveFormat.Notices, ReadNotice, cancellationToken).ConfigureAwait(false))
        {
            foreach (var named in notice.Attachments)
                charge += await files.CheckAsync(named, line, cancellationToken).ConfigureAwait(false);
            if (charge > options.AttachmentQuotaBytes)
                throw new ArchiveException($"The pictures take more than the {options.AttachmentQuotaBytes >> 20} MiB that everybody has here.", line.Entry, line.Number);
            count++;
            Report(ArchiveStep.Checking, 1, null);
        }

        return count;
    }

    private async IAsyncEnumerable<(T Value, ArchiveLine Line)> LinesAsync<T>(
        string part, Func<ArchiveFields, T> read, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in file.LinesAsync(part, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var json = ArchiveFields.Parse(line.Json, line.Entry, line.Number);
            var fields = new ArchiveFields(json.RootElement, line.Entry, line.Number);
            var value = read(fields);
            fields.NoteOthers(part, leftOut);
            yield return (value, line with { Json = default });
        }
    }

    private ArchivedSubscription ReadSubscription(ArchiveFields fields) => ArchivedSubscription.Read(fields, profile.Uri, latest);

    private ArchivedBlock ReadBlock(ArchiveFields fields) => ArchivedBlock.Read(fields, latest);

    private ArchivedMute ReadMute(ArchiveFields fields) => ArchivedMute.Read(fields, latest);

    private ArchivedRevision ReadRevision(ArchiveFields fields) => ArchivedRevision.Read(fields, latest);

    private ArchivedFavourite ReadFavourite(ArchiveFields fields) => ArchivedFavourite.Read(fields, latest);

    private ArchivedNotice ReadNotice(ArchiveFields fields)
    {
        var read = ArchivedNotice.Read(fields, profile.Uri, latest, leftOut);
        // Whoever could bring an address of this node could take another person's.
        if (addresses.IsOwn(read.Notice.Uri.Value) && NumberIn(read.Notice.Uri.Value, "/notice/") != read.Notice.Id.Value)
            throw fields.Wrong("uri", "is an address of this node that does not carry the notice's number.");
        return read;
    }

    // In an address that this node made, or 0.
    private static long NumberIn(string uri, string path) =>
        uri.LastIndexOf(path, StringComparison.Ordinal) is var at and >= 0
        && long.TryParse(uri.AsSpan(at + path.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    private async ValueTask BeginAsync(string subject, string nickname, CancellationToken cancellationToken)
    {
        var marker = "archive:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(profile.Uri.Value)));
        var (person, run) = DrawNumbers();
        var left = await store.ReadAsync(
            Freshness.Latest,
            async (session, ct) =>
            {
                await ObjectAsync(session, subject, nickname, ct).ConfigureAwait(false);
                return await session.Settings.FindAsync(marker, ct).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        if (Staging.Parse(store, marker, left) is { } interrupted)
            await interrupted.TakeBackAsync().ConfigureAwait(false);
        staging = new Staging(store, marker, person, run);
        await staging.BeginAsync(cancellationToken).ConfigureAwait(false);
    }

    // The person's number stands in an identifier of this node's own.
    private (ProfileId Person, SubscriptionId Run) DrawNumbers()
    {
        using var person = store.Ids.Draw();
        using var run = store.Ids.Draw();
        if (!addresses.IsOwn(profile.Uri.Value))
            return (person.Profile, run.Subscription);
        var number = new ProfileId(NumberIn(profile.Uri.Value, "/user/"));
        return number.IsNone || IdSource.TimeOf(number.Value) > latest
            ? throw new ArchiveException("The identifier is an address of this node that belongs to nobody.", ArchiveFormat.Profile)
            : (number, run.Subscription);
    }

    private async ValueTask ObjectAsync(IReadSession session, string subject, string nickname, CancellationToken cancellationToken)
    {
        if (await session.Profiles.FindAsync(profile.Uri, default, cancellationToken).ConfigureAwait(false) is { } known)
            throw new ArchiveException(
                known.IsLocal ? $"This person is here already, as {known.Nickname}." : $"This node knows this person as somebody of {known.Host}.", ArchiveFormat.Profile);
        if (await session.Profiles.FindLocalAsync(nickname, cancellationToken).ConfigureAwait(false) is not null)
            throw new ArchiveException($"Somebody here has, or had, the nickname {nickname}. Import under another one.", ArchiveFormat.Profile);
        if (await session.Profiles.FindBySubjectAsync(subject, cancellationToken).ConfigureAwait(false) is { } other)
            throw new ArchiveException($"The user who shall get the account has one already, {other.Nickname}.");
    }

    private async ValueTask StoreAsync(CancellationToken cancellationToken)
    {
        await StoreAsync(ArchiveFormat.Following, ReadSubscription, 2, _ => 0, (arrival, line) => arrival.FollowAsync(line.Value), cancellationToken).ConfigureAwait(false);
        await StoreAsync(ArchiveFormat.Followers, ReadSubscription, 2, _ => 0, (arrival, line) => arrival.BeFollowedAsync(line.Value), cancellationToken).ConfigureAwait(false);
        await StoreAsync(ArchiveFormat.Blocks, ReadBlock, 0, _ => 0, (arrival, line) => arrival.BlockAsync(line.Value), cancellationToken).ConfigureAwait(false);
        await StoreAsync(ArchiveFormat.Mutes, ReadMute, 0, _ => 0, (arrival, line) => arrival.MuteAsync(line.Value), cancellationToken).ConfigureAwait(false);
        await StoreAsync(
            ArchiveFormat.Notices,
            ReadNotice,
            0,
            notice => notice.Mentions.Count + notice.Audience.Count + notice.Attachments.Count,
            (arrival, line) => arrival.AddAsync(line.Value, line.Line, files),
            cancellationToken).ConfigureAwait(false);
        await StoreAsync(
            ArchiveFormat.Revisions, ReadRevision, 0, _ => 0, (arrival, line) => arrival.ReviseAsync(line.Value, line.Line), cancellationToken).ConfigureAwait(false);
        await StoreAsync(
            ArchiveFormat.Favourites, ReadFavourite, 0, _ => 0, (arrival, line) => arrival.FavourAsync(line.Value, line.Line), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask StoreAsync<T>(
        string part, Func<ArchiveFields, T> read, int numbersEach, Func<T, int> people, Func<ArrivalBatch, (T Value, ArchiveLine Line), ValueTask> add,
        CancellationToken cancellationToken)
    {
        var lines = new List<(T Value, ArchiveLine Line)>();
        var numbers = 0;
        await foreach (var line in LinesAsync(part, read, cancellationToken).ConfigureAwait(false))
        {
            lines.Add(line);
            numbers += numbersEach + people(line.Value);
            if (lines.Count < LinesAtOnce && numbers < PeopleAtOnce)
                continue;
            await StoreAsync(lines, numbers, add, cancellationToken).ConfigureAwait(false);
            lines.Clear();
            numbers = 0;
        }

        if (lines.Count > 0)
            await StoreAsync(lines, numbers, add, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask StoreAsync<T>(
        List<(T Value, ArchiveLine Line)> lines, int numbers, Func<ArrivalBatch, (T Value, ArchiveLine Line), ValueTask> add, CancellationToken cancellationToken)
    {
        // Drawn before the transaction, which may run twice.
        var drawn = new List<DrawnId>(numbers);
        try
        {
            for (var i = 0; i < numbers; i++)
                drawn.Add(store.Ids.Draw());
            // Before the rows that name them, and outside the transaction.
            foreach (var notice in lines.Select(line => line.Value).OfType<ArchivedNotice>())
                await files.KeepAsync(notice.Attachments, cancellationToken).ConfigureAwait(false);
            await store.ExecuteAsync(
                async (session, ct) =>
                {
                    await staging.CheckAsync(session, ct).ConfigureAwait(false);
                    var batch = new ArrivalBatch(session, staging, profile, addresses, drawn, ct);
                    foreach (var line in lines)
                        await add(batch, line).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var number in drawn)
                number.Dispose();
        }

        Report(ArchiveStep.Storing, lines.Count, Total);
    }

    private async ValueTask<ImportedAccount> FinishAsync(string subject, string nickname, CancellationToken cancellationToken)
    {
        var person = new Profile
        {
            Id = staging.Person,
            Uri = profile.Uri,
            Nickname = nickname,
            Url = addresses.ProfileUrl(nickname),
            IsLocal = true,
            FullName = profile.FullName,
            Bio = profile.Bio,
            Location = profile.Location,
            Homepage = profile.Homepage,
            AvatarUrl = profile.AvatarUrl,
            License = profile.License.Length > 0 ? profile.License : options.License?.Url ?? "",
            ApprovesFollowers = profile.ApprovesFollowers,
        };
        await store.ExecuteAsync(
            async (session, ct) =>
            {
                await staging.CheckAsync(session, ct).ConfigureAwait(false);
                await ObjectAsync(session, subject, nickname, ct).ConfigureAwait(false);
                var added = await session.Profiles.AddLocalAsync(person, subject, ct).ConfigureAwait(false);
                if (added != AddProfileResult.Added)
                    throw new ArchiveException("Somebody else took the nickname or the user meanwhile.", ArchiveFormat.Profile);
                await session.Avatars.SetAsync(person.Id, picture, ct).ConfigureAwait(false);
                await staging.EndAsync(session, ct).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        progress?.Report(new ArchiveProgress(ArchiveStep.Storing, Total, Total));
        return new ImportedAccount(
            person, counts[ArchiveFormat.Notices], counts[ArchiveFormat.Following], counts[ArchiveFormat.Followers], counts[ArchiveFormat.Blocks], leftOut.Names);
    }

    private void Report(ArchiveStep step, int count, long? total)
    {
        var before = done / ReportEvery;
        done += count;
        if (done / ReportEvery > before)
            progress?.Report(new ArchiveProgress(step, done, total));
    }
}
