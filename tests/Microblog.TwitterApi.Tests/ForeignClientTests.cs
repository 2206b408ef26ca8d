using System.Diagnostics;
using System.Text;
using Microblog.Media;
using Microblog.Tests.Foreign;

namespace Microblog.TwitterApi.Tests;

/// <summary>Clients that we did not write, unmodified, through their whole repertoire; what they have to find is in their scripts.</summary>
public sealed class ForeignClientTests
{
    [ForeignFact("/usr/bin/python3:tweepy")]
    public async Task Tweepy_does_all_it_can_over_TLS()
    {
        await using var node = await ApiNode.StartAsync(isSecure: true, isClockReal: true);
        var picture = Picture();
        await RunAsync("/usr/bin/python3", node, ["tweepy_client.py", node.Root.Authority, .. await TwoPeopleAsync(node), picture]);
        File.Delete(picture);
    }

    [ForeignFact("/usr/bin/python3:twitter")]
    public async Task Python_twitter_does_all_it_can()
    {
        await using var node = await ApiNode.StartAsync(isClockReal: true);
        await RunAsync("/usr/bin/python3", node, ["python_twitter.py", new Uri(node.Root, "api/1.1").AbsoluteUri, .. await TwoPeopleAsync(node)]);
    }

    [ForeignFact("perl:Net::Twitter")]
    public async Task Net_Twitter_does_all_it_can_by_the_later_and_the_original_paths()
    {
        await using var node = await ApiNode.StartAsync(isClockReal: true);
        var picture = Picture();
        await RunAsync("perl", node, ["net_twitter.pl", new Uri(node.Root, "api").AbsoluteUri, .. await TwoPeopleAsync(node), picture]);
        File.Delete(picture);
    }

    [ForeignFact("/usr/sbin/bitlbee", "/usr/bin/python3")]
    public async Task Bitlbee_does_all_it_can_by_a_password_over_TLS()
    {
        await using var node = await ApiNode.StartAsync(api => api.AcceptBasicWithoutTls = false, isSecure: true, isClockReal: true);
        string[] people = ["alice", "bob", "carol"];
        foreach (var person in people)
            await node.JoinAsync(person);
        // It names a channel after the host.
        var root = $"https://localhost:{node.Root.Port}/api";
        await RunAsync("/usr/bin/python3", node, ["bitlbee_client.py", root, node.Certificate, .. people.Select(node.PasswordOf)]);
    }

    [ForeignFact("curl")]
    public async Task A_script_with_curl_and_a_password_posts_and_reads_in_every_format()
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        var (root, who) = (new Uri(node.Root, "api/").AbsoluteUri, "alice:" + node.PasswordOf("alice"));
        var posted = await CurlAsync("-u", who, "-d", "status=From a script", "-d", "source=cron", root + "statuses/update.xml");
        Assert.Contains("<text>From a script</text>", posted, StringComparison.Ordinal);
        Assert.Contains("<source>cron</source>", posted, StringComparison.Ordinal);
        foreach (var format in new[] { "json", "xml", "rss", "atom" })
            Assert.Contains("From a script", await CurlAsync("-u", who, $"{root}statuses/friends_timeline.{format}"), StringComparison.Ordinal);
        var picture = Picture();
        var uploaded = await CurlAsync("-u", who, "-F", $"media=@{picture};type=image/png", "-F", "status=A picture", root + "statuses/update.json");
        File.Delete(picture);
        Assert.Contains("\"media_url\":\"" + node.Root.AbsoluteUri + "attachment/", uploaded, StringComparison.Ordinal);
        Assert.Equal("401", await CurlAsync("-o", "/dev/null", "-w", "%{http_code}", "-u", "alice:wrong", root + "account/verify_credentials.xml"));
    }

    private static async Task<string> CurlAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("curl", ["-s", .. arguments]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return output;
    }

    private static async Task<string[]> TwoPeopleAsync(ApiNode node)
    {
        var alice = await node.JoinAsync("alice");
        var bob = await node.JoinAsync("bob");
        return [.. await node.LetInAsync(alice), .. await node.LetInAsync(bob)];
    }

    private static string Picture()
    {
        var path = Path.GetTempFileName() + ".png";
        File.WriteAllBytes(path, Identicon.Create("a picture").ToArray());
        return path;
    }

    private static async Task RunAsync(string program, ApiNode node, string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path.Combine(ForeignProgram.Root(), "tests", "foreign", "clients"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        info.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        info.Environment["PYTHONIOENCODING"] = "utf-8";
        info.Environment["REQUESTS_CA_BUNDLE"] = node.Certificate;
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
        Assert.True(process.ExitCode == 0, errors + await output);
        Assert.Equal("ok", (await output).Trim());
    }
}
