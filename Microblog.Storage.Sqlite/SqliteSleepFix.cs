using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microblog.Storage.Sqlite;

/// <summary>Gives SQLite a sleep that counts in microseconds.</summary>
/// <remarks>The native library that the provider brings for Linux was built without <c>usleep</c> and sleeps whole seconds, so that
/// any collision of two connections, even of two readers, would stall one of them for a second.</remarks>
internal static unsafe class SqliteSleepFix
{
    private static readonly Lazy<bool> Applied = new(ReplaceSleep);

    /// <summary>Call before the first connection is opened. Does nothing where the sleep is right.</summary>
    public static void Apply() => _ = Applied.Value;

    private static bool ReplaceSleep()
    {
        if (OperatingSystem.IsWindows())
            return false;
        try
        {
            for (var vfs = sqlite3_vfs_find(null); vfs != null; vfs = vfs->Next)
                vfs->Sleep = &Sleep;
            return true;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // The host brought another native library, under another name: newer ones sleep as they should.
            return false;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sleep(Vfs* vfs, int microseconds)
    {
#pragma warning disable RS0030 // this is the sleep that SQLite asks for
        Thread.Sleep(TimeSpan.FromMicroseconds(microseconds < 1000 ? 0 : microseconds));
#pragma warning restore RS0030
        return microseconds;
    }

    [DllImport("e_sqlite3", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Vfs* sqlite3_vfs_find(byte* name);

    // The beginning of struct sqlite3_vfs (sqlite.org/c3ref/vfs.html), which has not changed since its first version.
    [StructLayout(LayoutKind.Sequential)]
    private struct Vfs
    {
        public int Version;
        public int FileSize;
        public int MaxPathName;
        public Vfs* Next;
        public byte* Name;
        public void* AppData;
        public void* Open;
        public void* Delete;
        public void* Access;
        public void* FullPathName;
        public void* DlOpen;
        public void* DlError;
        public void* DlSym;
        public void* DlClose;
        public void* Randomness;
        public delegate* unmanaged[Cdecl]<Vfs*, int, int> Sleep;
    }
}
