using System.Diagnostics;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Steps;

/// <summary>Runs a command of the system's shell with the value as its last argument, and in the environment as <c>MICROBLOG_VALUE</c>.</summary>
/// <remarks>On Windows it is in the environment only, for cmd.exe would carry out an <c>&amp;</c> in it. For the same reason a command there
/// leaves the variable to the program that it starts, and does not write <c>%MICROBLOG_VALUE%</c>.</remarks>
/// <param name="command">The command line.</param>
public sealed class RunCommand(string command) : IPersonStep
{
    /// <inheritdoc/>
    public async Task<WireReply?> PerformAsync(string value, WireClient wire, CancellationToken cancellationToken)
    {
        // The value is an argument, never part of the command's text. The other shell makes no such difference.
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", ["/c", command])
            : new ProcessStartInfo("/bin/sh", ["-c", command + " \"$1\"", "sh", value]);
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        start.Environment["MICROBLOG_VALUE"] = value;
        using var process = Process.Start(start) ?? throw new StepException($"'{command}' could not be started");
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new StepException($"'{command}' ended with {process.ExitCode}: {errors.Trim()}");
            return null;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
