using System.Net;
using System.Text.RegularExpressions;
using Microblog.Applications;
using Microblog.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microblog.TwitterApi.Tests.Access;

/// <summary>The pages on which people see whom they let in, register applications and make passwords.</summary>
public sealed partial class SettingsTests
{
    [Fact]
    public async Task An_application_is_registered_changed_and_deleted_by_its_owner()
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");
        await node.JoinAsync("bob");

        using var registered = await PostAsync(
            node, "settings/applications", "alice", ("name", "My <b>client</b>"), ("homepage", "https://client.example/"), ("callback", ""), ("description", ""));
        Assert.Equal(HttpStatusCode.SeeOther, registered.StatusCode);
        var path = registered.Headers.Location!.OriginalString.TrimStart('/');
        var own = Assert.Single(await ListAsync(node, "alice"));
        Assert.Equal(new ApplicationDetails { Name = "My <b>client</b>", Homepage = "https://client.example/" }, own.Application.Details);
        Assert.Equal("settings/applications/" + own.Application.Key, path);

        using var page = await GetAsync(node, path, "alice");
        Assert.Equal("no-store", page.Headers.CacheControl!.ToString());
        var text = await page.Content.ReadAsStringAsync();
        Assert.Contains($"value=\"{own.Application.Key}\"", text, StringComparison.Ordinal);
        Assert.Contains($"value=\"{own.Secret}\"", text, StringComparison.Ordinal);
        Assert.Contains("My &lt;b&gt;client&lt;/b&gt;", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>client", text, StringComparison.Ordinal);

        (string, string) key = ("key", own.Application.Key);
        using var refused = await PostAsync(node, "settings/applications/change", "alice", key, ("name", " "), ("homepage", "https://new.example/"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("https://new.example/", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var changed = await PostAsync(node, "settings/applications/change", "alice", key, ("name", "Client"), ("write", "1"));
        Assert.Equal("/" + path + "?saved=1", changed.Headers.Location!.OriginalString);
        Assert.Equal(new ApplicationDetails { Name = "Client", MayWrite = true }, (await ListAsync(node, "alice")).Single().Application.Details);

        foreach (var others in new[] { "settings/applications/change", "settings/applications/delete", "settings/applications/revoke" })
            Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(node, others, "bob", key, ("name", "Mine"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(node, path, "bob")).StatusCode);
        Assert.Equal("Client", (await ListAsync(node, "alice")).Single().Application.Details.Name);

        using var deleted = await PostAsync(node, "settings/applications/delete", "alice", key);
        Assert.Equal(HttpStatusCode.SeeOther, deleted.StatusCode);
        Assert.Empty(await ListAsync(node, "alice"));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(node, path, "alice")).StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_registered_stays_in_the_form()
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");

        using var refused = await PostAsync(node, "settings/applications", "alice", ("name", "Client"), ("homepage", "javascript:alert(1)"), ("write", "1"));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var text = await refused.Content.ReadAsStringAsync();
        Assert.Contains("value=\"Client\"", text, StringComparison.Ordinal);
        Assert.Contains("The homepage is not an http(s) address", text, StringComparison.Ordinal);
        Assert.Matches("name=\"write\" value=\"1\" checked", text);
        Assert.Empty(await ListAsync(node, "alice"));
    }

    [Fact]
    public async Task Whom_a_person_let_in_is_shown_until_they_revoke_it()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = await node.JoinAsync("alice");
        var reader = await Dancer.RegisterAsync(node, await node.JoinAsync("owner"));
        await reader.DanceAsync("alice");

        Assert.Contains("Reads and writes", await ReadAsync(node, "settings/applications", "alice"), StringComparison.Ordinal);
        Assert.Contains("No application acts for you", await ReadAsync(node, "settings/applications", "owner"), StringComparison.Ordinal);
        using var revoked = await PostAsync(node, "settings/applications/revoke", "alice", ("key", reader.Key));
        Assert.Equal(HttpStatusCode.SeeOther, revoked.StatusCode);
        Assert.Contains("No application acts for you", await ReadAsync(node, "settings/applications", "alice"), StringComparison.Ordinal);
        Assert.Empty(await node.Services.GetRequiredService<AccessDesk>().ListAsync(alice.Id));
    }

    [Fact]
    public async Task A_password_is_shown_once_and_opens_the_api_until_it_is_removed()
    {
        await using var node = await ApiNode.StartAsync();
        var alice = (await node.Node.JoinAsync("alice", "alice")).Value;

        using var made = await PostAsync(node, "settings/passwords", "alice", ("name", "<i>phone</i>"));
        Assert.Equal("no-store", made.Headers.CacheControl!.ToString());
        var page = await made.Content.ReadAsStringAsync();
        var password = Password().Match(page).Groups[1].Value;
        Assert.Contains("&lt;i&gt;phone&lt;/i&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain(password, await ReadAsync(node, "settings/passwords", "alice"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await VerifyAsync(node, "alice", password));

        var key = (await node.Services.GetRequiredService<PasswordDesk>().ListAsync(alice.Id)).Single().Key;
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(node, "settings/passwords", "alice", ("name", ""))).StatusCode);
        await node.JoinAsync("bob");
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(node, "settings/passwords/remove", "bob", ("key", key))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await VerifyAsync(node, "alice", password));
        Assert.Equal(HttpStatusCode.SeeOther, (await PostAsync(node, "settings/passwords/remove", "alice", ("key", key))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await VerifyAsync(node, "alice", password));
    }

