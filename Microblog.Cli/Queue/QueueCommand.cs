using System.CommandLine;
using System.Globalization;
using Microblog.Cli.Databases;
using Microblog.Delivery;
using Microblog.Storage;

namespace Microblog.Cli.Queue;

/// <summary><c>microblog queue</c>: what waits to be delivered, and what was given up. The node may run meanwhile.</summary>
internal sealed class QueueCommand : Command
{
    private const int Most = 1_000;

    public QueueCommand()
        : base("queue", "Shows what waits to be delivered to other servers and what was given up, and sends the latter again. The node may run meanwhile.")
    {
        Add(List());
        Add(Retry());
    }

    private static Command List()
    {
        var database = DatabaseOption.TheOne();
        var count = new Option<int>("--count") { Description = $"At most so many lines of each kind, up to {Most}. Default: 50.", DefaultValueFactory = _ => 50 };
        count.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= Most))
                result.AddError($"--count takes a number from 1 to {Most}.");
        });
        var command = new Command("list", "Shows the queue.") { database, count };
        command.SetAction((arguments, cancellationToken) => Work.GuardAsync(() => database.Read(arguments).WithStoreAsync(
            async store =>
            {
                var picture = await store.ReadAsync(
                    Freshness.Latest, (session, token) => QueuePicture.TakeAsync(session, arguments.GetValue(count), token), cancellationToken);
                picture.Write(Work.Say);
                return Work.Done;
            },
            cancellationToken)));
        return command;
    }

    private static Command Retry()
    {
        var database = DatabaseOption.TheOne();
        var numbers = new Argument<long[]>("number") { Description = "Numbers of deliveries that were given up, as “list” shows them.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All that are kept." };
        var command = new Command("retry", "Puts deliveries that were given up back into the queue. Exit code 1: one was not there, or nobody hears there any more.")
        {
            database, numbers, all,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == result.GetValue(numbers) is { Length: > 0 })
                result.AddError("Give numbers, or --all.");
        });
        command.SetAction((arguments, cancellationToken) => Work.GuardAsync(() => database.Read(arguments).WithStoreAsync(
            store => RetryAsync(store, arguments.GetValue(all) ? null : arguments.GetValue(numbers), cancellationToken),
            cancellationToken)));
        return command;
    }

    private static async Task<int> RetryAsync(IMicroblogStore store, long[]? numbers, CancellationToken cancellationToken)
    {
        numbers ??= await store.ReadAsync<long[]>(
            Freshness.Latest,
            async (session, token) => [.. (await session.Deliveries.ListFailedAsync(Most, token)).Select(failed => failed.Id).Order()],
            cancellationToken);
        var missing = 0;
        foreach (var number in numbers)
        {
            if (await store.ExecuteAsync((session, token) => session.Deliveries.RetryAsync(number, token), cancellationToken))
                continue;
            missing++;
            Work.Say($"{number}: there is no such delivery, or nobody hears there any more.");
        }

        Work.Say($"{numbers.Length - missing} of {numbers.Length} back in the queue. A running node sends them soon.");
        return missing == 0 ? Work.Done : Work.Found;
    }
}
