using Microblog.Http;
using Microblog.Identity;
using Microblog.Storage;
using Microblog.Storage.InMemory;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microblog.AspNetCore.Tests.Hosting;

public sealed class StartTests
{
    [Fact]
    public void Outside_Development_the_base_address_is_required_and_the_message_names_the_remedy()
    {
        using var app = Build("Production", "--urls", "http://127.0.0.1:5000");
        var e = Assert.Throws<OptionsValidationException>(() => app.Services.GetRequiredService<IOptions<MicroblogOptions>>().Value);
        Assert.Contains("MicroblogOptions.BaseUri is not set", e.Message, StringComparison.Ordinal);
        Assert.Contains("https://notes.example/", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5123", "http://127.0.0.1:5123/")]
    [InlineData("http://*:5123", "http://localhost:5123/")]
    [InlineData("http://0.0.0.0:5123;https://0.0.0.0:5124", "http://localhost:5123/")]
    [InlineData("http://[::]:5123", "http://localhost:5123/")]
    [InlineData("http://127.0.0.1:0", "http://localhost:5000/")]
    public void In_Development_the_address_where_the_application_listens_will_do(string urls, string expected)
    {
        using var app = Build("Development", "--urls", urls);
        Assert.Equal(expected, app.Services.GetRequiredService<NodeAddresses>().Root);
    }

    [Fact]
    public void There_is_no_default_licence()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMicroblogCore(o => o.BaseUri = new Uri("https://notes.example/"));
        using var provider = services.BuildServiceProvider();
        var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<MicroblogOptions>>().Value);
        Assert.Contains("License.CcBy40", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_the_node_twice_is_harmless()
    {
        await using var once = await TestNode.StartAsync();
        await using var twice = await TestNode.StartAsync(services: s => s.AddMicroblog(o => o.SiteName = "Twice"));
        Assert.Equal(
            once.Services.GetRequiredService<NodeRouter>().Routes.Select(r => (r.Method, r.Template)),
            twice.Services.GetRequiredService<NodeRouter>().Routes.Select(r => (r.Method, r.Template)));
        Assert.Contains("Twice", await twice.ReadAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sealed_secret_opens_only_whole_and_only_here()
    {
        await using var node = await TestNode.StartAsync();
        var protector = node.Services.GetRequiredService<ISecretProtector>();
        var secret = "a secret"u8.ToArray();
        var box = protector.Protect(secret);
        Assert.Equal(secret, protector.Unprotect(box));
        Assert.Equal(-1, box.AsSpan().IndexOf(secret));
        Assert.Null(protector.Unprotect(secret));
        box[^1] ^= 1;
        Assert.Null(protector.Unprotect(box));
        Assert.Null(protector.Unprotect([]));
    }

    [Fact]
    public async Task Somebody_signed_in_without_a_key_is_nobody()
    {
        await using var node = await TestNode.StartAsync(web: o => o.SubjectClaim = "sub");
        using var response = await node.GetAsync("/home", "alice");
        Assert.Equal(401, (int)response.StatusCode);
    }

    private static WebApplication Build(string environment, params string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, Args = args });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IMicroblogStore, InMemoryStore>();
        builder.Services.AddMicroblog(o => o.License = License.CcBy40);
        return builder.Build();
    }
}
