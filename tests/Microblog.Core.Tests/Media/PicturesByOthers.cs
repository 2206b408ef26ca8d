using System.Text.Json.Nodes;
using Microblog.Tests.Foreign;

namespace Microblog.Tests.Media;

/// <summary>Pictures made by programs that are not ours: those that are kept here, or fresh ones.</summary>
internal static class PicturesByOthers
{
    public const string Python = "/usr/bin/python3:PIL";
    public const string ExifTool = "perl:Image::ExifTool";

    private static readonly string Script = Path.Combine(ForeignProgram.Root(), "tests", "foreign", "pictures.py");

    /// <summary>The pictures that are kept here, by name.</summary>
    public static IReadOnlyDictionary<string, byte[]> Kept { get; } = Directory
        .EnumerateFiles(Path.Combine(ForeignProgram.Root(), "tests", "vectors", "pictures"))
        .Where(file => !file.EndsWith(".md", StringComparison.Ordinal))
        .ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);

    public static void MakeIn(string folder) => ForeignProgram.Run("/usr/bin/python3", Script, "make", folder);

    /// <summary>What those programs see in each file of a folder.</summary>
    public static async Task<IReadOnlyDictionary<string, JsonObject>> ReadAsync(string folder)
    {
        using var program = ForeignProgram.Start("/usr/bin/python3", Script, "read", folder);
        var seen = new Dictionary<string, JsonObject>();
        while (await program.ReadTextAsync() is { } line)
        {
            var picture = JsonNode.Parse(line)!.AsObject();
            seen.Add((string)picture["name"]!, picture);
        }

        return seen;
    }
}
