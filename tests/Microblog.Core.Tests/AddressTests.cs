namespace Microblog.Tests;

/// <summary>Which addresses from outside are taken: they are stored, looked up and shown.</summary>
public sealed class AddressTests
{
    [Theory]
    [Trait("Clause", "OMB-40")]
    [InlineData("tag:there.example,2009:", 'a', 1)]
    [InlineData("https://there.example/", 'a', 1)]
    [InlineData("https://there.example/", 'č', 2)]
    [InlineData("https://there.example/", '字', 3)]
    public void An_address_has_at_most_2048_bytes(string start, char filler, int bytes)
    {
        var longest = start + new string(filler, (2048 - start.Length) / bytes);

        Assert.True(ProfileUri.TryParse(longest, out _));
        Assert.True(NoticeUri.TryParse(longest, out _));
        Assert.Equal(start.StartsWith("https:", StringComparison.Ordinal), WebAddress.IsValid(longest));
        Assert.False(ProfileUri.TryParse(longest + filler, out _));
        Assert.False(NoticeUri.TryParse(longest + filler, out _));
        Assert.False(WebAddress.IsValid(longest + filler));
    }

    [Theory]
    [InlineData("https://there.example/", '\ud83c')]
    [InlineData("https://there.example/", '\udf88')]
    [InlineData("https://there.example/", '\0')]
    [InlineData("tag:there.example,2009:", '\ud83c')]
    public void An_address_that_a_store_cannot_keep_is_none(string start, char end)
    {
        var text = start + end;

        Assert.False(ProfileUri.TryParse(text, out _));
        Assert.False(NoticeUri.TryParse(text, out _));
        Assert.False(WebAddress.IsValid(text));
    }

    [Fact]
    public void A_whole_surrogate_pair_is_text() => Assert.True(ProfileUri.TryParse("https://there.example/🎈", out _));
}
