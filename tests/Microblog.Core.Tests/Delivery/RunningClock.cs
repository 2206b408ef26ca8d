using System.Diagnostics;
using Microblog.Testing;

namespace Microblog.Tests.Delivery;

/// <summary>The workers run on other threads, so time has to go on until they are where the test wants them.</summary>
internal static class RunningClock
{
    public static Task UntilAsync(this FakeTimeProvider clock, Func<bool> isThere) => clock.UntilAsync(() => Task.FromResult(isThere()));

    public static async Task UntilAsync(this FakeTimeProvider clock, Func<Task<bool>> isThere, TimeSpan? step = null)
    {
        var patience = Stopwatch.StartNew();
        while (!await isThere())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "It never came to this.");
            clock.Advance(step ?? TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }
    }
}
