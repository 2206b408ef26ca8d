using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Microblog.Remote;

/// <summary>How this node behaves towards other servers.</summary>
public sealed class RemoteOptions
{
    /// <summary>Largest body accepted from another server, in bytes after decompression; a request may set its own.</summary>
    /// <value>1 MiB, the measure of OMB peers (Q17); from 1 KiB to 64 MiB.</value>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxBytes { get; set; } = 1024 * 1024;

    /// <summary>Time for one request with its redirects, to the last byte; a request may set its own.</summary>
    /// <value>20 seconds; from 1 second to 5 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Most redirects followed; a request may set its own.</summary>
    /// <value>5; at most 20.</value>
    [Range(0, 20)]
    public int MaxRedirects { get; set; } = 5;

    /// <summary>The <c>User-Agent</c> header, so that other operators know whom to ask. Printable ASCII.</summary>
    /// <value><c>Microblog/0.1</c>; at most 200 characters.</value>
    [Required, RegularExpression("^[!-~][ -~]{0,199}$")]
    public string UserAgent { get; set; } = "Microblog/0.1";

    /// <summary>Lets strangers' addresses lead to 127.0.0.0/8 and ::1, and so to every unguarded service of this machine.</summary>
    /// <value><see langword="false"/>. For development and tests; warns at start-up.</value>
    public bool AllowRequestsToLoopbackAddresses { get; set; }

    /// <summary>Lets strangers' addresses lead into the private networks that this machine can reach
    /// (RFC 1918, shared 100.64.0.0/10, unique-local fc00::/7).</summary>
    /// <value><see langword="false"/>. For a federation inside one network; warns at start-up. Link-local addresses,
    /// where clouds keep credentials of the machine, stay closed.</value>
    public bool AllowRequestsToPrivateNetworks { get; set; }
}

[OptionsValidator]
internal sealed partial class RemoteOptionsValidator : IValidateOptions<RemoteOptions>;
