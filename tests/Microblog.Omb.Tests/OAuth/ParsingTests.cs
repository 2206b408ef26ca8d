using System.Text;
using Microblog.Omb.OAuth;

namespace Microblog.Omb.Tests.OAuth;

public sealed class ParsingTests
{
    private const string Url = "http://p.example/r";
    private const string Signed =
        "oauth_consumer_key=k&oauth_signature_method=HMAC-SHA1&oauth_signature=AAAA&oauth_timestamp=1234567890&oauth_nonce=n";

    [Fact]
    [Trait("Clause", "OAUTH-13")]
    public void Parameters_are_read_from_query_header_and_body()
    {
        Assert.Equal("k", Requests.Parse(Requests.Make("GET", Url + "?" + Signed)).ConsumerKey);
        Assert.Equal("k", Requests.Parse(Requests.Make("POST", Url, Signed)).ConsumerKey);
        var header = "OAuth " + Signed.Replace("&", ",", StringComparison.Ordinal);
        Assert.Equal("k", Requests.Parse(Requests.Make("POST", Url, authorization: header)).ConsumerKey);
    }

    [Theory]
    [Trait("Clause", "OAUTH-14")]
    [InlineData("OAuth realm=\"a, b=\\\"c\\\"\",{0}")]
    [InlineData("oauth {0},realm=\"x\"")]
    [InlineData("OAUTH\r\n {0} , \t REALM=x,,")]
    [InlineData("OAuth   {0},")]
    public void The_header_is_read_with_folds_commas_any_case_and_the_realm_anywhere(string form)
    {
        var pairs = "oauth_consumer_key=\"http%3a%2F%2Fa.example%2F\",\r\n\t oauth_signature_method = \"HMAC-SHA1\" ,oauth_signature=\"AAAA\""
            + ",%6Fauth_timestamp=\"1234567890\",oauth_nonce=n%2Bn";
        var parsed = Requests.Parse(Requests.Make("POST", Url, authorization: string.Format(null, form, pairs)));
        Assert.Equal("http://a.example/", parsed.ConsumerKey);
        Assert.Equal("n+n", parsed.Nonce);
        Assert.True(parsed.Field("realm").IsMissing);
        Assert.DoesNotContain("realm", parsed.BaseString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [Trait("Clause", "OAUTH-14")]
    [InlineData("OAuth oauth_nonce")]
    [InlineData("OAuth oauth_nonce, oauth_token=\"x\"")]
    [InlineData("OAuth oauth_nonce=\"open")]
    [InlineData("OAuth oauth_nonce=\"open\\\"")]
    [InlineData("OAuth oauth_nonce=\"a\" b")]
    public void A_malformed_header_is_400(string header)
    {
        var refusal = Requests.Refuse(Requests.Make("POST", Url, Signed, authorization: header));
        Assert.Equal((OAuthProblem.ParameterRejected, 400), (refusal.Problem, refusal.Status));
    }

    [Fact]
    [Trait("Clause", "OAUTH-14")]
    public void Two_Authorization_headers_are_400_and_another_scheme_is_no_matter_of_OAuth()
    {
        var two = Requests.Make("POST", Url, Signed, authorization: ["Basic eDp5", "Basic eDp6"]);
        Assert.Equal(OAuthProblem.ParameterRejected, Requests.Refuse(two).Problem);
        foreach (var other in (string[])["Basic eDp5", "Bearer x", "OAuthX oauth_nonce=n", "OAut", ""])
            Assert.Equal("k", Requests.Parse(Requests.Make("POST", Url, Signed, authorization: other)).ConsumerKey);
    }

    [Fact]
    [Trait("Clause", "OAUTH-5")]
    public void A_plus_is_a_space_in_query_and_body_and_itself_in_the_header()
    {
        var parsed = Requests.Parse(Requests.Make(
            "POST", Url + "?q=1+2", "b=3+4", authorization: "OAuth h=\"5+6\"," + Signed.Replace("&", ",", StringComparison.Ordinal)));
        Assert.Equal("1 2", parsed.Field("q").Text);
        Assert.Equal("3 4", parsed.Field("b").Text);
        Assert.Equal("5+6", parsed.Field("h").Text);
        Assert.Contains("b%3D3%25204%26h%3D5%252B6", parsed.BaseString(), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Clause", "OAUTH-6")]
    [InlineData("text/plain", false)]
    [InlineData("application/json", false)]
    [InlineData("multipart/form-data; boundary=x", false)]
    [InlineData("application/x-www-form-urlencoded-not", false)]
    [InlineData("application/x-www-form-urlencoded", true)]
    [InlineData("Application/X-WWW-Form-URLEncoded ; charset=UTF-8", true)]
    public void Only_a_form_body_is_signed(string mediaType, bool isSigned)
    {
        var parsed = Requests.Parse(Requests.Make("POST", Url + "?" + Signed, "z=1", mediaType));
        Assert.Equal(isSigned, !parsed.Field("z").IsMissing);
        Assert.Equal(isSigned, parsed.BaseString().EndsWith("z%3D1", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Clause", "OAUTH-12")]
    public void Bytes_that_are_not_UTF8_stay_in_the_base_string_and_are_substituted_for_display()
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(Signed + "&a=%E6%97&b="), 0xff, 0x41];
        var parsed = Requests.Parse(Requests.Make("POST", Url, body, Requests.Form, secure: false));
        Assert.Contains("a%3D%25E6%2597%26b%3D%25FFA%26", parsed.BaseString(), StringComparison.Ordinal);
        Assert.Equal("\ufffd", parsed.Field("a").Text);
        Assert.Equal("\ufffdA", parsed.Field("b").Text);
        Assert.True(parsed.Field("a").IsWellFormed);
    }

    [Theory]
    [InlineData("v=%", "%")]
    [InlineData("v=%4", "%4")]
    [InlineData("v=%zz", "%zz")]
    [InlineData("v=a%g1b", "a%g1b")]
    public void A_broken_escape_stands_for_itself_and_is_told(string pair, string text)
    {
        var field = Requests.Parse(Requests.Make("POST", Url, Signed + "&" + pair)).Field("v");
        Assert.Equal(text, field.Text);
        Assert.False(field.IsWellFormed);
    }

    [Fact]
    public void Missing_empty_and_repeated_are_told_apart()
    {
        var parsed = Requests.Parse(Requests.Make("POST", Url + "?r=1", Signed + "&e=&&n&r=2&=x"));
        Assert.True(parsed.Field("absent") is { IsMissing: true, IsEmpty: false, Text: null });
        Assert.True(parsed.Field("e") is { IsMissing: false, IsEmpty: true, IsRepeated: false });
        Assert.True(parsed.Field("n").IsEmpty);
        Assert.True(parsed.Field("r") is { IsRepeated: true, Count: 2, Text: "1" });
        Assert.Equal("x", parsed.Field("").Text);
        Assert.True(parsed.Field(new string('x', 1000)).IsMissing);
    }

    [Theory]
    [Trait("Clause", "OAUTH-15")]
    [InlineData("", "&oauth_nonce=n", "")]
    [InlineData("", "&%6fauth_nonce=m", "")]
    [InlineData("", "&oauth_custom=1&oauth_custom=1", "")]
    [InlineData("oauth_nonce=n", "", "")]
    [InlineData("oauth_callback=oob", "", "")]
    [InlineData("", "", "OAuth oauth_token=\"t\"")]
    [InlineData("", "", "OAuth oauth_nonce=\"n\"")]
    public void OAuth_parameters_twice_or_in_several_places_are_400(string query, string body, string header)
    {
        var refusal = Requests.Refuse(Requests.Make("POST", Url + "?" + query, Signed + body, authorization: header));
        Assert.Equal((OAuthProblem.ParameterRejected, 400), (refusal.Problem, refusal.Status));
    }

    [Theory]
    [Trait("Clause", "OAUTH-16")]
    [InlineData("oauth_consumer_key")]
    [InlineData("oauth_signature_method")]
    [InlineData("oauth_signature")]
    [InlineData("oauth_timestamp")]
    [InlineData("oauth_nonce")]
    public void A_missing_parameter_is_400_and_named(string name)
    {
        var without = string.Join('&', Signed.Split('&').Where(pair => !pair.StartsWith(name + "=", StringComparison.Ordinal)));
        var refusal = Requests.Refuse(Requests.Make("POST", Url, without));
        Assert.Equal((OAuthProblem.ParameterAbsent, 400), (refusal.Problem, refusal.Status));
        Assert.Equal([name], refusal.Absent);
    }

    [Fact]
    [Trait("Clause", "OAUTH-16")]
    public void A_token_is_required_where_there_must_be_one_and_refused_where_there_is_none_yet()
    {
        var missing = Requests.Refuse(Requests.Make("POST", Url, Signed), token: TokenUse.Required);
        Assert.Equal(["oauth_token"], missing.Absent);
        Assert.Null(Requests.Parse(Requests.Make("POST", Url, Signed + "&oauth_token=")).Token);
        Assert.Equal(OAuthProblem.ParameterRejected, Requests.Refuse(Requests.Make("POST", Url, Signed + "&oauth_token=t")).Problem);
    }

    [Theory]
    [Trait("Clause", "OAUTH-16")]
    [InlineData("1.0", true)]
    [InlineData("1.0A", false)]
    [InlineData("1.1", false)]
    [InlineData("", false)]
    public void Only_version_1_0_is_accepted(string version, bool accepted)
    {
        var request = Requests.Make("POST", Url, Signed + "&oauth_version=" + version);
        if (accepted)
            Requests.Parse(request);
        else
            Assert.Equal((OAuthProblem.VersionRejected, 400), (Requests.Refuse(request).Problem, Requests.Refuse(request).Status));
    }

    [Theory]
    [Trait("Clause", "OAUTH-16")]
    [InlineData("hmac-sha1")]
    [InlineData("HMAC-MD5")]
    [InlineData("HMAC-SHA1,")]
    [InlineData("%00")]
    public void An_unknown_signature_method_is_400(string method)
    {
        var request = Requests.Make("POST", Url, Signed.Replace("HMAC-SHA1", method, StringComparison.Ordinal));
        Assert.Equal((OAuthProblem.SignatureMethodRejected, 400), (Requests.Refuse(request).Problem, Requests.Refuse(request).Status));
    }

    [Fact]
    [Trait("Clause", "OAUTH-8")]
    public void Plaintext_is_refused_without_TLS_unless_the_operator_says_otherwise()
    {
        const string body = "oauth_consumer_key=k&oauth_signature_method=PLAINTEXT&oauth_signature=%26";
        Assert.Equal(OAuthProblem.SignatureMethodRejected, Requests.Refuse(Requests.Make("POST", Url, body)).Problem);
        Requests.Parse(Requests.Make("POST", Url, body, secure: true));
        Requests.Parse(Requests.Make("POST", Url, body), new() { AcceptPlaintextWithoutTls = true });
        Requests.Refuse(Requests.Make("POST", Url, body, secure: true), new() { SignatureMethods = SignatureMethod.HmacSha1 });
    }

    [Theory]
    [Trait("Clause", "OAUTH-26")]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("%2B1")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("1e9")]
    [InlineData("0x10")]
    [InlineData("now")]
    [InlineData("253402300800")]
    [InlineData("99999999999999999999")]
    public void A_malformed_timestamp_is_400(string timestamp)
    {
        var request = Requests.Make("POST", Url, Signed.Replace("1234567890", timestamp, StringComparison.Ordinal));
        Assert.Equal((OAuthProblem.ParameterRejected, 400), (Requests.Refuse(request).Problem, Requests.Refuse(request).Status));
    }

    [Theory]
    [InlineData("oauth_consumer_key=k", "oauth_consumer_key=a%00b")]
    [InlineData("oauth_consumer_key=k", "oauth_consumer_key=%FF")]
    [InlineData("oauth_nonce=n", "oauth_nonce=%0A")]
    public void Keys_and_nonces_that_no_store_could_keep_are_400(string old, string odd)
    {
        var request = Requests.Make("POST", Url, Signed.Replace(old, odd, StringComparison.Ordinal));
        Assert.Equal(OAuthProblem.ParameterRejected, Requests.Refuse(request).Problem);
    }

    [Theory]
    [InlineData("a", 2048)]
    [InlineData("%C4%8D", 1024)]
    [InlineData("%F0%9F%8E%88", 512)]
    public void A_consumer_key_has_at_most_2048_bytes(string character, int most)
    {
        Requests.Parse(Requests.Make("POST", Url, Signed.Replace("key=k", "key=" + string.Concat(Enumerable.Repeat(character, most)), StringComparison.Ordinal)));
        Assert.Equal(
            OAuthProblem.ParameterRejected,
            Requests.Refuse(Requests.Make(
                "POST", Url, Signed.Replace("key=k", "key=" + string.Concat(Enumerable.Repeat(character, most + 1)), StringComparison.Ordinal))).Problem);
    }

    [Fact]
    public void Too_long_or_too_many_is_400()
    {
        Assert.Equal(
            OAuthProblem.ParameterRejected,
            Requests.Refuse(Requests.Make("POST", Url, Signed.Replace("nonce=n", "nonce=" + new string('n', 256), StringComparison.Ordinal))).Problem);
        Requests.Parse(Requests.Make("POST", Url, Signed + string.Concat(Enumerable.Repeat("&a=b", 251))));
        Assert.Equal(
            OAuthProblem.ParameterRejected,
            Requests.Refuse(Requests.Make("POST", Url, Signed + string.Concat(Enumerable.Repeat("&a=b", 252)))).Problem);
    }

    [Theory]
    [Trait("Clause", "OAUTH-2")]
    [InlineData("HTTPS://Example.NET:443/A%7e/../b;c", "https%3A%2F%2Fexample.net%2FA%257e%2F..%2Fb%3Bc")]
    [InlineData("http://example.net:443/", "http%3A%2F%2Fexample.net%3A443%2F")]
    [InlineData("https://example.net:80/?#f", "https%3A%2F%2Fexample.net%3A80%2F")]
    [InlineData("http://[::1]:8080/x", "http%3A%2F%2F%5B%3A%3A1%5D%3A8080%2Fx")]
    public void The_base_URI_is_written_as_specified(string url, string expected)
    {
        var parsed = Requests.Parse(Requests.Make("POST", url, Signed));
        Assert.StartsWith("POST&" + expected + "&oauth_", parsed.BaseString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Clause", "OAUTH-10")]
    public void A_Host_header_has_no_say_in_the_base_string()
    {
        var request = Requests.Make("POST", "https://public.example/r", Signed);
        request.Headers["Host"] = "evil.example";
        request.Headers["X-Forwarded-Host"] = "evil.example";
        Assert.StartsWith("POST&https%3A%2F%2Fpublic.example%2Fr&", Requests.Parse(request).BaseString(), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Clause", "OAUTH-20")]
    [InlineData(0, true)]
    [InlineData(300, true)]
    [InlineData(-300, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    [InlineData(7200, false)]
    [InlineData(-1234567889, false)]
    public void The_timestamp_has_to_lie_within_five_minutes(int offset, bool accepted)
    {
        var stamp = new RequestStamp(1234567890 + offset, "n");
        var call = new OAuthSigner("k").Sign("POST", new(Url), [], null, stamp);
        var verification = Requests.Parse(Requests.Make("POST", Url, call.Form)).Verify(OAuthSecrets.Empty, Requests.Now);
        if (accepted)
        {
            var nonce = Assert.IsType<Verification.Accepted>(verification).Nonce;
            Assert.Equal(new OAuthNonce("k", "", stamp.Timestamp, "n", Requests.Now.AddSeconds(offset + 301)), nonce);
            return;
        }

        var refusal = Assert.IsType<Verification.Rejected>(verification).Refusal;
        Assert.Equal((OAuthProblem.TimestampRefused, 401), (refusal.Problem, refusal.Status));
        Assert.Equal((1234567590, 1234568190), refusal.AcceptableTimestamps);
    }

    [Fact]
    public void The_answer_says_the_problem_in_header_and_body_and_the_realm_cannot_break_out()
    {
        var refusal = Requests.Refuse(Requests.Make("POST", Url, "oauth_version=2"));
        var answer = refusal.ToResponse("a\"b\\c\r\nX: y");
        Assert.Contains(
            new KeyValuePair<string, string>(
                "WWW-Authenticate",
                "OAuth realm=\"a\\\"b\\\\cX: y\", oauth_problem=\"version_rejected\", oauth_acceptable_versions=\"1.0-1.0\""),
            answer.Headers);
        var body = Assert.IsType<Microblog.Http.NodeBody.Bytes>(answer.Body);
        Assert.Equal("oauth_problem=version_rejected&oauth_acceptable_versions=1.0-1.0", Encoding.ASCII.GetString(body.Content.Span));
    }
}
