using System.Diagnostics;
using System.Text.Json;
using Microblog.Tests.Foreign;

namespace Microblog.Federation.Tests;

/// <summary>A YADIS resolver that we did not write finds the people of a running node.</summary>
public sealed class DiscoveryByOthersTests
{
    private const string Python = "/usr/bin/python3";

    [ForeignFact(Python + ":openid.yadis.discover")]
    [Trait("Clause", "OMB-1")]
    [Trait("Clause", "OMB-2")]
    [Trait("Clause", "OMB-10")]
    [Trait("Quirk", "Q15")]
    public async Task Python_openid_finds_every_person_at_page_identifier_and_document()
    {
        await using var node = await TestNode.StartAsync();
        foreach (var person in new[] { await node.JoinAsync("alice"), await node.JoinAsync("bob") })
        {
            var document = new Uri(node.BaseUri, $"user/{person.Id}/xrds").AbsoluteUri;
            var found = await ResolveAsync(person.Url, person.Uri.Value, document);
            Assert.All(found, result =>
            {
                Assert.True(result.GetProperty("xrds").GetBoolean());
                Assert.Contains($"<LocalID>{person.Uri}</LocalID>", result.GetProperty("text").GetString(), StringComparison.Ordinal);
            });
            Assert.Equal(3, found.Count);
        }
    }

    [Fact]
    [Trait("Clause", "OMB-3")]
    public async Task The_page_names_the_document_in_header_and_head_alike()
    {
        await using var node = await TestNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(alice.Url));
        var header = Assert.Single(response.Headers.GetValues("X-XRDS-Location"));
        Assert.Equal(new Uri(node.BaseUri, $"user/{alice.Id}/xrds").AbsoluteUri, header);
        var html = await response.Content.ReadAsStringAsync();
        var head = html[..html.IndexOf("</head>", StringComparison.Ordinal)];
        Assert.Contains($"<meta http-equiv=\"X-XRDS-Location\" content=\"{header}\"", head, StringComparison.Ordinal);
    }

    private static async Task<List<JsonElement>> ResolveAsync(params string[] addresses)
    {
        var start = new ProcessStartInfo(Python, [Path.Combine(AppContext.BaseDirectory, "foreign", "yadis_discover.py"), .. addresses])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
