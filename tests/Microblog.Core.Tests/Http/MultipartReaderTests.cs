using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Http;

namespace Microblog.Tests.Http;

public sealed class MultipartReaderTests
{
    [Theory]
    [InlineData("multipart/form-data; boundary=abc", "abc")]
    [InlineData("multipart/form-data; charset=utf-8; Boundary=\"a:b\"", "a:b")]
    [InlineData("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", "----WebKitFormBoundary7MA4YWxkTrZu0gW")]
    [InlineData("multipart/form-data", null)]
    [InlineData("multipart/form-data; boundary=", null)]
    [InlineData("multipart/form-data; boundary=a b", null)]
    [InlineData("multipart/form-data; boundary=a\r\nb", null)]
    [InlineData("multipart/form-data; boundary=12345678901234567890123456789012345678901234567890123456789012345678901", null)]
    public void The_boundary_is_read_from_the_media_type(string type, string? boundary) => Assert.Equal(boundary, MultipartReader.BoundaryOf(type));

    [Theory]
    [InlineData(" form-data; name=\"a\"", "a", false, false)]
    [InlineData("form-data; name=a; filename=x", "a", true, true)]
    [InlineData("form-data; name=\"a\"; filename=\"\"", "a", true, false)]
    [InlineData("form-data; filename=\"na\\\"me=\\\"b\"; name=\"a\"", "a", true, true)]
    [InlineData("form-data; name=\"a\"; filename=\"; name=b\"", "a", true, true)]
    [InlineData("form-data; name=\"a\"; filename*=UTF-8''x", "a", true, true)]
    [InlineData("form-data; name=\"a\"; name=\"b\"", "a", false, false)]
    [InlineData("file; name=\"a\"; filename=\"x\"", "a", true, true)]
    [InlineData("file; name=\"a\"", "a", true, false)]
    public void A_part_says_its_field_and_whether_it_is_a_file_that_was_chosen(string header, string name, bool isFile, bool isChosen) =>
        Assert.Equal(new MultipartPart(name, isFile, isChosen), MultipartPart.Parse(header));

    [Theory]
    [InlineData("attachment; name=\"a\"")]
    [InlineData("file")]
    [InlineData("filed; name=\"a\"")]
    [InlineData("form-data")]
    [InlineData("form-data; name=\"\"")]
    [InlineData("form-data; name=\"a")]
    [InlineData("form-data; name=\"a\" x")]
    public void Anything_else_is_no_part_of_a_form(string header) => Assert.Null(MultipartPart.Parse(header));

    /// <summary>Whatever the contents and however the bytes come in pieces: the parts come out as they went in.</summary>
    [Fact]
    public void What_was_put_in_comes_out() => Prop.ForAll(
        (from contents in Gen.Elements("", "\r", "\r\n", "\r\n-", "\r\n--", "\r\n--b", "--bb", "x", "\n--bb\r\n", new string('y', 70_000)).ListOf(3)
             .Select(pieces => string.Concat(pieces)).ListOf(4)
         from step in Gen.Choose(1, 9_000)
         select (contents.Where(content => !content.Contains("\r\n--bb", StringComparison.Ordinal)).ToList(), step)).ToArbitrary(),
        input =>
        {
            var (contents, step) = input;
            var body = string.Concat(contents.Select((content, i) => $"--bb\r\nContent-Disposition: form-data; name=\"f{i}\"\r\n\r\n{content}\r\n")) + "--bb--";
            var read = ReadAll(new MultipartReader(new Pieces(Encoding.ASCII.GetBytes(body), step), "bb"));
            return read.SequenceEqual(contents.Select((content, i) => ($"f{i}", content)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    /// <summary>Whatever comes: it ends, and what is wrong is said with a status.</summary>
    [Fact]
    public void Whatever_comes_is_read_or_refused() => Prop.ForAll(
        (from pieces in Gen.Elements("--b", "--", "\r\n", "\n", "Content-Disposition: form-data; name=\"a\"", "Content-Disposition: form-data; name=a; filename=\"x\\", "\0", "é", ":", new string('z', 9_000))
             .ListOf(12)
         from step in Gen.Choose(1, 100)
         select (string.Concat(pieces), step)).ToArbitrary(),
        input =>
        {
            try
            {
                ReadAll(new MultipartReader(new Pieces(Encoding.UTF8.GetBytes("--b\r\n" + input.Item1), input.step), "b"));
            }
            catch (NodeBodyException e)
            {
                return e.Status is 400 or 413;
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public async Task More_than_was_asked_for_is_not_held()
    {
        var body = Encoding.ASCII.GetBytes("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + new string('x', 1_000_000) + "\r\n--b--");
        var stream = new Pieces(body, 1_000);
        var reader = new MultipartReader(stream, "b");
        await reader.NextAsync(default);
        Assert.Null(await reader.ReadAsync(10_000, default));
        Assert.True(stream.Taken < 20_000);
    }

    private static List<(string Name, string Content)> ReadAll(MultipartReader reader)
    {
        var list = new List<(string Name, string Content)>();
        while (reader.NextAsync(default).AsTask().GetAwaiter().GetResult() is { } part)
        {
            if (reader.ReadAsync(1_000_000, default).AsTask().GetAwaiter().GetResult() is not { } content)
                return list;
            list.Add((part.Name, Encoding.UTF8.GetString(content.Span)));
        }

        return list;
    }

    /// <summary>Gives its bytes a few at a time.</summary>
    private sealed class Pieces(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public long Taken => Position;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
