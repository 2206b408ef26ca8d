"""Checks a PNG on standard input against its specification without any PNG library; prints width, height and the colours used."""
import struct
import sys
import zlib

data = sys.stdin.buffer.read()
assert data[:8] == b"\x89PNG\r\n\x1a\n", "signature"
at, chunks = 8, []
while at < len(data):
    length, kind = struct.unpack(">I4s", data[at:at + 8])
    body = data[at + 8:at + 8 + length]
    (crc,) = struct.unpack(">I", data[at + 8 + length:at + 12 + length])
    assert crc == zlib.crc32(kind + body), "checksum of %r" % kind
    chunks.append((kind, body))
    at += 12 + length
assert [kind for kind, _ in chunks] == [b"IHDR", b"PLTE", b"IDAT", b"IEND"], "order of chunks"
width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
assert (depth, colour, compression, filtering, interlace) == (8, 3, 0, 0, 0), "header"
palette, raw = chunks[1][1], zlib.decompress(chunks[2][1])
assert len(palette) % 3 == 0 and len(raw) == height * (width + 1), "sizes"
rows = [raw[i:i + width + 1] for i in range(0, len(raw), width + 1)]
assert all(row[0] == 0 for row in rows), "filters"
used = set(b"".join(row[1:] for row in rows))
assert max(used) < len(palette) // 3, "palette index"
assert all(row[1:] == row[:0:-1] for row in rows), "symmetry"
print(width, height, len(used))
