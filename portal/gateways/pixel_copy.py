"""What does a picture show, without anything else that its file carries?"""

from __future__ import annotations

import io
import warnings

import pi_heif
from PIL import Image

from portal.gateways.pixels import CannotConvert, Converted
from portal.gateways.sandbox import serve
from portal.rules.attachments import MAX_PIXELS, FileProblem, FileType, too_many_pixels

LONGEST_SIDE = 3000
QUALITY = 85
ORIENTATION = 0x0112
FORMATS = {FileType.JPEG: "JPEG", FileType.PNG: "PNG", FileType.HEIC: "HEIF"}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

pi_heif.register_heif_opener(decode_threads=0, thumbnails=False, depth_images=False, aux_images=False)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def copy_of(data: bytes, type: FileType) -> Converted:
    """The first frame, upright, as a new JPEG (q85, ≤ 3,000 px, on white) without metadata; raises CannotConvert."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _written(_pixels(data, type))
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise CannotConvert(FileProblem.TOO_MANY_PIXELS) from error
        except (CannotConvert, MemoryError):
            raise
        except Exception as error:  # a stranger's bytes: decoders raise whatever they like
            raise CannotConvert(FileProblem.BROKEN) from error


def _pixels(data: bytes, type: FileType) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=[FORMATS[type]]) as source:
        if too_many_pixels(*source.size):
            raise CannotConvert(FileProblem.TOO_MANY_PIXELS)
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        source.load()
        if too_many_pixels(*source.size):
            raise CannotConvert(FileProblem.TOO_MANY_PIXELS)
        turn = TURNS.get(_orientation(source))
        flat = _on_white(source)
    return flat if turn is None else flat.transpose(turn)


def _orientation(source: Image.Image) -> int:
    try:
        return int(source.getexif().get(ORIENTATION, 1))
    except Exception:  # a stranger's bytes: a spoilt EXIF block must not cost the picture
        return 1


def _on_white(source: Image.Image) -> Image.Image:
    """A new image with the pixels only, at most 3,000 px long."""
    picture = source.convert("L") if source.mode.startswith("I;16") else source
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", picture.size, "white")
    sheet.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return sheet


def _written(picture: Image.Image) -> Converted:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY, optimize=True)
    return Converted(target.getvalue(), "image/jpeg", None, picture.width, picture.height)


if __name__ == "__main__":
    serve(copy_of)
