using System.Text;
using Microblog.Load.Servers;
using Microblog.Omb.OAuth;

namespace Microblog.Load.Ingest;

/// <summary>Posted notices, signed before anything is measured: each a complete HTTP request.</summary>
internal static class SignedRequests
{
    private const string Content =
        "Walked along the river this morning & counted 14 herons — more than last year. Photos follow; +1 for the new path, 100% dry: über Stock & Stein…";

    private static int made;

    public static byte[][] Make(IReadOnlyList<Grant> grants, int count)
    {
        var signer = new OAuthSigner(Grant.ConsumerKey);
        var requests = new byte[count][];
        var first = Interlocked.Add(ref made, count) - count;
        Parallel.For(0, count, i => requests[i] = Make(signer, grants[i % grants.Count], first + i));
        return requests;
    }

    private static byte[] Make(OAuthSigner signer, Grant grant, int number)
    {
        var notice = $"{Grant.ConsumerKey}notice/{number}";
        var target = new Uri($"{NodeServer.Root}omb/{grant.Listener}/notice");
        var call = signer.Sign(
            "POST",
            target,
            [
                new("omb_version", "http://openmicroblogging.org/protocol/0.1"),
                new("omb_listenee", grant.Listenee),
                new("omb_notice", notice),
                new("omb_notice_content", $"{number}: {Content}"),
                new("omb_notice_url", notice),
                new("omb_notice_license", Listenees.License),
            ],
            grant.Token,
            RequestStamp.Fresh(DateTimeOffset.UtcNow));
        return Encoding.ASCII.GetBytes(
            $"POST {target.AbsolutePath} HTTP/1.1\r\nHost: {target.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + $"Content-Length: {call.Form.Length}\r\n\r\n{call.Form}");
    }
}
