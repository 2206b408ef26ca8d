using Microblog.Remote;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore.Hosting;

/// <summary>In Development alone, lets two nodes of one machine reach each other. <see cref="RemoteClient"/> warns of it.</summary>
internal sealed class DevelopmentRemote(IHostEnvironment environment) : IPostConfigureOptions<RemoteOptions>
{
    public void PostConfigure(string? name, RemoteOptions options) =>
        options.AllowRequestsToLoopbackAddresses |= environment.IsDevelopment();
}
