using System.Diagnostics;
using System.Runtime.InteropServices;
using Microblog.Testing.Conformance.Wire;

namespace Microblog.Testing.Conformance.Steps;

/// <summary>Tells whoever sits at the terminal what to do, and opens the browser where the value is an address.</summary>
/// <param name="request">What is asked, without the value.</param>
/// <param name="say">Where it is written.</param>
/// <param name="opensBrowser">Whether to start the system's browser.</param>
/// <param name="isDone">Returns when the person says that it is done; <see langword="null"/> when the kit notices by itself.</param>
public sealed class AskSomebody(string request, Action<string> say, bool opensBrowser, Func<CancellationToken, Task>? isDone = null) : IPersonStep
{
    /// <inheritdoc/>
    public async Task<WireReply?> PerformAsync(string value, WireClient wire, CancellationToken cancellationToken)
    {
        say($"{request}: {(value.Length == 0 ? "(empty)" : value)}");
        if (opensBrowser && Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            Open(uri);
        if (isDone is not null)
            await isDone(cancellationToken).ConfigureAwait(false);
        return null;
    }

    private void Open(Uri uri)
    {
        var opener = OperatingSystem.IsMacOS() ? "open" : "xdg-open";
        try
        {
            var start = OperatingSystem.IsWindows()
                ? new ProcessStartInfo(uri.AbsoluteUri) { UseShellExecute = true }
                : new ProcessStartInfo(opener, [uri.AbsoluteUri]);
            using var browser = Process.Start(start);
        }
        catch (Exception e) when (e is ExternalException or FileNotFoundException)
        {
            say("No browser could be started; open the address yourself.");
        }
    }
}
