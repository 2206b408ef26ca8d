namespace Microblog.Cluster.Tests;

/// <summary>Waits for what other processes do, without knowing when.</summary>
internal static class Waiting
{
    /// <summary>Asks until the answer satisfies, and fails with the last answer when none that differs from the one before comes in time.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight, TimeSpan? patience = null, Func<T, string>? explain = null)
    {
        var limit = patience ?? TimeSpan.FromSeconds(90);
        var changed = TimeProvider.System.GetTimestamp();
        var last = "";
        while (true)
        {
            var answer = await ask();
            if (isRight(answer))
                return answer;
            var text = explain?.Invoke(answer) ?? answer?.ToString() ?? "nothing";
            // Whatever still moves is only late.
            if (text != last)
                (last, changed) = (text, TimeProvider.System.GetTimestamp());
            if (TimeProvider.System.GetElapsedTime(changed) > limit)
                Assert.Fail($"For {limit} the answer was {text}.");
            await Task.Delay(50);
        }
    }
}
