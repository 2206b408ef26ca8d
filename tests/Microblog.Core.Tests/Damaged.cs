namespace Microblog.Core.Tests;

/// <summary>Bytes as they may arrive.</summary>
internal static class Damaged
{
    /// <summary>The bytes with a few of them changed, missing or there twice.</summary>
    public static byte[] Copy(byte[] bytes, Random random, int mostChanges)
    {
        var damaged = bytes.ToList();
        for (var changes = random.Next(1, mostChanges + 1); changes > 0 && damaged.Count > 0; changes--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.RemoveRange(at, Math.Min(random.Next(40), damaged.Count - at));
                    break;
                case 2:
                    damaged.InsertRange(at, damaged.GetRange(at, Math.Min(random.Next(40), damaged.Count - at)));
                    break;
                default:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. damaged];
    }
}
