using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Tests.OAuth;

[Trait("Clause", "OAUTH-11")]
public sealed class VectorTests
{
    public static TheoryData<string> Names => new(Vector.Load<Vector>("requests.json").Select(vector => vector.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_published_request_verifies(string name)
    {
        var vector = Find(name);
        var signed = vector.OAuthPairs.Append(new("oauth_signature", vector.Signature)).ToList();
        foreach (var request in new[]
        {
            Requests.Make(vector.Method, vector.Url, Requests.Wire([.. signed, .. vector.FormPairs])),
            Requests.Make(vector.Method, vector.Url, Requests.Wire(vector.FormPairs), authorization: Requests.Header(signed)),
            Requests.Make(vector.Method, Join(vector.Url, Requests.Wire(signed)), Requests.Wire(vector.FormPairs)),
        })
        {
            var parsed = Requests.Parse(request, token: vector.TokenUse);
            Assert.Equal(vector.BaseString ?? parsed.BaseString(), parsed.BaseString());
            using var rsa = Key(vector);
            var secrets = new OAuthSecrets(vector.ConsumerSecret, vector.TokenSecret) { RsaKey = rsa };
            Assert.IsType<Verification.Accepted>(parsed.Verify(secrets, Now(vector)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Clause", "OAUTH-17")]
    public void None_verifies_with_another_signature_secret_or_parameter(string name)
    {
        var vector = Find(name);
        using var rsa = Key(vector);
        var right = new OAuthSecrets(vector.ConsumerSecret, vector.TokenSecret) { RsaKey = rsa };
        var wrong = vector.Signature[0] == 'A' ? "B" : "A";
        Refused(vector.OAuthPairs.Append(new("oauth_signature", wrong + vector.Signature[1..])), right);
        Refused(vector.OAuthPairs.Append(new("oauth_signature", vector.Signature)).Append(new("x", "")), right);
        Refused(vector.OAuthPairs.Append(new("oauth_signature", "*")), right);
        using var other = RSA.Create(1024);
        Refused(vector.OAuthPairs.Append(new("oauth_signature", vector.Signature)), new("x" + vector.ConsumerSecret, vector.TokenSecret) { RsaKey = other });
        Refused(vector.OAuthPairs.Append(new("oauth_signature", vector.Signature)), new(vector.ConsumerSecret, vector.TokenSecret + "x"));

        void Refused(IEnumerable<KeyValuePair<string, string>> oauth, OAuthSecrets secrets)
        {
            var parsed = Requests.Parse(Requests.Make(vector.Method, vector.Url, Requests.Wire([.. oauth, .. vector.FormPairs])), token: vector.TokenUse);
            var rejected = Assert.IsType<Verification.Rejected>(parsed.Verify(secrets, Now(vector)));
            Assert.Equal(OAuthProblem.SignatureInvalid, rejected.Refusal.Problem);
            Assert.Equal(401, rejected.Refusal.Status);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_signer_computes_every_published_signature(string name)
    {
        var vector = Find(name);
        if (vector.RsaPublicKey is not null)
            return; // The private key is not part of the vector; RsaTests signs with a key of its own.

        var signer = new OAuthSigner(vector.OAuthValue("oauth_consumer_key")!, vector.ConsumerSecret)
        {
            Method = vector.OAuthValue("oauth_signature_method") == "HMAC-SHA256" ? SignatureMethod.HmacSha256 : SignatureMethod.HmacSha1,
            SendVersion = vector.OAuthValue("oauth_version") is not null,
        };
        var token = vector.OAuthValue("oauth_token") is { } value ? new TokenCredentials(value, vector.TokenSecret) : null;
        var stamp = new RequestStamp(Now(vector).ToUnixTimeSeconds(), vector.OAuthValue("oauth_nonce")!);
        var extra = vector.OAuthPairs.Where(pair => pair.Key is "oauth_callback" or "oauth_verifier");
        foreach (var placement in Enum.GetValues<OAuthPlacement>())
        {
            var call = signer.Sign(vector.Method, new Uri(vector.Url), [.. extra, .. vector.FormPairs], token, stamp, placement);
            Assert.Contains("oauth_signature=" + Quote(vector, placement), call.Form + call.Authorization + call.Url.Query, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Clause", "OAUTH-1")]
    public void The_encoding_is_that_of_the_specification()
    {
        foreach (var (text, encoded) in Vector.Load<EncodingVector>("encoding.json"))
        {
            Assert.Equal(encoded, PercentEncoding.Encode(text));
            Assert.Equal(text, PercentEncoding.DecodeText(Encoding.ASCII.GetBytes(encoded)));
        }
    }

    [Fact]
    [Trait("Clause", "OAUTH-4")]
    public void Parameters_are_normalised_as_published()
    {
        foreach (var (form, normalised) in Vector.Load<NormalisationVector>("normalisation.json"))
        {
            using var builder = new ParameterListBuilder(form.Length);
            Assert.True(builder.TryAddForm(Encoding.ASCII.GetBytes(form), ParameterPlace.Body));
            var list = builder.Build();
            var buffer = new byte[list.MaxSignedLength];
            Assert.Equal(Uri.EscapeDataString(normalised), Encoding.ASCII.GetString(buffer, 0, list.WriteSigned(buffer)));
        }
    }

    [Fact]
    [Trait("Clause", "OAUTH-7")]
    public void Hmac_alone_is_as_published()
    {
        foreach (var vector in Vector.Load<HmacVector>("hmac-sha1.json"))
        {
            var signature = Signature.Create(
                SignatureMethod.HmacSha1, Encoding.ASCII.GetBytes(vector.BaseString), new(vector.ConsumerSecret, vector.TokenSecret));
            Assert.Equal(vector.Signature, signature);
        }
    }

    [Fact]
    [Trait("Clause", "OAUTH-8")]
    public void Plaintext_is_as_published()
    {
        foreach (var vector in Vector.Load<PlaintextVector>("plaintext.json"))
        {
            var secrets = new OAuthSecrets(vector.ConsumerSecret, vector.TokenSecret);
            Assert.Equal(vector.Wire, PercentEncoding.Encode(Signature.Create(SignatureMethod.Plaintext, default, secrets)));
            var request = Requests.Make(
                "POST",
                "https://p.example/r",
                "oauth_consumer_key=k&oauth_signature_method=PLAINTEXT&oauth_signature=" + vector.Wire,
                secure: true);
            var accepted = Assert.IsType<Verification.Accepted>(Requests.Parse(request).Verify(secrets, Requests.Now));
            Assert.Null(accepted.Nonce);
            Assert.IsType<Verification.Rejected>(Requests.Parse(request).Verify(new(vector.ConsumerSecret, "x"), Requests.Now));
        }
    }

    private static string Quote(Vector vector, OAuthPlacement placement)
    {
        var signature = Uri.EscapeDataString(vector.Signature);
        return placement is OAuthPlacement.Header ? '"' + signature + '"' : signature;
    }

    private static Vector Find(string name) => Vector.Load<Vector>("requests.json").Single(vector => vector.Name == name);

    private static RSA? Key(Vector vector)
    {
        if (vector.RsaPublicKey is null)
            return null;

        var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(vector.RsaPublicKey), out _);
        return rsa;
    }

    private static DateTimeOffset Now(Vector vector) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(vector.OAuthValue("oauth_timestamp")!, CultureInfo.InvariantCulture));

    private static string Join(string url, string query) => url + (url.Contains('?') ? "&" : "?") + query;

    private sealed record EncodingVector(string Text, string Encoded);

    private sealed record NormalisationVector(string Form, string Normalised);

    private sealed record HmacVector(string BaseString, string ConsumerSecret, string TokenSecret, string Signature);

    private sealed record PlaintextVector(string ConsumerSecret, string TokenSecret, string Wire);
}
