using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microblog.Remote;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microblog.Cli.Doctor;

/// <summary>The doctor's way to the node: the node's own client with its limits, which may go anywhere, since the operator names the address.</summary>
internal sealed class DoctorNetwork : IDisposable
{
    private readonly SocketsHttpHandler handler;

    /// <param name="clock">Measures timeouts.</param>
    /// <param name="trusted">Certificates to trust instead of the machine's own; empty for the machine's.</param>
    public DoctorNetwork(TimeProvider clock, X509Certificate2Collection trusted)
    {
        handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.All,
            MaxResponseHeadersLength = 32,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            SslOptions = Tls(trusted),
        };
        Client = new RemoteClient(
            Options.Create(new RemoteOptions
            {
                UserAgent = "Microblog-doctor/0.1",
                AllowRequestsToLoopbackAddresses = true,
                AllowRequestsToPrivateNetworks = true,
            }),
            clock,
            NullLogger<RemoteClient>.Instance,
            handler);
    }

    public RemoteClient Client { get; }

    /// <summary>What was wrong with the last certificate.</summary>
    public SslPolicyErrors CertificateErrors { get; private set; }

    public void Dispose()
    {
        Client.Dispose();
        handler.Dispose();
    }

    private SslClientAuthenticationOptions Tls(X509Certificate2Collection trusted)
    {
        var options = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, errors) => (CertificateErrors = errors) == SslPolicyErrors.None,
        };
        if (trusted.Count == 0)
            return options;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        return options;
    }
}