    [Fact]
    public async Task No_form_counts_that_is_not_of_this_site()
    {
        await using var node = await ApiNode.StartAsync();
        await node.JoinAsync("alice");

        foreach (var path in new[]
        {
            "settings/applications", "settings/applications/change", "settings/applications/delete", "settings/applications/revoke", "settings/passwords", "settings/passwords/remove",
        })
        {
            using var forged = await SendAsync(node, Form(path, ("name", "x"), (ForgeryTokens.Field, "x")), "alice");
            Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
            using var signedOut = await SendAsync(node, Form(path, ("name", "x")), null);
            Assert.Equal(HttpStatusCode.Unauthorized, signedOut.StatusCode);
        }

        Assert.Empty(await ListAsync(node, "alice"));
    }

    [Fact]
    public async Task The_pages_are_there_only_where_programs_are_let_in()
    {
        await using var node = await ApiNode.StartAsync();
        await using var withoutPasswords = await ApiNode.StartAsync(api => api.AcceptBasic = false);
        await using var without = await ApiNode.StartAsync(services: services =>
        {
            foreach (var room in services.Where(service => service.ServiceType == typeof(ClientAccess)).ToList())
                services.Remove(room);
        });
        foreach (var one in new[] { node, withoutPasswords, without })
            await one.Node.JoinAsync("alice", "alice");

        Assert.Contains("/settings/applications\"", await ReadAsync(node, "settings", "alice"), StringComparison.Ordinal);
        Assert.Contains("/settings/passwords\"", await ReadAsync(node, "settings", "alice"), StringComparison.Ordinal);
        Assert.Contains("/settings/applications\"", await ReadAsync(withoutPasswords, "settings", "alice"), StringComparison.Ordinal);
        Assert.DoesNotContain("/settings/passwords\"", await ReadAsync(withoutPasswords, "settings", "alice"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(withoutPasswords, "settings/passwords", "alice")).StatusCode);
        Assert.DoesNotContain("/settings/applications\"", await ReadAsync(without, "settings", "alice"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(without, "settings/applications", "alice")).StatusCode);
    }

    private static async Task<IReadOnlyList<RegisteredApplication>> ListAsync(ApiNode node, string nickname) =>
        await node.Services.GetRequiredService<ApplicationDesk>().ListAsync((await node.Node.FindLocalAsync(nickname))!.Id);

    private static async Task<HttpStatusCode> VerifyAsync(ApiNode node, string nickname, string password)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, "api/account/verify_credentials.json"));
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{nickname}:{password}")));
        using var response = await node.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static Task<HttpResponseMessage> GetAsync(ApiNode node, string path, string user) =>
        SendAsync(node, new HttpRequestMessage(HttpMethod.Get, new Uri(node.Root, path)), user);

    private static async Task<string> ReadAsync(ApiNode node, string path, string user)
    {
        using var response = await GetAsync(node, path, user);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private static Task<HttpResponseMessage> PostAsync(ApiNode node, string path, string user, params (string Name, string Value)[] fields) =>
        SendAsync(node, Form(path, [.. fields, (ForgeryTokens.Field, node.Services.GetRequiredService<ForgeryTokens>().Issue(user, "/" + path))]), user);

    private static HttpRequestMessage Form(string path, params (string Name, string Value)[] fields) => new(HttpMethod.Post, path)
    {
        Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
    };

    private static Task<HttpResponseMessage> SendAsync(ApiNode node, HttpRequestMessage request, string? user)
    {
        if (user is not null)
            request.Headers.Add(ApiNode.UserHeader, user);
        return node.Client.SendAsync(request);
    }

    [GeneratedRegex("<input id=\"password\" value=\"([^\"]+)\"")]
    private static partial Regex Password();
}
