using System.Text.Json;
using Npgsql;

namespace Microblog.Storage.Postgres.Tests;

/// <summary>A connection on which PostgreSQL itself counts what each statement reads.</summary>
internal sealed class Explained : IAsyncDisposable
{
    private readonly List<string> plans = [];

    private Explained(NpgsqlConnection connection)
    {
        Connection = connection;
        connection.Notice += (_, message) => plans.Add(message.Notice.MessageText);
    }

    public NpgsqlConnection Connection { get; }

    /// <summary>Statements are prepared when they come for the first time.</summary>
    public static async Task<Explained> OpenAsync(TempDatabase database)
    {
        var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false;Max Auto Prepare=50;Auto Prepare Min Usages=1;"
            + "Options=-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on "
            + "-c auto_explain.log_buffers=on -c auto_explain.log_format=json -c client_min_messages=log");
        var explained = new Explained(connection);
        await connection.OpenAsync();
        return explained;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    /// <summary>What our statements did since the last call: rows looked at in all steps of their plans, pages of memory, and sorts of more rows than that.</summary>
    public (double Rows, double Buffers, int Sorts) Take(int sortsAbove)
    {
        var ours = plans.Where(plan => plan.Contains("microblog.", StringComparison.Ordinal)).Select(Plan).ToList();
        plans.Clear();
        var nodes = ours.SelectMany(Nodes).ToList();
        return (nodes.Sum(Rows), ours.Sum(Buffers), nodes.Count(node => IsSort(node) && Number(node.GetProperty("Plans")[0], "Actual Rows") > sortsAbove));
    }

    // "duration: 0.123 ms  plan:" goes before.
    private static JsonElement Plan(string message) => JsonDocument.Parse(message[message.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("Plan");

    private static IEnumerable<JsonElement> Nodes(JsonElement plan) =>
        plan.TryGetProperty("Plans", out var parts) ? parts.EnumerateArray().SelectMany(Nodes).Prepend(plan) : [plan];

    private static bool IsSort(JsonElement node) => node.GetProperty("Node Type").GetString()!.Contains("Sort", StringComparison.Ordinal);

    // Also those that were looked at and not taken.
    private static double Rows(JsonElement node) => node.GetProperty("Actual Loops").GetDouble()
        * (Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter") + Number(node, "Rows Removed by Join Filter"));

    private static double Buffers(JsonElement node) => Number(node, "Shared Hit Blocks") + Number(node, "Shared Read Blocks");

    private static double Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
