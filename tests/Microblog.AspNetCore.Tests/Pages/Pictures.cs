namespace Microblog.AspNetCore.Tests.Pages;

/// <summary>What people upload in tests.</summary>
internal static class Pictures
{
    /// <summary>Six by four pixels, as Pillow writes it: palette of two, one comment with a secret.</summary>
    public static byte[] Gif { get; } =
        [.. "GIF89a"u8, 6, 0, 4, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x21, 0xFE, 6, .. "SECRET"u8, 0, 0x2C, 0, 0, 0, 0, 6, 0, 4, 0, 0, 2, 3, 0x84, 0x8F, 0x05, 0, 0x3B];
}
