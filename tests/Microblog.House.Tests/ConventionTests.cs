using System.Reflection;

namespace Microblog.House.Tests;

public sealed class ConventionTests
{
    [Theory]
    [MemberData(nameof(Rooms.Names), MemberType = typeof(Rooms))]
    public void Every_public_asynchronous_method_takes_a_cancellation_token_last(string room)
    {
        var without = Rooms.Named(room).GetExportedTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => IsTask(method.ReturnType) && !IsTheFrameworks(method))
            .Where(method => method.GetParameters() is not [.., { ParameterType: var last }] || last != typeof(CancellationToken))
            .Select(method => $"{method.DeclaringType}.{method.Name}");
        Assert.Empty(without);
    }

    [Theory]
    [MemberData(nameof(Rooms.Names), MemberType = typeof(Rooms))]
    public void Log_messages_have_event_ids_of_their_own_in_their_packages_range(string room)
    {
        var ranges = new Dictionary<string, int>
        {
            ["Microblog.Core"] = 1, ["Microblog.Omb"] = 2, ["Microblog.AspNetCore"] = 3, ["Microblog.Storage.Sqlite"] = 4,
            ["Microblog.Testing"] = 5, ["Microblog.Storage.Postgres"] = 6, ["Microblog.TwitterApi"] = 7,
        };
        var ids = Rooms.Named(room).GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
            .Select(method => method.GetCustomAttribute<Microsoft.Extensions.Logging.LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToList();
        Assert.All(ids, id => Assert.Equal(ranges[room], id / 1000));
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    private static bool IsTask(Type type) =>
        type == typeof(Task) || type == typeof(ValueTask)
        || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>)));

    // Their shape is somebody else's, or they start the caller's own work.
    private static bool IsTheFrameworks(MethodInfo method) =>
        method.Name == "Start"
        || method.DeclaringType!.BaseType == typeof(MulticastDelegate)
        || IsForeign(method.GetBaseDefinition().DeclaringType!)
        || (!method.DeclaringType.IsInterface && method.DeclaringType.GetInterfaces().Where(IsForeign)
            .Any(contract => method.DeclaringType.GetInterfaceMap(contract).TargetMethods.Contains(method)));

    private static bool IsForeign(Type type) => !Rooms.All.Contains(type.Assembly);
}
