using Microblog.Archive;
using Microblog.Storage;
using Microblog.Testing.Conformance.Output;

namespace Microblog.Cli.Databases;

/// <summary>What the commands on a database have in common: their exit codes and how they speak.</summary>
internal static class Work
{
    /// <summary>All is well, or done.</summary>
    public const int Done = 0;

    /// <summary>Something was found.</summary>
    public const int Found = 1;

    /// <summary>It could not be done; nothing was changed, or what was done is said.</summary>
    public const int CouldNot = 2;

    /// <summary>Makes whatever goes wrong one line and <see cref="CouldNot"/>.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
        }
        catch (Exception e)
        {
            var isForeseen = e is StoreException or ArchiveException or FormatException or IOException or UnauthorizedAccessException;
            await Console.Error.WriteLineAsync((isForeseen ? "" : $"{e.GetType().Name}: ") + Shown.Line(e.Message));
        }

        return CouldNot;
    }

    /// <summary>One line, whatever stands in it.</summary>
    public static void Say(string text) => Console.WriteLine(Shown.Line(text));
}
