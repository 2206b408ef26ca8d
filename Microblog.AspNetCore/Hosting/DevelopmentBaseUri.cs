using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore.Hosting;

/// <summary>In Development alone, takes the address where the application listens for the node's, so that a first try needs no settings.</summary>
internal sealed class DevelopmentBaseUri(IHostEnvironment environment, IConfiguration configuration, ILogger<DevelopmentBaseUri> logger)
    : IPostConfigureOptions<MicroblogOptions>
{
    private int hasWarned;

    public void PostConfigure(string? name, MicroblogOptions options)
    {
        if (options.BaseUri is not null || !environment.IsDevelopment())
            return;
        // An address for all interfaces ("*", "0.0.0.0", "[::]") is none that anybody can ask for.
        var configured = (configuration[WebHostDefaults.ServerUrlsKey] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(u => u.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal)
                .Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal).Replace("://[::]", "://localhost", StringComparison.Ordinal))
            .FirstOrDefault(u => Uri.TryCreate(u, UriKind.Absolute, out var uri) && uri.Port > 0);
        options.BaseUri = new Uri(configured ?? "http://localhost:5000");
        // Options are made more than once at start-up.
        if (Interlocked.Exchange(ref hasWarned, 1) == 0)
            logger.BaseUriGuessed(options.BaseUri);
    }
}
