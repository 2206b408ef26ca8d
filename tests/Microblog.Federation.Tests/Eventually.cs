namespace Microblog.Federation.Tests;

/// <summary>Waits for what other processes and threads do, without knowing when.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Asks until the answer satisfies, and fails with the last answer when it never does.</summary>
    public static async Task<T> Async<T>(Func<Task<T>> ask, Func<T, bool> isRight)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            var answer = await ask();
            if (isRight(answer))
                return answer;
            if (DateTime.UtcNow > deadline)
                Assert.Fail($"Waited for {Patience}; the last answer was {System.Text.Json.JsonSerializer.Serialize(answer)}.");
            await Task.Delay(10);
        }
    }
}
