using System.Text;

namespace Microblog.Testing.Conformance.Wire;

/// <summary>One request and its answer, byte for byte as they went over the wire (inside TLS, where there is TLS).</summary>
/// <remarks>Recorded below HTTP: what a library would tidy up stands here as it was. At most <see cref="MaxBytes"/> are kept of each.</remarks>
public sealed class WireExchange
{
    /// <summary>How many bytes of a request, and of an answer, are kept.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly Lock gate = new();
    private readonly List<byte> sent = [];
    private readonly List<byte> received = [];

    internal WireExchange(string peer) => Peer = peer;

    /// <summary>The other side: an address, or that it came to the kit's own server.</summary>
    public string Peer { get; }

    /// <summary>What the kit sent.</summary>
    public byte[] Sent => Copy(sent);

    /// <summary>What the other side sent.</summary>
    public byte[] Received => Copy(received);

    /// <summary>The signature base string and the key of a request whose signature was refused; empty otherwise.</summary>
    internal string Signed { get; set; } = "";

    /// <summary>Bytes as text for people: printable ASCII and line ends as they are, all else as <c>\xHH</c>.</summary>
    /// <remarks>Nothing that a peer sends can move the cursor of a terminal or break an XML file.</remarks>
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        var shown = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
        {
            if (value is (byte)'\n' or (>= 0x20 and < 0x7f))
                shown.Append((char)value);
            else if (value != (byte)'\r')
                shown.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{value:x2}");
        }

        return shown.ToString();
    }

    internal void AddSent(ReadOnlySpan<byte> bytes) => Add(sent, bytes);

    internal void AddReceived(ReadOnlySpan<byte> bytes) => Add(received, bytes);

    private byte[] Copy(List<byte> kept)
    {
        lock (gate)
            return [.. kept];
    }

    private void Add(List<byte> kept, ReadOnlySpan<byte> bytes)
    {
        lock (gate)
            kept.AddRange(bytes[..Math.Min(bytes.Length, MaxBytes - kept.Count)]);
    }
}
