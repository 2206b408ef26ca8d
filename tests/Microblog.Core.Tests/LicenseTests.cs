namespace Microblog.Tests;

/// <summary>The rule of openmicroblogging.md §10.</summary>
public sealed class LicenseTests
{
    private const string Cc = "https://creativecommons.org/licenses/";

    [Theory]
    // Attribution and public domain always.
    [InlineData(Cc + "by/4.0/", Cc + "by-nc-nd/4.0/", true)]
    [InlineData("http://creativecommons.org/licenses/by/3.0/us", "https://own.example/terms", true)]
    [InlineData(Cc + "publicdomain/", Cc + "by-sa/3.0/", true)]
    [InlineData("https://creativecommons.org/publicdomain/zero/1.0/", Cc + "by/4.0/", true)]
    // Share-alike on either side: the terms must be a subset of the site's.
    [InlineData(Cc + "by-sa/3.0/", Cc + "by-sa/4.0/de/", true)]
    [InlineData(Cc + "by-sa/3.0/", Cc + "by/4.0/", false)]
    [InlineData(Cc + "by-nc/3.0/", Cc + "by-nc-sa/4.0/", true)]
    [InlineData(Cc + "by-nd/3.0/", Cc + "by-nc-sa/4.0/", false)]
    // Else the same.
    [InlineData(Cc + "by-nc/3.0/", "http://www.creativecommons.org/licenses/by-nc/2.0", true)]
    [InlineData(Cc + "by-nc/3.0/", Cc + "by-nc-nd/3.0/", false)]
    [InlineData("https://own.example/terms", "https://own.example/terms", true)]
    [InlineData("https://own.example/terms", "https://own.example/terms/", false)]
    [InlineData("https://own.example/terms", Cc + "by/4.0/", false)]
    [InlineData("https://creativecommons.org.evil.example/licenses/by/4.0/", Cc + "by/4.0/", false)]
    [Trait("Quirk", "Q35")]
    public void A_licence_fits_a_site_by_its_terms(string notice, string site, bool fits) =>
        Assert.Equal(fits, new License(notice).IsCompatibleWith(new License(site)));

    [Theory]
    [InlineData("")]
    [InlineData("CC-BY")]
    [InlineData("javascript:alert(1)")]
    public void A_licence_is_named_by_a_web_address(string url) => Assert.Throws<ArgumentException>(() => new License(url));
}
