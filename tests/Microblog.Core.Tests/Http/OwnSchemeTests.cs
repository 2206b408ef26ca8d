using Microblog.Http;

namespace Microblog.Core.Tests.Http;

public sealed class OwnSchemeTests
{
    [Theory]
    [InlineData("com.example.app:/done")]
    [InlineData("com.example.app:/")]
    [InlineData("com.example.app://done?x=1&y=a%20b")]
    [InlineData("COM.Example.App:/Done")]
    [InlineData("myapp://done")]
    [InlineData("x-oauthflow-twitter://callback/a?b")]
    [InlineData("my+app2://done:80/@me")]
    public void A_scheme_of_a_programs_own_is_admitted(string text) => Assert.True(OwnScheme.IsValid(text));

    [Theory]
    // What browsers and systems do something of their own by, in every spelling.
    [InlineData("javascript:alert(1)")]
    [InlineData("javascript://x/%0aalert(1)")]
    [InlineData("JavaScript://x/%0aalert(1)")]
    [InlineData("vbscript://x")]
    [InlineData("data://text/html,x")]
    [InlineData("data:text/html,x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("file://host/share")]
    [InlineData("blob://x")]
    [InlineData("filesystem://x")]
    [InlineData("about://blank")]
    [InlineData("view-source://x")]
    [InlineData("intent://x#Intent;end")]
    [InlineData("android-app://com.example")]
    [InlineData("ms-msdt://x")]
    [InlineData("search-ms://x")]
    [InlineData("chrome://settings")]
    [InlineData("chrome-extension://x")]
    [InlineData("moz-extension://x")]
    [InlineData("web+x://y")]
    [InlineData("ftp://a.example/")]
    [InlineData("ws://a.example/")]
    [InlineData("tel://1")]
    [InlineData("shortcuts://run-shortcut?name=x")]
    [InlineData("itmss://x")]
    [InlineData("macappstores://x")]
    [InlineData("app-prefs://x")]
    [InlineData("facetime-audio://1")]
    [InlineData("afp://host/share")]
    [InlineData("cifs://host/share")]
    [InlineData("davs://host/share")]
    [InlineData("admin://host/etc")]
    [InlineData("apt://x")]
    [InlineData("package://x")]
    [InlineData("upi://pay?pa=x")]
    [InlineData("otpauth://totp/x")]
    [InlineData("windowsdefender://x")]
    [InlineData("onenote://x")]
    [InlineData("vscode://x")]
    // A dot alone makes no domain.
    [InlineData("x-apple.systempreferences:/x")]
    [InlineData("x-apple.systempreferences://x")]
    [InlineData("vnd.libreoffice.command://x")]
    [InlineData("vnd.youtube://x")]
    [InlineData("ms-settings.x://y")]
    // Web addresses are none, whatever they are.
    [InlineData("http://a.example/")]
    [InlineData("https://a.example/")]
    // Neither name nor path.
    [InlineData("myapp:done")]
    [InlineData("myapp:/done")]
    [InlineData("myapp://")]
    [InlineData("myapp:///done")]
    [InlineData("myapp://?x")]
    [InlineData("com.example.app:done")]
    [InlineData("com.example.app:")]
    // A host and a port.
    [InlineData("example.com:8080/done")]
    [InlineData("127.0.0.1:/done")]
    [InlineData("localhost://done")]
    // What is no scheme.
    [InlineData("com..app:/done")]
    [InlineData(".app:/done")]
    [InlineData("app.:/done")]
    [InlineData("1app://done")]
    [InlineData("my_app://done")]
    [InlineData("my app://done")]
    [InlineData("://done")]
    [InlineData("/done")]
    [InlineData("done")]
    [InlineData("")]
    [InlineData(null)]
    // What misleads, or stands in no header and no policy.
    [InlineData("myapp://done#x")]
    [InlineData("myapp://user@done")]
    [InlineData("com.example.app://user:word@done")]
    [InlineData("myapp://done;\u00E4")]
    [InlineData("my\u0430pp://done")]
    [InlineData("myapp://do ne")]
    [InlineData("myapp://done\r\nSet-Cookie: x")]
    [InlineData("myapp://done\0")]
    [InlineData("myapp://done\\x")]
    [InlineData("myapp://done\"")]
    [InlineData("myapp://done<x>")]
    [InlineData("a;script-src *.x:/done")]
    public void Nothing_else_is(string? text) => Assert.False(OwnScheme.IsValid(text));

    [Fact]
    public void Its_length_is_bounded()
    {
        const string Start = "myapp://";
        Assert.True(OwnScheme.IsValid(Start + new string('x', OwnScheme.MaxLength - Start.Length)));
        Assert.False(OwnScheme.IsValid(Start + new string('x', OwnScheme.MaxLength + 1 - Start.Length)));
        Assert.False(OwnScheme.IsValid(new string('x', 65) + "://done"));
    }
}
