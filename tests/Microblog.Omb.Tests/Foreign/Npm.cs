namespace Microblog.Tests.Foreign;

/// <summary>Brings over what <c>package-lock.json</c> names, once.</summary>
internal static class Npm
{
    private static readonly Lock Gate = new();

    public static void Install()
    {
        lock (Gate)
        {
            if (!Directory.Exists(Path.Combine(ForeignProgram.Folder, "node_modules", "oauth")))
                ForeignProgram.Run("npm", "ci", "--no-audit", "--no-fund");
        }
    }
}
