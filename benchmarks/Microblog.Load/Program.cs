using Microblog.Load;
using Microblog.Load.Delivery;
using Microblog.Load.Ingest;
using Microblog.Load.Servers;

// The program starts itself again for each server that it loads.
if (args is ["serve", var kind, var directory, .. var detail])
    return await ServerHost.RunAsync(kind, directory, detail.SingleOrDefault());

if (!LoadOptions.TryParse(args, out var options))
{
    Console.Error.WriteLine(LoadOptions.Usage);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
using var place = new TemporaryDirectory();
Console.WriteLine(Machine.Description);
Console.WriteLine($"dotnet run -c Release --project benchmarks/Microblog.Load -- {string.Join(' ', args)}");
Console.WriteLine();
try
{
    await (options.Figure switch
    {
        "ingest" => IngestFigure.RunAsync(options, place, stop.Token),
        "postgres-ingest" => PostgresIngestFigure.RunAsync(options, place, stop.Token),
        "deliveries" => DeliveriesFigure.RunAsync(options, place, stop.Token),
        "lease" => LeaseFigure.RunAsync(options, place, stop.Token),
        "destinations" => DestinationsFigure.RunAsync(options, place, stop.Token),
        "publish" => PublishFigure.RunAsync(options, place, stop.Token),
        "search" => SearchFigure.RunAsync(options, place, stop.Token),
        "conversation" => ConversationFigure.RunAsync(options, place, stop.Token),
        "live" => LiveFigure.RunAsync(options, place, stop.Token),
        "api" => ApiFigure.RunAsync(options, place, stop.Token),
        "home" => HomeFigure.RunAsync(options, place, stop.Token),
        _ => MemoryFigure.RunAsync(options, place, stop.Token),
    });
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
