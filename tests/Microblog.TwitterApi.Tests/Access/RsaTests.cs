using System.Net;
using System.Security.Cryptography;
using Microblog.Applications;
using Microblog.Omb.OAuth;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>Applications that sign by a key of their own (§3.3).</summary>
public sealed class RsaTests : IAsyncLifetime
{
    private readonly RSA key = RSA.Create(2048);
    private ApiNode node = null!;
    private Profile alice = null!;

    public async Task InitializeAsync()
    {
        node = await ApiNode.StartAsync();
        alice = await node.JoinAsync("alice");
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        key.Dispose();
    }

    [Theory]
    [InlineData(SignatureMethod.RsaSha1)]
    [InlineData(SignatureMethod.RsaSha256)]
    public async Task By_a_registered_key_every_step_is_signed_and_by_no_other(SignatureMethod method)
    {
        var application = await RegisterAsync(key.ExportSubjectPublicKeyInfoPem());
        // The secret is not asked for.
        var program = new Dancer(node, new RegisteredApplication(application.Application, "unknown")) { Method = method, RsaKey = key };
        var access = await program.DanceAsync("alice");
        Assert.Equal(HttpStatusCode.OK, (await program.SendAsync("api/statuses/update.json", access, null, null, ("status", "signed"))).Status);

        using var other = RSA.Create(2048);
        var thief = new Dancer(node, application) { Method = method, RsaKey = other };
        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.SendAsync("api/account/verify_credentials.json", access, method: HttpMethod.Get)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.SendAsync("api/oauth/request_token", null, null, null, ("oauth_callback", "oob"))).Status);

        // The secret goes on to serve.
        Assert.Equal(HttpStatusCode.OK, (await new Dancer(node, application).SendAsync("api/account/verify_credentials.json", access, method: HttpMethod.Get)).Status);
    }

    [Theory]
    [InlineData(SignatureMethod.RsaSha1)]
    [InlineData(SignatureMethod.RsaSha256)]
    public async Task Without_a_registered_key_nothing_signed_so_is_accepted_and_a_key_taken_back_ends_at_once(SignatureMethod method)
    {
        var without = await RegisterAsync("");
        var (status, body, _) = await new Dancer(node, without) { Method = method, RsaKey = key }.SendAsync(
            "api/oauth/request_token", null, null, null, ("oauth_callback", "oob"));
        Assert.Equal((HttpStatusCode.Unauthorized, "oauth_problem: signature_invalid"), (status, body));

        var with = await RegisterAsync(key.ExportSubjectPublicKeyInfoPem());
        var program = new Dancer(node, with) { Method = method, RsaKey = key };
        var access = await program.DanceAsync("alice");
        await node.Services.GetRequiredService<ApplicationDesk>().ChangeAsync(alice.Id, program.Key, with.Application.Details with { PublicKey = "" });
        Assert.Equal(HttpStatusCode.Unauthorized, (await program.SendAsync("api/account/verify_credentials.json", access, method: HttpMethod.Get)).Status);
    }

    [Fact]
    public async Task A_key_is_public_long_enough_and_cheap_to_check_with_or_is_not_taken()
    {
        using var small = Make(1024, [1, 0, 1]);
        using var large = Make(4104, [1, 0, 1]);
        using var dear = Make(2048, [1, 0, 0, 0, 1]);
        using var curve = ECDsa.Create();
        var pem = key.ExportSubjectPublicKeyInfoPem();
        foreach (var text in new[]
        {
            key.ExportRSAPrivateKeyPem(), key.ExportPkcs8PrivateKeyPem(), small.ExportSubjectPublicKeyInfoPem(), large.ExportSubjectPublicKeyInfoPem(),
            curve.ExportSubjectPublicKeyInfoPem(), dear.ExportSubjectPublicKeyInfoPem(), "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", pem + "\n" + pem,
            pem + new string(' ', ApplicationDetails.MaxKeyLength),
        })
            Assert.NotNull((await DeskRegisterAsync(text)).Problem);

        foreach (var text in new[] { pem, key.ExportRSAPublicKeyPem(), "  \r\n" + pem.ReplaceLineEndings("\r\n") + " " })
            Assert.Equal(pem, (await DeskRegisterAsync(text)).Value.Application.Details.PublicKey);
    }

    [Fact]
    public async Task It_is_registered_and_shown_on_the_page()
    {
        var pem = key.ExportSubjectPublicKeyInfoPem();
        var application = await RegisterAsync("");
        var page = await PageAsync(application.Application.Key);
        Assert.Contains("name=\"public_key\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN PUBLIC KEY", page, StringComparison.Ordinal);

        await node.Services.GetRequiredService<ApplicationDesk>().ChangeAsync(alice.Id, application.Application.Key, application.Application.Details with { PublicKey = pem });
        Assert.Contains("-----BEGIN PUBLIC KEY-----", await PageAsync(application.Application.Key), StringComparison.Ordinal);
    }

    // Nobody looks whether such a number is a product of two primes.
    private static RSA Make(int bits, byte[] exponent)
    {
        var modulus = RandomNumberGenerator.GetBytes(bits / 8);
        (modulus[0], modulus[^1]) = ((byte)(modulus[0] | 0x80), (byte)(modulus[^1] | 1));
        return RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
    }

    private async Task<string> PageAsync(string id)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, "settings/applications/" + id));
        request.Headers.Add(ApiNode.UserHeader, "alice");
        return await (await node.Client.SendAsync(request)).Content.ReadAsStringAsync();
    }

    private async Task<RegisteredApplication> RegisterAsync(string pem) => (await DeskRegisterAsync(pem)).Value;

    private Task<Outcome<RegisteredApplication>> DeskRegisterAsync(string pem) => node.Services.GetRequiredService<ApplicationDesk>().RegisterAsync(
        alice.Id, new ApplicationDetails { Name = "Bank", PublicKey = pem, MayWrite = true });
}
