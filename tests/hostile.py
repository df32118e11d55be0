"""Which files would somebody send who means us harm? Each is made when a test runs; none lies in the repository."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
import pillow_heif
from PIL import Image, PngImagePlugin

PAYLOAD = b"<script>alert(4711)</script>"
PLACE = "GEHEIMORT-4711"
HTML = b"<html>" + PAYLOAD + b"</html>" + b" " * 4096
URI = "https://tracker.example/4711"
JAVASCRIPT = "app.alert('4711')"
PASSPHRASE = "4711"
PNG_TAIL = b"IEND\xaeB`\x82"


def eicar() -> bytes:
    """The scanners' common test string, put together here so that no file of ours is flagged."""
    return b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS" + b"-TEST-FILE!$H+H*"


def picture(width: int = 64, height: int = 48) -> Image.Image:
    """Left half red, right half blue: a turn can be seen."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def jpeg(image: Image.Image | None = None, **options: object) -> bytes:
    return _saved(image or picture(), "JPEG", **options)


def png(image: Image.Image | None = None, **options: object) -> bytes:
    return _saved(image or picture(), "PNG", **options)


def heic(width: int = 128, height: int = 96) -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(picture(width, height)).save(target)
    return target.getvalue()


def jpeg_with_html_behind() -> bytes:
    return jpeg() + HTML


def jpeg_with_hidden_html() -> bytes:
    """As above, but ending like a JPEG, so that a look at the end is satisfied."""
    return jpeg() + HTML + b"\xff\xd9"


def jpeg_with_comment() -> bytes:
    return jpeg(comment=PAYLOAD)


def jpeg_with_place() -> bytes:
    """Turned (orientation 6), with GPS and a text in its EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = PLACE
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 11.0), 3: "E", 4: (8.0, 32.0, 11.0)})
    return jpeg(exif=exif.tobytes())


def jpeg_with_spoilt_exif() -> bytes:
    return jpeg(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + PAYLOAD)


def cut_off_jpeg() -> bytes:
    whole = _saved(Image.effect_noise((400, 400), 90), "JPEG")
    return whole[: len(whole) // 2]


def png_with_texts() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", PAYLOAD.decode())
    return png(pnginfo=texts, icc_profile=b"ICC" + PAYLOAD)


def png_of(width: int, height: int) -> bytes:
    """A tiny file that unpacks to width × height pixels of one bit."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def heic_that_claims(width: int, height: int) -> bytes:
    """A real HEIC of 128 × 96 whose `ispe` box (image size) tells something else."""
    whole = heic()
    at = whole.index(b"\x00\x00\x00\x14ispe") + 12
    return whole[:at] + struct.pack(">II", width, height) + whole[at + 8 :]


def gif() -> bytes:
    return _saved(picture(), "GIF", comment=PAYLOAD)


def svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg">' + PAYLOAD + b"</svg>"


def avif_head() -> bytes:
    return b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf" + bytes(64)


def pdf(
    change: Callable[[pikepdf.Pdf], None] | None = None, *, pages: int = 1, lock: pikepdf.Encryption | None = None
) -> bytes:
    with pikepdf.new() as document:
        for _ in range(pages):
            page = document.add_blank_page(page_size=(595, 842))
            page.Contents = document.make_stream(b"0 0 1 rg 100 100 50 50 re f % kept-4711")
        if change:
            change(document)
        target = io.BytesIO()
        document.save(target, encryption=lock or False)
        return target.getvalue()


def pdf_with_everything() -> bytes:
    """Scripts, actions, an attachment, a link, a form with XFA and metadata in one file."""
    return pdf(_arm)


def pdf_with_photo() -> bytes:
    """The photo inside the page carries its own EXIF."""

    def add(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(jpeg_with_place())
        stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        stream.Width, stream.Height, stream.BitsPerComponent = 64, 48, 8
        stream.ColorSpace, stream.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        stream.Metadata = document.make_stream(PLACE.encode())
        document.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(AA=stream))
        document.pages[0].Contents = document.make_stream(b"q 64 0 0 48 0 0 cm /AA Do Q")

    return pdf(add)


def encrypted_pdf(*, open_word: str = PASSPHRASE) -> bytes:
    return pdf(lock=pikepdf.Encryption(owner=PASSPHRASE, user=open_word))


def pdf_with_hidden_encryption() -> bytes:
    """Encrypted with an empty word to open it, its trailer's entry spelled so that a look at the bytes sees nothing."""
    return encrypted_pdf(open_word="").replace(b"/Encrypt", b"/#45ncrypt")


def pdf_bomb(megabytes: int) -> bytes:
    """A page whose content unpacks to so many million bytes."""

    def add(document: pikepdf.Pdf) -> None:
        packed = zlib.compress(bytes(megabytes * 1_000_000), 9)
        stream = document.make_stream(b"")
        stream.write(packed, filter=pikepdf.Name.FlateDecode)
        document.pages[0].Contents = stream

    return pdf(add)


def pdf_of_objects(count: int) -> bytes:
    def add(document: pikepdf.Pdf) -> None:
        document.Root.Many = pikepdf.Array([document.make_indirect(pikepdf.Dictionary(N=n)) for n in range(count)])

    return pdf(add)


def _arm(document: pikepdf.Pdf) -> None:
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=JAVASCRIPT)
    link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=URI)
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    send = pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F=URI)
    page = document.pages[0].obj
    document.attachments["payload.html"] = HTML
    document.Root.OpenAction = document.make_indirect(script)
    document.Root.AA = pikepdf.Dictionary(WC=script)
    document.Root.Names.JavaScript = pikepdf.Dictionary(Names=["run", script])
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=document.make_stream(PAYLOAD))
    page.AA = pikepdf.Dictionary(O=launch)
    page.Annots = pikepdf.Array(
        document.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 595, 842], A=action)
        )
        for action in (link, script, launch, send)
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm=_armed_form(document, script)))
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = PLACE
    document.docinfo.Author = PLACE


def _armed_form(document: pikepdf.Pdf, script: pikepdf.Dictionary) -> pikepdf.Stream:
    form = document.make_stream(b"0 0 10 10 re f")
    form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 10, 10])
    form.PieceInfo = pikepdf.Dictionary(Own=pikepdf.Dictionary(JS=JAVASCRIPT))
    form.AA = pikepdf.Dictionary(O=script)
    form.Metadata = document.make_stream(PLACE.encode())
    return form


def _saved(image: Image.Image, format: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, format, **options)
    return target.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
