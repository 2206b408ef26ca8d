namespace Microblog.Cluster.Tests;

/// <summary>Waits for what other processes do, without knowing when.</summary>
internal static class Waiting
{
    /// <summary>Asks until the answer satisfies, and fails with the last answer when it does not in time.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight, TimeSpan? patience = null, Func<T, string>? explain = null)
    {
        var limit = patience ?? TimeSpan.FromSeconds(90);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (isRight(answer))
                return answer;
            if (TimeProvider.System.GetElapsedTime(started) > limit)
                Assert.Fail($"Waited for {limit}; the last answer was {explain?.Invoke(answer) ?? answer?.ToString()}.");
            await Task.Delay(50);
        }
    }
}
