"""Pictures that tell of people and places, made and read by programs that are not ours (Pillow, ExifTool).

pictures.py make FOLDER   writes them; each holds the word SECRET in every corner that its format has
pictures.py read FOLDER   says of each, as one JSON object: media type, size as shown, a digest of every frame's pixels, and what ExifTool finds
"""
import hashlib
import io
import json
import pathlib
import random
import struct
import subprocess
import sys
import zlib

from PIL import Image, ImageCms, ImageOps, ImageSequence, PngImagePlugin

WIDTH, HEIGHT = 24, 16
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description ' \
      b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="SECRET-xmp"/></rdf:RDF></x:xmpmeta>'


def picture(seed, mode="RGB"):
    chance = random.Random(seed)
    small = Image.new("RGB", (6, 4))
    small.putdata([(chance.randrange(256), chance.randrange(256), chance.randrange(256)) for _ in range(24)])
    return small.resize((WIDTH, HEIGHT), Image.BICUBIC).convert(mode)


def exif(orientation=None):
    data = Image.Exif()
    data[0x010F] = "SECRET-make"
    data[0x0110] = "SECRET-model"
    data[0x013B] = "SECRET-artist"
    if orientation:
        data[0x0112] = orientation
    return data


def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exiftool(path, *arguments):
    subprocess.run(["exiftool", "-q", "-q", "-m", "-overwrite_original", *arguments, str(path)], check=True)


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def interlaced(path):
    """Adam7 from the specification (PNG 8.2), for Pillow writes none: rows of each pass, filter 0."""
    image, data = picture(9), b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for y in range(y0, HEIGHT, dy):
            data += b"\0" + b"".join(bytes(image.getpixel((x, y))) for x in range(x0, WIDTH, dx))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 1))
                     + chunk(b"tEXt", b"Comment\0SECRET-text") + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def make(folder):
    def path(name):
        return folder / name

    def jpeg(name, image, **more):
        image.save(path(name), "JPEG", exif=more.pop("exif", exif()), comment=b"SECRET-comment", icc_profile=more.pop("icc", profile()), **more)
        exiftool(path(name), "-XMP-dc:Source=SECRET-xmp", "-IPTC:City=SECRET-city", "-GPSLatitude=50.94", "-GPSLatitudeRef=N",
                 "-GPSAreaInformation=SECRET-gps", "-Comment=SECRET-comment")

    jpeg("baseline.jpg", picture(1))
    jpeg("full.jpg", picture(1), subsampling=0, quality=95)
    jpeg("progressive.jpg", picture(2), progressive=True)
    jpeg("grey.jpg", picture(3, "L"), icc=None)
    jpeg("cmyk.jpg", picture(3, "CMYK"), icc=None)
    for orientation in range(1, 9):
        jpeg("turned%d.jpg" % orientation, picture(4), exif=exif(orientation))
    with io.BytesIO() as thumbnail:
        picture(5).save(thumbnail, "JPEG", comment=b"SECRET-thumbnail")
        jpeg("thumbnail.jpg", picture(5), restart_marker_blocks=1)
        (folder / "thumb.tmp").write_bytes(thumbnail.getvalue())
        exiftool(path("thumbnail.jpg"), "-ThumbnailImage<=" + str(folder / "thumb.tmp"))
        (folder / "thumb.tmp").unlink()
    picture(6).save(path("several.jpg"), "MPO", save_all=True, append_images=[picture(7)], exif=exif())

    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "SECRET-text")
    text.add_text("Author", "SECRET-compressed", zip=True)
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    for name, mode, more in [("plain.png", "RGB", {}), ("alpha.png", "RGBA", {}), ("palette.png", "P", {"transparency": 3}), ("grey.png", "L", {}),
                             ("bits.png", "1", {}), ("turned6.png", "RGB", {"exif": exif(6)})]:
        more = {"exif": exif(), **more}
        picture(8, mode).save(path(name), "PNG", pnginfo=text, icc_profile=profile(), dpi=(72, 72), **more)
    Image.frombytes("I;16", (WIDTH, HEIGHT), random.Random(8).randbytes(WIDTH * HEIGHT * 2)).save(path("deep.png"), "PNG", pnginfo=text)
    frames = [picture(seed) for seed in range(10, 14)]
    frames[0].save(path("moving.png"), "PNG", save_all=True, append_images=frames[1:], duration=80, loop=3, pnginfo=text, exif=exif())
    frames[0].save(path("poster.png"), "PNG", save_all=True, append_images=frames[1:], default_image=True, pnginfo=text)
    interlaced(path("interlaced.png"))

    picture(15, "P").save(path("still.gif"), "GIF", comment=b"SECRET-comment")
    frames = [picture(seed, "P") for seed in range(16, 20)]
    frames[0].save(path("moving.gif"), "GIF", save_all=True, append_images=frames[1:], duration=[50, 60, 70, 80], loop=0, comment=b"SECRET-comment", disposal=2)
    for name in ("still.gif", "moving.gif"):
        exiftool(path(name), "-XMP-dc:Source=SECRET-xmp")

    for name, mode, more in [("lossy.webp", "RGB", {}), ("lossless.webp", "RGB", {"lossless": True}), ("alpha.webp", "RGBA", {}),
                             ("turned8.webp", "RGB", {"exif": exif(8)})]:
        image = picture(20, mode)
        if mode == "RGBA":
            image.putalpha(picture(21, "L"))
        image.save(path(name), "WEBP", **{"exif": exif(), **more}, xmp=XMP, icc_profile=profile())
    picture(22).save(path("simple.webp"), "WEBP")
    picture(22).save(path("simplest.webp"), "WEBP", lossless=True)
    frames = [picture(seed, "RGBA") for seed in range(23, 27)]
    frames[0].save(path("moving.webp"), "WEBP", save_all=True, append_images=frames[1:], duration=80, loop=2, exif=exif(), xmp=XMP, icc_profile=profile())

    for each in folder.iterdir():
        with each.open("ab") as file:
            file.write(b"PK\x03\x04SECRET-trailer<script>alert(1)</script>")


def read(folder):
    for each in sorted(folder.iterdir()):
        with Image.open(each) as image:
            moving = getattr(image, "n_frames", 1) > 1 and image.format != "MPO"
            frames = [(ImageOps.exif_transpose(frame).convert("RGBA"), frame.info.get("duration"))
                      for frame in (ImageSequence.Iterator(image) if moving else [image])]
            found = json.loads(subprocess.run(["exiftool", "-j", "-G1", "-a", "-u", str(each)], check=True, capture_output=True).stdout)[0]
            print(json.dumps({
                "name": each.name,
                "mediaType": Image.MIME.get("JPEG" if image.format == "MPO" else image.format),
                "width": frames[0][0].width, "height": frames[0][0].height,
                "frames": [hashlib.sha256(frame.tobytes()).hexdigest() + " " + str(duration) for frame, duration in frames],
                "loop": image.info.get("loop"),
                "tags": sorted(key for key in found if key.split(":")[0] not in ("SourceFile", "ExifTool", "System", "Composite")),
            }))


{"make": make, "read": read}[sys.argv[1]](pathlib.Path(sys.argv[2]))
