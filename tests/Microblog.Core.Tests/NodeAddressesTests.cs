using Microsoft.Extensions.Options;

namespace Microblog.Tests;

public sealed class NodeAddressesTests
{
    [Theory]
    [InlineData("https://notes.example/alice")]
    [InlineData("https://notes.example")]
    [InlineData("http://notes.example/alice")]
    [InlineData("HTTPS://NOTES.Example:443/user/1")]
    [InlineData("http://notes.example:80/")]
    [InlineData("https://notes.example:80/")]
    [InlineData("https://notes.example./alice")]
    [InlineData("https://notes.example/%61lice")]
    [InlineData(" https://notes.example/alice ")]
    [InlineData("https://somebody@notes.example/alice")]
    [InlineData("ftp://notes.example/alice")]
    [InlineData("https://old.example/notes/alice")]
    [InlineData("http://old.example/NOTES")]
    [InlineData("https://old.example/%6e%6Ftes/alice")]
    [InlineData("https://old.example/%256eotes/alice")]
    [InlineData("https://old.example/x/../notes/alice")]
    [InlineData("https://old.example/notes%2Falice")]
    [InlineData("https://xn--bcher-kva.example/a")]
    [InlineData("https://BÜCHER.example/a")]
    [Trait("Clause", "OMB-41")]
    public void An_address_under_a_present_or_former_base_is_ours_however_it_is_written(string address) => Assert.True(Addresses().IsOwn(address));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("notes.example/alice")]
    [InlineData("https://notes.example.evil.example/alice")]
    [InlineData("https://evil.example/https://notes.example/")]
    [InlineData("https://notes.example@evil.example/")]
    [InlineData("https://notes.example:8443/alice")]
    [InlineData("https://old.example/")]
    [InlineData("https://old.example/notesandmore")]
    [InlineData("https://old.example/x/notes")]
    [InlineData("tag:somebody.example,2008:1")]
    [InlineData("https://sub.notes.example/")]
    [Trait("Clause", "OMB-41")]
    public void Other_addresses_are_not(string? address) => Assert.False(Addresses().IsOwn(address));

    [Fact]
    public void New_addresses_begin_with_the_base_and_name_numbers_not_nicknames()
    {
        var addresses = new NodeAddresses(Options.Create(new MicroblogOptions { BaseUri = new Uri("https://site.example/notes/") }));

        Assert.Equal("https://site.example/notes/", addresses.Root);
        Assert.Equal("https://site.example/notes/alice", addresses.ProfileUrl("alice"));
        Assert.Equal("https://site.example/notes/user/7", addresses.ProfileUri(new ProfileId(7)));
        Assert.Equal("https://site.example/notes/notice/8", addresses.NoticeUri(new NoticeId(8)));
        Assert.Equal("/notes", addresses.PathBase);
        Assert.Equal("https://site.example", addresses.Origin);
    }

    private static NodeAddresses Addresses()
    {
        var options = new MicroblogOptions { BaseUri = new Uri("https://notes.example/") };
        options.FormerBaseUris.Add(new Uri("https://old.example/notes/"));
        var addresses = new NodeAddresses(Options.Create(options));
        addresses.AddFormer(new Uri("https://bücher.example/"));
        return addresses;
    }
}
