using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses the store that forgets.</summary>
public static class MicroblogInMemoryExtensions
{
    /// <summary>Keeps everything in this process's memory, to be lost when it ends: for tests and simulations.</summary>
    public static MicroblogBuilder UseInMemory(this MicroblogBuilder builder)
    {
        builder.Services.Replace(ServiceDescriptor.Singleton<IMicroblogStore>(s => new InMemoryStore(s.GetRequiredService<TimeProvider>())));
        return builder;
    }
}
