using Npgsql;

namespace Microblog.Storage.Postgres;

/// <summary>The facets over one connection, until the work has ended. Sends what is to be written together with what is next read, so
/// that a transaction costs one round trip for each question, not for each statement.</summary>
/// <param name="connection">Open; in a transaction, unless <paramref name="opening"/> begins one.</param>
/// <param name="opening">Statements that go before the first one; each ends with a result set or none, which is skipped.</param>
/// <param name="clock">The store's clock.</param>
/// <param name="horizon"><see cref="IdSource.Horizon"/> over all processes, taken before the snapshot.</param>
/// <param name="isReadOnly">Whether this is a snapshot, in which nothing is locked.</param>
internal sealed class PostgresSession(
    NpgsqlConnection connection, IReadOnlyList<NpgsqlBatchCommand> opening, DatabaseClock clock, long horizon, bool isReadOnly) : IStoreSession
{
    private readonly List<NpgsqlBatchCommand> waiting = [.. opening];
    private PostgresProfiles? profiles;
    private PostgresAvatars? avatars;
    private PostgresNotices? notices;
    private PostgresTimelines? timelines;
    private PostgresSubscriptions? subscriptions;
    private PostgresReactions? reactions;
    private PostgresGroups? groups;
    private PostgresNotifications? notifications;
    private PostgresSearch? search;
    private PostgresCredentials? credentials;
    private PostgresDeliveries? deliveries;
    private PostgresLanes? lanes;
    private PostgresSettings? settings;
    private PostgresAttachments? attachments;
    private PostgresInvitations? invitations;
    private PostgresHub? hub;
    private PostgresArchive? archive;
    private PostgresModeration? moderation;
    private State state;
    private TaskCompletionSource? idle;
    private Exception? failure;

    private enum State
    {
        Idle,
        Busy,
        Ended,
    }

    /// <summary>The store's time, alike for the whole transaction.</summary>
    public DateTimeOffset Now { get; } = clock.Now;

    /// <summary><see cref="IdSource.Horizon"/> before the snapshot was taken.</summary>
    public long Horizon { get; } = horizon;

    /// <summary>What a look-up by key adds, so that what it found stays as it was found; nothing in a snapshot.</summary>
    public string Lock { get; } = isReadOnly ? "" : " FOR NO KEY UPDATE";

    /// <summary>How many statements somebody has waited for.</summary>
    public int Asked { get; private set; }

    /// <summary>Whether the transaction has begun.</summary>
    public bool HasAsked => Asked > 0;

    /// <summary>Whether something is to be sent with the commit.</summary>
    public bool HasWaiting => waiting.Count > (HasAsked ? 0 : opening.Count);

    /// <summary>When the transaction had begun, as far as is known here.</summary>
    public DateTimeOffset? OpenedAt { get; private set; }

    /// <summary>Whether workers of other processes have something to do once this is committed.</summary>
    public bool WakesWorkers { get; set; }

    /// <summary>Whether people whom other processes serve may see something new once this is committed.</summary>
    public bool WakesReaders { get; set; }

    /// <summary>Whom to tell after the commit.</summary>
    public Wake Wake => WakesWorkers ? Wake.Workers : WakesReaders ? Wake.Readers : Wake.Nobody;

    /// <summary>The transaction's number, where it is known, by which a new connection finds out what became of a commit.</summary>
    public long? Number { get; set; }

    public PostgresLanes Lanes => lanes ??= new PostgresLanes(this);

    public IProfileStore Profiles => profiles ??= new PostgresProfiles(this);

    public IAvatarStore Avatars => avatars ??= new PostgresAvatars(this);

    public INoticeStore Notices => notices ??= new PostgresNotices(this);

    public ITimelineReader Timelines => timelines ??= new PostgresTimelines(this);

    public ISubscriptionStore Subscriptions => subscriptions ??= new PostgresSubscriptions(this);

    public IReactionStore Reactions => reactions ??= new PostgresReactions(this);

    public IGroupStore Groups => groups ??= new PostgresGroups(this);

    public INotificationStore Notifications => notifications ??= new PostgresNotifications(this);

    public ISearchStore Search => search ??= new PostgresSearch(this);

    public ICredentialStore Credentials => credentials ??= new PostgresCredentials(this);

    public IDeliveryStore Deliveries => deliveries ??= new PostgresDeliveries(this);

    public ISettingStore Settings => settings ??= new PostgresSettings(this);

    public IAttachmentStore Attachments => attachments ??= new PostgresAttachments(this);

    public IInvitationStore Invitations => invitations ??= new PostgresInvitations(this);

    public IHubStore Hub => hub ??= new PostgresHub(this);

    public IArchiveStore Archive => archive ??= new PostgresArchive(this);

    public IModerationStore Moderation => moderation ??= new PostgresModeration(this);

    IAttachmentReader IReadSession.Attachments => Attachments;

    IInvitationReader IReadSession.Invitations => Invitations;

    IHubReader IReadSession.Hub => Hub;

    IArchiveReader IReadSession.Archive => Archive;

    IModerationReader IReadSession.Moderation => Moderation;

    IProfileReader IReadSession.Profiles => Profiles;

    IAvatarReader IReadSession.Avatars => Avatars;

    INoticeReader IReadSession.Notices => Notices;

    ISubscriptionReader IReadSession.Subscriptions => Subscriptions;

    IReactionReader IReadSession.Reactions => Reactions;

    IGroupReader IReadSession.Groups => Groups;

    INotificationReader IReadSession.Notifications => Notifications;

    ISearchReader IReadSession.Search => Search;

    ICredentialReader IReadSession.Credentials => Credentials;

    IDeliveryReader IReadSession.Deliveries => Deliveries;

    ISettingReader IReadSession.Settings => Settings;

    /// <summary>A statement; <c>$1</c> is the first value bound.</summary>
    public PostgresCommand Sql(string sql) => new(this, sql);

    /// <summary>Locks something that is no row, such as an author's log, until the transaction ends. The lock is there before the next
    /// statement takes its snapshot.</summary>
    public void LockLater(PostgresLock kind, long key) =>
        Sql("SELECT pg_advisory_xact_lock($1, hashint8($2))").Bind((int)kind).Bind(key).Later();

    /// <inheritdoc cref="LockLater(PostgresLock, long)"/>
    public void LockLater(PostgresLock kind, string key) =>
        Sql("SELECT pg_advisory_xact_lock($1, hashtext($2))").Bind((int)kind).Bind(key).Later();

    /// <inheritdoc cref="LockLater(PostgresLock, long)"/>
    /// <remarks>In one order for all, so that nobody waits crosswise.</remarks>
    public void LockLater(PostgresLock kind, IReadOnlyCollection<string> keys) => Sql(
        "SELECT pg_advisory_xact_lock($1, key) FROM (SELECT DISTINCT hashtext(key) AS key FROM unnest($2::text[]) AS keys (key) ORDER BY 1) k")
        .Bind((int)kind).Bind(keys).Later();

    public void Defer(NpgsqlBatchCommand command)
    {
        ThrowIfEnded();
        waiting.Add(command);
    }

    public async ValueTask<int> RunAsync(NpgsqlBatchCommand command)
    {
        await AskAsync<bool>([command], null).ConfigureAwait(false);
        return checked((int)command.RecordsAffected);
    }

    public async ValueTask<T?> FindAsync<T>(NpgsqlBatchCommand command, Func<PostgresRow, T?> read)
        where T : class
    {
        var rows = await ListAsync(command, read).ConfigureAwait(false);
        return rows.Count > 0 ? rows[0] : null;
    }

    public async ValueTask<long?> ScalarAsync(NpgsqlBatchCommand command)
    {
        var rows = await ListAsync(command, static row => row.Int64OrNull(0)).ConfigureAwait(false);
        return rows.Count > 0 ? rows[0] : null;
    }

    public ValueTask<List<T>> ListAsync<T>(NpgsqlBatchCommand command, Func<PostgresRow, T> read) => AskAsync([command], read);

    /// <summary>Sends what waits, with the statements that end the transaction.</summary>
    public async ValueTask FlushAsync(params NpgsqlBatchCommand[] last) => await AskAsync<bool>(last, null).ConfigureAwait(false);

    /// <summary>Ends the session, unless a statement is under way.</summary>
    /// <returns>Whether it has ended; otherwise <paramref name="statement"/> ends with the statement.</returns>
    public bool TryEnd(out Task statement)
    {
        lock (waiting)
        {
            if (state == State.Busy)
            {
                statement = (idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                return false;
            }

            state = State.Ended;
            statement = Task.CompletedTask;
            return true;
        }
    }

    /// <summary>Ends the session, when the statement under way has ended if there is one.</summary>
    public async ValueTask EndAsync()
    {
        while (!TryEnd(out var statement))
            await statement.ConfigureAwait(false);
    }

    // One round trip: what waits, and then what is asked, of which the last statement's rows are the answer.
    private async ValueTask<List<T>> AskAsync<T>(NpgsqlBatchCommand[] commands, Func<PostgresRow, T>? read)
    {
        using var turn = Begin();
        var skipped = waiting.Count(command => command.CommandText.StartsWith("SELECT", StringComparison.Ordinal));
        waiting.AddRange(commands);
        var batch = new NpgsqlBatch(connection);
        foreach (var command in waiting)
            batch.BatchCommands.Add(command);
        waiting.Clear();
        Asked++;
        try
        {
            var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
            await using var closing = reader.ConfigureAwait(false);
            var rows = await ReadAsync(reader, skipped, read).ConfigureAwait(false);
            OpenedAt ??= clock.Now;
            return rows;
        }
        catch (Exception e)
        {
            failure ??= e;
            throw;
        }
    }

    // What waited may answer too, such as with a lock; only what was asked for is read.
    private static async ValueTask<List<T>> ReadAsync<T>(NpgsqlDataReader reader, int skipped, Func<PostgresRow, T>? read)
    {
        for (var i = 0; i < skipped; i++)
            await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
        var list = new List<T>();
        while (read is not null && await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))
            list.Add(read(new PostgresRow(reader)));
        // To the end, where errors of later statements show.
        while (await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false))
        {
        }

        return list;
    }

    private Turn Begin()
    {
        lock (waiting)
        {
            ThrowIfEnded();
            if (state == State.Busy)
                throw new InvalidOperationException("A session is used by one caller, one call at a time.");
            // The server has undone everything; work that goes on all the same must not believe that it is stored.
            if (failure is not null)
                throw new InvalidOperationException("A statement of this transaction failed, so it cannot go on.", failure);
            state = State.Busy;
        }

        return new Turn(this);
    }

    private void ThrowIfEnded()
    {
        if (state == State.Ended)
            throw new InvalidOperationException("The session has ended with its work.");
    }

    private void End()
    {
        lock (waiting)
        {
            state = State.Idle;
            idle?.SetResult();
            idle = null;
        }
    }

    /// <summary>One statement under way.</summary>
    private readonly struct Turn(PostgresSession session) : IDisposable
    {
        public void Dispose() => session.End();
    }
}
