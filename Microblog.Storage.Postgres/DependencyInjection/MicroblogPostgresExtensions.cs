using Microblog.Delivery;
using Microblog.Storage;
using Microblog.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses PostgreSQL.</summary>
public static class MicroblogPostgresExtensions
{
    /// <summary>Keeps everything in a PostgreSQL database, which any number of processes may share.</summary>
    /// <param name="builder">The node.</param>
    /// <param name="connectionString">Names the primary: <c>Host=db;Database=site;Username=site</c>. It may be the host's own database.</param>
    /// <param name="configure">Further settings.</param>
    public static MicroblogBuilder UsePostgres(this MicroblogBuilder builder, string connectionString, Action<PostgresStoreOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var options = new PostgresStoreOptions { ConnectionString = connectionString };
        configure?.Invoke(options);
        builder.Services.Replace(ServiceDescriptor.Singleton<IMicroblogStore>(s => new PostgresStore(
            options, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<PostgresStore>>(), s.GetService<DeliverySignal>())));
        return builder;
    }
}
