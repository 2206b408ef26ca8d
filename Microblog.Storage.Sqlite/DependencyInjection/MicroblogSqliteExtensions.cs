using Microblog.Storage;
using Microblog.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses SQLite.</summary>
public static class MicroblogSqliteExtensions
{
    /// <summary>Keeps everything in one SQLite file, durably.</summary>
    /// <param name="builder">The node.</param>
    /// <param name="connectionString">Names the file: <c>Data Source=notes.db</c>. It is created if need be, and may be the host's own database.</param>
    /// <param name="configure">Further settings.</param>
    public static MicroblogBuilder UseSqlite(this MicroblogBuilder builder, string connectionString, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var options = new SqliteStoreOptions { ConnectionString = connectionString };
        configure?.Invoke(options);
        builder.Services.Replace(ServiceDescriptor.Singleton<IMicroblogStore>(s => new SqliteStore(
            options, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<SqliteStore>>())));
        return builder;
    }
}
