using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Microblog.Media;
using Microblog.Tests.Foreign;

namespace Microblog.Tests.Media;

public sealed class IdenticonTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public void Every_text_has_a_small_picture_of_96_by_96() => Prop.ForAll<string>(text =>
    {
        var png = Identicon.Create(text ?? "");
        Assert.True(ImageHeader.TryRead(png, out var format, out var width, out var height));
        Assert.Equal((ImageFormat.Png, 96, 96), (format, width, height));
        Assert.InRange(png.Length, 100, 1023);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_same_text_has_the_same_picture_and_others_have_others()
    {
        Assert.Equal(Identicon.Create("https://a.example/1"), Identicon.Create("https://a.example/1"));
        var pictures = Enumerable.Range(0, 500).Select(i => Convert.ToHexString(Identicon.Create($"https://a.example/{i}"))).ToHashSet();
        Assert.Equal(500, pictures.Count);
    }

    [ForeignFact(Python)]
    public async Task A_reader_that_we_did_not_write_accepts_the_picture()
    {
        foreach (var text in new[] { "", "https://beta.example.net/id/42", "tag:b\u00fccher.example,2009:\U0001F600" })
            Assert.StartsWith("96 96 ", await CheckAsync(Identicon.Create(text)), StringComparison.Ordinal);
    }

    private static async Task<string> CheckAsync(byte[] png)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "foreign", "png_check.py");
        using var process = Process.Start(new ProcessStartInfo(Python, [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(png);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
