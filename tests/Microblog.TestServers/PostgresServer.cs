using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Microblog.TestServers;

/// <summary>A real PostgreSQL on a free loopback port, with a directory of its own; stopped and deleted with it, or by the next process that starts
/// one, if this one is killed.</summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<PostgresServer> Common = new(() =>
    {
        var server = Start(isDurable: false);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        return server;
    });

    private const string Prefix = "microblog-postgres-";

    private const string Versions = "/usr/lib/postgresql";

    private const string Memory = "/dev/shm";
    private const long MinMemory = 4L << 30;

    // Of a killed process nobody else cleans up after.
    private static readonly Lazy<bool> Swept = new(() =>
    {
        RemoveAbandoned();
        return true;
    });

    private readonly DirectoryInfo directory;
    private readonly string[] settings;
    private int databases;

    private PostgresServer(DirectoryInfo directory, int port, string[] settings)
    {
        this.directory = directory;
        this.settings = settings;
        Port = port;
    }

    /// <summary>One server for all tests of a process, which does not wait for the disk.</summary>
    public static PostgresServer Shared => Common.Value;

    /// <summary>Why no server can be started here, or <see langword="null"/>. With CI=true nothing is missing: then the tests fail.</summary>
    public static string? Missing => Programs is null && Environment.GetEnvironmentVariable("CI") != "true" ? "PostgreSQL is not installed." : null;

    public int Port { get; }

    public string Data => Path.Combine(directory.FullName, "data");

    /// <summary>Tells which process the server is for.</summary>
    public string OwnerFile => OwnerFileIn(directory);

    // Of the newest server that is here whole; 0 for none.
    private static int Version => !Directory.Exists(Versions) ? 0
        : Directory.GetDirectories(Versions).Where(path => File.Exists(Path.Combine(path, "bin", "initdb")))
            .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();

    private static string? Programs => Version == 0 ? null : Path.Combine(Versions, Version.ToString(CultureInfo.InvariantCulture), "bin");

    /// <param name="isDurable">Whether a commit waits for the disk, as it has to where durability or speed is looked at.</param>
    /// <param name="settings">Further settings, such as <c>max_connections=20</c>.</param>
    public static PostgresServer Start(bool isDurable, params string[] settings)
    {
        var server = Create(isDurable, settings);
        Run(server.directory, "initdb", "-D", server.Data, "-U", "test", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        server.Start();
        return server;
    }

    /// <summary>A streaming replica of this server, made by pg_basebackup.</summary>
    public PostgresServer StartReplica(params string[] replicaSettings)
    {
        var replica = Create(isDurable: false, replicaSettings);
        Run(replica.directory, "pg_basebackup", "-h", "127.0.0.1", "-p", $"{Port}", "-U", "test", "-D", replica.Data, "-R", "-X", "stream", "--no-sync", "-c", "fast");
        replica.Start();
        return replica;
    }

    public string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={Port.ToString(CultureInfo.InvariantCulture)};Username=test;Database={database}";

    /// <summary>A new database.</summary>
    /// <param name="template">The connection string of one to copy, to which nobody is connected; otherwise the new one is empty.</param>
    /// <param name="hasManyTables">Whether the template has hundreds of them: then its files are copied, which is five times faster than by way of the log.</param>
    /// <returns>Its connection string.</returns>
    public string CreateDatabase(string? template = null, bool hasManyTables = false)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databases)}");
        // PostgreSQL 14 and older know no other way.
        var strategy = hasManyTables && Version >= 15 ? " STRATEGY FILE_COPY" : "";
        Execute($"CREATE DATABASE {name} TEMPLATE {(template is null ? "template1" : new NpgsqlConnectionStringBuilder(template).Database)}{strategy}");
        return ConnectionString(name);
    }

    public void DropDatabase(string connectionString) =>
        Execute($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>Starts the stopped server again.</summary>
    public void Start() => Run(
        directory, "pg_ctl", "-D", Data, "-w", "-t", "60", "-l", Path.Combine(directory.FullName, "log"),
        "-o", string.Join(' ', new[] { $"port={Port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={directory.FullName}" }.Concat(settings).Select(setting => "-c " + setting)),
        "start");

    /// <summary>Stops the server: <c>immediate</c> is like a power cut, except that the system's cache stays; <c>fast</c> ends every session.</summary>
    public void Stop(string mode = "immediate") => Run(directory, "pg_ctl", "-D", Data, "-m", mode, "-w", "stop");

    /// <summary>Stops and starts it.</summary>
    public void Restart(string mode = "immediate")
    {
        Stop(mode);
        Start();
    }

    public void Dispose()
    {
        if (!Directory.Exists(directory.FullName))
            return;
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            Stop();
        directory.Delete(recursive: true);
    }

    /// <summary>Stops the servers whose processes are gone, and deletes their directories.</summary>
    public static void RemoveAbandoned()
    {
        var places = new[] { Path.GetTempPath(), Memory }.Where(Directory.Exists);
        foreach (var directory in places.SelectMany(place => new DirectoryInfo(place).GetDirectories(Prefix + "*")).Where(IsAbandoned))
        {
            try
            {
                var data = Path.Combine(directory.FullName, "data");
                if (IsServed(data))
                    Run(directory, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");
                directory.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // Somebody else's, or another process is at it.
            }
        }
    }

    // Where the owner's number belongs to another process by now, the directory stays a little longer.
    private static bool IsAbandoned(DirectoryInfo directory)
    {
        try
        {
            return int.TryParse(File.ReadAllText(OwnerFileIn(directory)), CultureInfo.InvariantCulture, out var owner) && !Directory.Exists($"/proc/{owner}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // By a server that says so, and works in this very directory: after a crash the number may be anybody's.
    private static bool IsServed(string data)
    {
        var file = Path.Combine(data, "postmaster.pid");
        return File.Exists(file) && File.ReadLines(file).Take(2).ToArray() is [var process, var said] && said == data
            && new DirectoryInfo($"/proc/{process}/cwd").LinkTarget == data;
    }

    // A test makes and deletes hundreds of files, and some file systems take longer for each the more were deleted in the last seconds (ext4 looks at all of
    // them): on one, half of the time of the tests went there.
    private static bool HasMemory => Directory.Exists(Memory) && new DriveInfo(Memory) is { DriveFormat: "tmpfs", AvailableFreeSpace: >= MinMemory };

    private static string OwnerFileIn(DirectoryInfo directory) => Path.Combine(directory.FullName, "owner");

    private static PostgresServer Create(bool isDurable, string[] settings)
    {
        _ = Swept.Value;
        var directory = isDurable || !HasMemory ? Directory.CreateTempSubdirectory(Prefix) : Directory.CreateDirectory(Path.Combine(Memory, Prefix + Path.GetRandomFileName()));
        File.WriteAllText(OwnerFileIn(directory), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        if (Environment.IsPrivilegedProcess)
            Run(null, "chown", "nobody", directory.FullName);
        return new PostgresServer(
            directory, FreePort.Find(), ["max_connections=200", .. isDurable ? [] : new[] { "fsync=off", "max_wal_size=256MB" }, .. settings]);
    }

    private void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    // The server refuses to run as root.
    private static void Run(DirectoryInfo? directory, string program, params string[] arguments)
    {
        var path = directory is null ? program : Path.Combine(Programs ?? throw new InvalidOperationException("PostgreSQL is not installed."), program);
        var start = directory is not null && Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", "nobody", "--", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = "/";
        // To a file and not a pipe, which the server would keep open.
        start.RedirectStandardOutput = program != "pg_ctl";
        start.RedirectStandardError = program != "pg_ctl";
        using var process = Process.Start(start)!;
        var output = program == "pg_ctl" ? "" : process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}. {output} {Log(directory)}");
    }

    private static string Log(DirectoryInfo? directory) =>
        directory is not null && Path.Combine(directory.FullName, "log") is var log && File.Exists(log) ? File.ReadAllText(log) : "";
}
