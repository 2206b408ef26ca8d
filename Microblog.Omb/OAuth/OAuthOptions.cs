namespace Microblog.Omb.OAuth;

/// <summary>How an OAuth provider behaves. Read while requests are served: set it up before.</summary>
public sealed class OAuthOptions
{
    private TimeSpan clockTolerance = TimeSpan.FromMinutes(5);
    private TimeSpan requestTokenLifetime = TimeSpan.FromMinutes(30);
    private int verifierAttempts = 3;

    /// <summary>The realm of <c>WWW-Authenticate</c>, usually the provider's address. Default: empty.</summary>
    public string Realm { get; set; } = "";

    /// <summary>Largest accepted distance between <c>oauth_timestamp</c> and our clock, either way.</summary>
    /// <value>Five minutes, which is also the least (OAUTH-20); at most one hour. Nonces are remembered for up to twice as long.</value>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public TimeSpan ClockTolerance
    {
        get => clockTolerance;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMinutes(5));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromHours(1));
            clockTolerance = value;
        }
    }

    /// <summary>The signature methods offered. Default: all; PLAINTEXT needs TLS even so.</summary>
    public SignatureMethod SignatureMethods { get; set; } = SignatureMethod.All;

    /// <summary>Accepts PLAINTEXT, which sends the secrets themselves, from clients that did not come by TLS. Default: no.</summary>
    /// <remarks>Only for a network that nobody else can listen to.</remarks>
    public bool AcceptPlaintextWithoutTls { get; set; }

    /// <summary>Accepts OAuth 1.0 request tokens, whose callback arrives unsigned in the authorization URL. Default: yes, since
    /// most OpenMicroBlogging-era peers know nothing else; no leaves 1.0a only (OAUTH-37).</summary>
    public bool AcceptOAuth10 { get; set; } = true;

    /// <summary>Makes the verifier that a person carries over by hand a number of eight digits, as the clients of some sites insist on.
    /// Default: no; eight letters and digits.</summary>
    public bool NumericOutOfBandVerifiers { get; set; }

    /// <summary>How long a request token can be authorized and exchanged.</summary>
    /// <value>Thirty minutes; between one minute and one hour.</value>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public TimeSpan RequestTokenLifetime
    {
        get => requestTokenLifetime;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMinutes(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromHours(1));
            requestTokenLifetime = value;
        }
    }

    /// <summary>How many wrong verifiers destroy a request token.</summary>
    /// <value>Three; between one and ten.</value>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public int VerifierAttempts
    {
        get => verifierAttempts;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 10);
            verifierAttempts = value;
        }
    }
}
