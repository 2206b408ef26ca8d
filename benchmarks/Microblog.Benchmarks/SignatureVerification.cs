using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microblog.Http;
using Microblog.Omb.OAuth;
using Microsoft.Extensions.Primitives;
using RestSharp;
using RestSharp.Authenticators;

namespace Microblog.Benchmarks;

/// <summary>What it costs to check one posted notice: parse the form, sort, encode, HMAC-SHA1, compare.</summary>
/// <remarks>The baseline is the HMAC alone over the finished base string, which no verifier can do without. RestSharp signs the same
/// parameters, which is verification without reading the form and without comparing.</remarks>
[MemoryDiagnoser]
public class SignatureVerification : IDisposable
{
    private const string Endpoint = "https://beta.example.net/omb/postnotice/1";
    private const string TokenSecret = "KhCMBJDhh4eUPGGOYtJ2Xz3tTN0lTmVv";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1234567890);

    private static readonly KeyValuePair<string, string>[] Notice =
    [
        new("omb_version", "http://openmicroblogging.org/protocol/0.1"),
        new("omb_listenee", "https://alpha.example.net/user/1"),
        new("omb_notice", "https://alpha.example.net/notice/1234567"),
        new("omb_notice_url", "https://alpha.example.net/notice/1234567"),
        new("omb_notice_content", "Lunch is over, back to work: the new node verifies a notice before the kettle boils!"),
        new("omb_notice_license", "https://creativecommons.org/licenses/by/4.0/"),
        new("omb_seealso", "https://alpha.example.net/a.png"),
        new("omb_seealso_disposition", "link"),
    ];

    private readonly OAuthOptions options = new();
    private readonly OAuthSecrets secrets = new("", TokenSecret);
    private readonly RestClient restClient = new();
    private readonly OAuth1Authenticator restSharp =
        OAuth1Authenticator.ForProtectedResource("https://alpha.example.net/", "", "hh5s93j4hdidpola", TokenSecret);

    private NodeRequest request = null!;
    private byte[] baseString = null!;
    private byte[] key = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var stamp = new RequestStamp(Now.ToUnixTimeSeconds(), "d41d8cd98f00b204e980");
        var call = new OAuthSigner("https://alpha.example.net/")
            .Sign("POST", new Uri(Endpoint), Notice, new("hh5s93j4hdidpola", TokenSecret), stamp);
        request = new NodeRequest
        {
            Method = "POST",
            Origin = "https://beta.example.net",
            RawTarget = "/omb/postnotice/1",
            Headers = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = WireForm.MediaType },
            Body = Encoding.ASCII.GetBytes(call.Form),
            IsSecure = true,
        };
        key = Encoding.ASCII.GetBytes("&" + TokenSecret);
        if (!SignedRequest.TryParse(request, options, TokenUse.Required, out var parsed, out _) || !Verify())
            throw new InvalidOperationException("The benchmark's own request does not verify.");

        baseString = Encoding.ASCII.GetBytes(parsed.BaseString());
        Console.WriteLine($"base string: {baseString.Length} bytes, {parsed.Fields().Count()} parameters");
    }

    [Benchmark(Baseline = true, Description = "HMAC-SHA1 alone")]
    public bool RawHmac()
    {
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        return HMACSHA1.HashData(key, baseString, hash) == 20 && hash[0] == hash[19];
    }

    [Benchmark(Description = "Microblog: parse and verify")]
    public bool Verify() =>
        SignedRequest.TryParse(request, options, TokenUse.Required, out var parsed, out _)
        && parsed.Verify(secrets, Now) is Verification.Accepted;

    [Benchmark(Description = "RestSharp: sign")]
    public async Task<RestRequest> RestSharpSign()
    {
        var outbound = new RestRequest(Endpoint, Method.Post);
        foreach (var (name, value) in Notice)
            outbound.AddParameter(name, value);

        await restSharp.Authenticate(restClient, outbound);
        return outbound;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        restClient.Dispose();
        GC.SuppressFinalize(this);
    }
}
