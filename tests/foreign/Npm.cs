namespace Microblog.Tests.Foreign;

/// <summary>Brings over what <c>package-lock.json</c> names, once.</summary>
internal static class Npm
{
    public static void Install()
    {
        // Projects are tested at the same time, each in a process of its own.
        using var gate = new Mutex(initiallyOwned: false, "microblog-tests-npm");
        gate.WaitOne();
        try
        {
            if (!Directory.Exists(Path.Combine(ForeignProgram.Folder, "node_modules", "oauth")))
                ForeignProgram.Run("npm", "ci", "--no-audit", "--no-fund");
        }
        finally
        {
            gate.ReleaseMutex();
        }
    }
}
