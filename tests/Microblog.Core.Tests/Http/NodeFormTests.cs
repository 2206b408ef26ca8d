using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Http;

namespace Microblog.Tests.Http;

public sealed class NodeFormTests
{
    [Theory]
    [InlineData("a=1&b=2", "a", "1")]
    [InlineData("a=1&a=2", "a", "1")]
    [InlineData("a=x+y%2Bz%26", "a", "x y+z&")]
    [InlineData("a=b=c", "a", "b=c")]
    [InlineData("a", "a", "")]
    [InlineData("&&a=1&", "a", "1")]
    [InlineData("%61=1", "a", "1")]
    [InlineData("a=%C3%BC%F0%9F%99%82", "a", "ü🙂")]
    public void A_field_is_decoded_once_and_its_first_value_counts(string body, string name, string value) =>
        Assert.Equal(value, Form(Encoding.UTF8.GetBytes(body))[name]);

    [Theory]
    [InlineData("a=%zz")]
    [InlineData("a=%")]
    [InlineData("a=%FF%FE")]
    [InlineData("a=%uD800")]
    [InlineData("a=%ED%A0%80")]
    public void What_is_no_text_never_becomes_half_a_character(string body) =>
        Assert.DoesNotContain(Form(Encoding.UTF8.GetBytes(body))["a"], char.IsSurrogate);

    [Fact]
    public void Any_bytes_can_be_asked_for_any_field() => Prop.ForAll<byte[], string>((bytes, name) =>
    {
        var form = Form(bytes ?? []);
        Assert.NotNull(form[name ?? ""]);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100_000));

    private static NodeForm Form(byte[] body) => NodeForm.OfBody(new NodeRequest
    {
        Method = "POST",
        Origin = "https://here.example",
        RawTarget = "/",
        Headers = new Dictionary<string, Microsoft.Extensions.Primitives.StringValues>(),
        Body = body,
    });
}
