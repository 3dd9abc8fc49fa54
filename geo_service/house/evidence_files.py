"""Photographs and documents that prove a step: checked, made harmless, kept under their hash.

What people upload is hostile until it was made anew: a picture is decoded and written again, which
leaves out its place, its maker and whatever hides behind its last byte.  A document is kept as it
is, read by nobody here, and given out as a download only.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from geo_service.errors import EvidenceRefusedError, RegisterError

TEMPLATE = "surat.docx"
LARGEST_FILE = 10_000_000
MOST_PIXELS = 50_000_000
"""More than any telephone takes; a picture that claims more is refused before it is decoded."""
LONGEST_SIDE = 2_560
QUALITY = 85
MediaType: TypeAlias = Literal["image/jpeg", "image/png", "application/pdf"]
PDF: MediaType = "application/pdf"
_ENDINGS: dict[str, str] = {"image/jpeg": ".jpg", "image/png": ".png", PDF: ".pdf"}
_TOO_MANY_PIXELS = f"The picture has more than {MOST_PIXELS:,} pixels; make it smaller."
_END_OF_PDF = 2_048
"""Bytes at the end of a PDF among which its mark of the end stands."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that is kept: its hash, by which it is found, its type and its size in bytes."""

    sha256: str
    media_type: MediaType
    size: int


class EvidenceFiles:
    """The folder of all files of a register."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def template(self) -> Path | None:
        """The kabupaten's own template of letters, `TEMPLATE` in the folder; None without one."""
        path = self._folder / TEMPLATE
        return path if path.is_file() else None

    def keep(self, body: bytes, *, with_place: bool = False) -> EvidenceFile:
        """Keep what somebody uploaded; equal files are kept once.

        Parameters
        ----------
        with_place
            Whether a photograph keeps where it was taken, if it says so.

        Raises
        ------
        EvidenceRefusedError
            It is empty, too large, or no JPEG, PNG or PDF.
        RegisterError
            It cannot be written.
        """
        if not body:
            raise EvidenceRefusedError("The file is empty.")
        if len(body) > LARGEST_FILE:
            raise EvidenceRefusedError(f"The file is larger than {LARGEST_FILE // 1_000_000} MB.")
        if body.startswith(b"%PDF-"):
            if b"%%EOF" not in body[-_END_OF_PDF:]:
                raise EvidenceRefusedError("The PDF is not complete: its end is missing.")
            return self._write(body, PDF)
        content, media_type = _redraw(body, with_place=with_place)
        return self._write(content, media_type)

    def path(self, sha256: str, media_type: str) -> Path:
        """Where a file lies.

        Raises
        ------
        RegisterError
            There is none of this hash and type.
        """
        is_hash = len(sha256) == 64 and set(sha256) <= set("0123456789abcdef")
        ending = _ENDINGS.get(media_type)
        path = self._folder / sha256[:2] / f"{sha256}{ending}"
        if not is_hash or ending is None or not path.is_file():
            raise RegisterError("No such file is kept.")
        return path

    def _write(self, content: bytes, media_type: MediaType) -> EvidenceFile:
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._folder / sha256[:2] / f"{sha256}{_ENDINGS[media_type]}"
        kept = EvidenceFile(sha256, media_type, len(content))
        if target.is_file():
            return kept
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(target, content)
        except OSError as error:
            raise RegisterError(f"{target}: cannot be written ({error.strerror}).") from error
        return kept


def _write_whole(target: Path, content: bytes) -> None:
    """All of it under its name, or nothing."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _redraw(body: bytes, *, with_place: bool) -> tuple[bytes, MediaType]:
    """A picture decoded and written anew, upright, and no larger than a screen shows."""
    try:
        with Image.open(BytesIO(body), formats=("JPEG", "PNG")) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise EvidenceRefusedError(_TOO_MANY_PIXELS)
            is_png = picture.format == "PNG"
            place = picture.getexif().get_ifd(ExifTags.IFD.GPSInfo) if with_place else {}
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            drawn = upright.convert("RGBA" if is_png and upright.has_transparency_data else "RGB")
    except EvidenceRefusedError:
        raise
    except Image.DecompressionBombError:
        raise EvidenceRefusedError(_TOO_MANY_PIXELS) from None
    except UnidentifiedImageError:
        raise EvidenceRefusedError("The file is no JPEG, PNG or PDF.") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise EvidenceRefusedError(f"The picture cannot be read: {error}.") from error
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A new picture holds nothing of the old one but what is seen.
    clean = Image.new(drawn.mode, drawn.size)
    clean.paste(drawn)
    tags = Image.Exif()
    tags.get_ifd(ExifTags.IFD.GPSInfo).update(place)
    exif = tags.tobytes() if place else b""
    stream = BytesIO()
    if is_png:
        clean.save(stream, "PNG", optimize=True, exif=exif)
    else:
        clean.save(stream, "JPEG", quality=QUALITY, optimize=True, exif=exif)
    return stream.getvalue(), "image/png" if is_png else "image/jpeg"
