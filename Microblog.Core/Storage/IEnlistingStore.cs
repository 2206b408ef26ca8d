using System.Data.Common;

namespace Microblog.Storage;

/// <summary>A store that lies in the host's own database and can join the host's transaction.</summary>
public interface IEnlistingStore : IMicroblogStore
{
    /// <summary>Runs work inside the host's open transaction, once. The host commits or rolls back.</summary>
    /// <remarks>The store sees to it that numbers drawn by the work are not passed by readers before the host commits. On SQLite the transaction holds the database's only write lock: begin it with the intent to write, and keep it short,
    /// for the node cannot write meanwhile. Deliveries of the work begin within a second of the commit.</remarks>
    /// <exception cref="ArgumentException">The transaction belongs to another kind of database, or to another database.</exception>
    ValueTask<T> ExecuteAsync<T>(DbTransaction transaction, Func<IStoreSession, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken);
}
