using System.Reflection;

namespace Microblog.House.Tests;

/// <summary>Whatever is public is a promise: it is listed, and a change of the list is seen in review.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [MemberData(nameof(Rooms.Names), MemberType = typeof(Rooms))]
    public void The_public_surface_is_the_approved_one(string room)
    {
        var path = Path.Combine(Rooms.Root.FullName, "tests", "Microblog.House.Tests", "Api", room + ".txt");
        var actual = string.Join('\n', Surface(Rooms.Named(room))) + "\n";
        if (Environment.GetEnvironmentVariable("MICROBLOG_ACCEPT") == "1")
            File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static IEnumerable<string> Surface(Assembly room) => room.GetExportedTypes()
        .SelectMany(type => Members(type).Prepend($"{Kind(type)} {Name(type)}"))
        .Distinct()
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Members(Type type) =>
        type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(IsVisible)
            .Select(member => $"{Name(type)}.{Describe(member)}");

    private static bool IsVisible(MemberInfo member) => member switch
    {
        // Accessors stand under their property; what the compiler writes for records says nothing new.
        MethodInfo method => (method.IsPublic || method.IsFamily) && !method.IsSpecialName && !method.Name.StartsWith('<')
            && method.Name is not ("Equals" or "GetHashCode" or "ToString" or "Deconstruct" or "PrintMembers" or "GetTypeCode" or "BuildRenderTree"),
        ConstructorInfo constructor => constructor.IsPublic || constructor.IsFamily,
        PropertyInfo property => (property.GetMethod ?? property.SetMethod) is { } accessor && (accessor.IsPublic || accessor.IsFamily) && property.Name != "EqualityContract",
        FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
        EventInfo => true,
        _ => false,
    };

    private static string Describe(MemberInfo member) => member switch
    {
        MethodInfo method => $"{method.Name}({Parameters(method)}) : {Name(method.ReturnType)}",
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        PropertyInfo property => $"{property.Name} : {Name(property.PropertyType)} {{{(property.GetMethod?.IsPublic == true ? " get;" : "")}{(property.SetMethod?.IsPublic == true ? IsInit(property) ? " init;" : " set;" : "")} }}",
        FieldInfo { IsLiteral: true } field => $"{field.Name} = {field.GetRawConstantValue()}",
        FieldInfo field => $"{field.Name} : {Name(field.FieldType)}",
        _ => member.Name,
    };

    private static bool IsInit(PropertyInfo property) =>
        property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => $"{(p.IsOut ? "out " : "")}{Name(p.ParameterType).Replace(p.IsOut ? "ref " : "\0", "", StringComparison.Ordinal)} {p.Name}{(p.HasDefaultValue ? " = " + (p.DefaultValue ?? "default") : "")}"));

    private static string Kind(Type type) =>
        type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return "ref " + Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (!type.IsGenericType)
            return (type.IsGenericParameter ? type.Name : type.FullName ?? type.Name).Replace('+', '.');
        var definition = type.GetGenericTypeDefinition().FullName!.Replace('+', '.');
        return $"{definition.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
