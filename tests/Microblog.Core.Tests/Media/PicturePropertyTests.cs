using FsCheck;
using FsCheck.Fluent;
using Microblog.Media;

namespace Microblog.Tests.Media;

/// <summary>Whatever comes in: nothing is thrown, what comes out is hardly larger, and cleaning it again changes nothing.</summary>
public sealed class PicturePropertyTests
{
    // What may be written anew: an APP0, an APP1 and an APP14 of JPEG, or one chunk for the orientation.
    private const int Fresh = 80;

    private static readonly byte[][] Pictures = [.. PicturesByOthers.Kept.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)];

    [Fact]
    public void Of_any_bytes() => Prop.ForAll<byte[]>(bytes => Check(bytes)).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_pictures_in_which_something_was_changed() => Check(
        from picture in Gen.Elements(Pictures)
        from changes in Gen.Choose(0, int.MaxValue).Two().ListOf(6)
        select Change(picture, changes));

    [Fact]
    public void Of_pictures_put_together_from_pieces() => Check(
        from one in Gen.Elements(Pictures)
        from other in Gen.Elements(Pictures)
        from cuts in Gen.Choose(0, int.MaxValue).Three()
        select (byte[])[.. one[..(cuts.Item1 % one.Length)], .. other[(cuts.Item2 % other.Length)..], .. one[(cuts.Item3 % one.Length)..]]);

    private static void Check(Gen<byte[]> bytes) =>
        Prop.ForAll(bytes.ToArbitrary(), input => Check(input)).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static bool Check(byte[] input)
    {
        if (!PictureCleaner.Clean(input).IsDone(out var once, out var problem))
            return problem.Length > 0;
        return once.Content.Length <= input.Length + Fresh
            && PictureCleaner.Clean(once.Content).IsDone(out var twice, out _)
            && once.Content.Span.SequenceEqual(twice.Content.Span)
            && (once.MediaType, once.Width, once.Height) == (twice.MediaType, twice.Width, twice.Height)
            && (long)once.Width * once.Height is > 0 and <= PictureCleaner.MaxPixels;
    }

    // Bytes changed, left out or doubled, mostly near the beginning, where the structure is.
    private static byte[] Change(byte[] picture, IEnumerable<(int Where, int How)> changes)
    {
        var bytes = picture.ToList();
        foreach (var (where, how) in changes)
        {
            var at = where % Math.Max(1, how % 2 == 0 ? bytes.Count : Math.Min(bytes.Count, 200));
            switch (how / 2 % 8)
            {
                case 0:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, how / 16 % 40));
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, how / 16 % 40)));
                    break;
                default:
                    bytes[at] = (byte)(how / 16);
                    break;
            }
        }

        return [.. bytes];
    }
}
