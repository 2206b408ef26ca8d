using Microblog.Omb.OAuth;

namespace Microblog.Omb.Tests.OAuth;

public sealed class AllocationTests
{
    [Fact]
    public void Parsing_and_verifying_a_notice_allocates_at_most_2_KB()
    {
        var notice = Vector.Load<Vector>("requests.json").Single(vector => vector.Name == "V10 notice");
        var stamp = new RequestStamp(1234567890, "n");
        var call = new OAuthSigner("http://alpha.example.net/").Sign("POST", new(notice.Url), notice.FormPairs, new("t", "s"), stamp);
        var request = Requests.Make("POST", notice.Url, call.Form);
        var (options, secrets) = (new OAuthOptions(), new OAuthSecrets("", "s"));
        Assert.InRange(Requests.Parse(request, token: TokenUse.Required).BaseString().Length, 800, 1200);

        // The first rounds fill the array pool and compile.
        var allocated = long.MaxValue;
        for (var round = 0; round < 50; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var accepted = SignedRequest.TryParse(request, options, TokenUse.Required, out var parsed, out _)
                && parsed.Verify(secrets, Requests.Now) is Verification.Accepted;
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(accepted);
        }

        Assert.InRange(allocated, 1, 2048);
    }
}
