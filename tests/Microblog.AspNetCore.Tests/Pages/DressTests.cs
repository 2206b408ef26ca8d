using Microblog.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Microblog.AspNetCore.Tests.Pages;

public sealed class DressTests
{
    [Fact]
    public async Task A_host_puts_its_own_layout_around_the_pages()
    {
        await using var node = await TestNode.StartAsync(web: o => o.Layout = typeof(HostLayout));
        var html = await node.ReadAsync("/");
        Assert.StartsWith("<html><title>Public timeline</title><h1>Public timeline</h1>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("microblog.css", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_replaces_a_page_and_adds_its_own()
    {
        await using var node = await TestNode.StartAsync(
            web: o =>
            {
                o.Components[typeof(MessagePage)] = typeof(HostMessage);
                o.Components[typeof(HostPage)] = typeof(HostPageView);
            },
            pipeline: app => app.MapGet("/site/hello", () => new MicroblogPageResult(new HostPage("<world>"), 202)));
        Assert.Contains("<em>Nothing here</em>", await node.ReadAsync("/nobody"), StringComparison.Ordinal);
        using var response = await node.GetAsync("/site/hello", "alice");
        Assert.Equal(202, (int)response.StatusCode);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var html = await response.Content.ReadAsStringAsync();
        Assert.Contains("Hello &lt;world&gt;", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/join\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_navigation_offers_what_the_viewer_can_do()
    {
        await using var node = await TestNode.StartAsync(web: o => (o.SignInPath, o.SignOutPath) = ("/in", "/out"));
        await node.JoinAsync("alice");
        var visitor = await node.ReadAsync("/");
        Assert.Contains("href=\"/in\"", visitor, StringComparison.Ordinal);
        Assert.DoesNotContain("/out", visitor, StringComparison.Ordinal);
        var person = await node.ReadAsync("/", "alice");
        Assert.Contains("action=\"/out\"", person, StringComparison.Ordinal);
        Assert.Contains("href=\"/home\"", person, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/queue\"", person, StringComparison.Ordinal);
        Assert.Contains("href=\"/queue\"", await node.ReadAsync("/", "alice;operator"), StringComparison.Ordinal);
    }

    public sealed class HostLayout : LayoutComponentBase
    {
        [Parameter]
        public Page? Page { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "html");
            builder.OpenElement(1, "title");
            builder.AddContent(2, Page!.Title);
            builder.CloseElement();
            builder.AddContent(3, Body);
            builder.CloseElement();
        }
    }

    public sealed class HostMessage : ComponentBase
    {
        [Parameter]
        public MessagePage? Model { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "em");
            builder.AddContent(1, Model!.Heading);
            builder.CloseElement();
        }
    }

    public sealed record HostPage(string Name) : Page
    {
        public override string Title => "Hello";
    }

    public sealed class HostPageView : ComponentBase
    {
        [Parameter]
        public HostPage? Model { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, "Hello " + Model!.Name);
    }
}
