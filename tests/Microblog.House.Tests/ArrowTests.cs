using System.Reflection;

namespace Microblog.House.Tests;

/// <summary>The arrows of docs/architecture.md, read from the built assemblies.</summary>
public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Microblog.Core"] = ["System.", "Microsoft.Extensions."],
        ["Microblog.Omb"] = ["System.", "Microsoft.Extensions.", "Microblog.Core"],
        ["Microblog.Storage.Sqlite"] = ["System.", "Microsoft.Extensions.", "Microsoft.Data.Sqlite", "SQLitePCLRaw.", "Microblog.Core"],
        ["Microblog.Storage.Postgres"] = ["System.", "Microsoft.Extensions.", "Npgsql", "Microblog.Core"],
        ["Microblog.AspNetCore"] = ["System.", "Microsoft.Extensions.", "Microsoft.AspNetCore.", "Microblog.Core"],
        ["Microblog.TwitterApi"] = ["System.", "Microsoft.Extensions.", "Newtonsoft.Json", "Microblog.Core", "Microblog.Omb"],
        ["Microblog.Testing"] = ["System.", "Microsoft.Extensions.", "Microblog.Core", "Microblog.Omb"],
    };

    [Theory]
    [MemberData(nameof(Rooms.Names), MemberType = typeof(Rooms))]
    public void A_room_knows_only_the_rooms_that_the_plan_allows(string room)
    {
        var forbidden = Rooms.Named(room).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !Allowed[room].Any(allowed => name.StartsWith(allowed, StringComparison.Ordinal)));
        Assert.Empty(forbidden);
    }

    [Fact]
    public void The_OAuth_engine_names_no_type_of_the_domain_and_of_OMB()
    {
        var names = TypesNamedBy("Microblog.Omb.OAuth");
        Assert.Contains("Microblog.Http.NodeRequest", names);
        Assert.DoesNotContain(
            names,
            name => name.StartsWith("Microblog.", StringComparison.Ordinal)
                && !name.StartsWith("Microblog.Omb.OAuth.", StringComparison.Ordinal)
                && !name.StartsWith("Microblog.Http.", StringComparison.Ordinal));
    }

    // Everything that the types of a namespace mention in signatures, fields, base types and code, by the tokens in their IL.
    private static HashSet<string> TypesNamedBy(string @namespace)
    {
        var module = Rooms.Omb.ManifestModule;
        var names = new HashSet<string>(StringComparer.Ordinal);
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var type in Rooms.Omb.GetTypes().Where(t => (t.FullName ?? "").StartsWith(@namespace + ".", StringComparison.Ordinal)))
        {
            Add(type.BaseType);
            foreach (var field in type.GetFields(All))
                Add(field.FieldType);
            foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
            {
                foreach (var parameter in method.GetParameters())
                    Add(parameter.ParameterType);
                Add((method as MethodInfo)?.ReturnType);
                AddCode(method);
            }
        }

        return names;

        void AddCode(MethodBase method)
        {
            var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
            // Every aligned or unaligned four bytes that are a token of a type or member: too many rather than too few.
            for (var at = 0; at + 4 <= code.Length; at++)
            {
                var token = BitConverter.ToInt32(code, at);
                if ((token >> 24) is not (0x01 or 0x02 or 0x0A or 0x2B or 0x06 or 0x04 or 0x1B))
                    continue;
                try
                {
                    var member = module.ResolveMember(token, method.DeclaringType?.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : null);
                    if (code[Math.Max(0, at - 1)] is 0x28 or 0x6F or 0x73 or 0x7B or 0x7D or 0x7E or 0x80 or 0x74 or 0x75 or 0xD0)
                        Add(member as Type ?? member?.DeclaringType);
                }
                catch (Exception e) when (e is ArgumentException or BadImageFormatException)
                {
                    // Not a token after all.
                }
            }
        }

        void Add(Type? type)
        {
            if (type?.FullName is { } name)
                names.Add((type.IsGenericType ? type.GetGenericTypeDefinition().FullName! : name).Split('+')[0]);
            foreach (var argument in type?.GetGenericArguments() ?? [])
            {
                if (!argument.IsGenericParameter)
                    Add(argument);
            }
        }
    }
}
