"""Files that people upload as evidence: made anew or refused, and nothing hidden is kept."""

from __future__ import annotations

import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from geo_service.errors import EvidenceRefusedError, RegisterError
from geo_service.house import evidence_files
from geo_service.house.evidence_files import EvidenceFiles

GPS = {1: "S", 2: (8.0, 30.0, 0.0), 3: "E", 4: (123.0, 0.0, 0.0)}
TURNED = 6
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def files(tmp_path: Path) -> EvidenceFiles:
    return EvidenceFiles(tmp_path / "files")


def photograph(size: tuple[int, int] = (40, 20), kind: str = "JPEG") -> bytes:
    """One that lies on its side and says where and by what it was taken."""
    picture = Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = TURNED
    exif[ExifTags.Base.Make] = "Telepon Rahasia"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(GPS)
    stream = BytesIO()
    picture.save(stream, kind, exif=exif, comment=b"hidden words" if kind == "JPEG" else None)
    return stream.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def bomb(width: int, height: int) -> bytes:
    """A small PNG that claims so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_stands_upright_and_says_neither_place_nor_maker(
    kind: str, files: EvidenceFiles
) -> None:
    kept = files.keep(photograph(kind=kind) + b"<script>alert(1)</script>")
    content = files.path(kept.sha256, kept.media_type).read_bytes()
    assert kept.media_type == f"image/{kind.lower()}"
    assert kept.size == len(content)
    for hidden in (b"Rahasia", b"script", b"hidden words"):
        assert hidden not in content
    with Image.open(BytesIO(content)) as picture:
        assert picture.size == (20, 40)
        assert not picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        assert ExifTags.Base.Orientation not in picture.getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_place_is_kept_where_it_is_asked_for_and_nothing_else(
    kind: str, files: EvidenceFiles
) -> None:
    kept = files.keep(photograph(kind=kind), with_place=True)
    content = files.path(kept.sha256, kept.media_type).read_bytes()
    assert b"Rahasia" not in content
    with Image.open(BytesIO(content)) as picture:
        place = picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        assert (place[1], tuple(map(float, place[2]))) == ("S", (8.0, 30.0, 0.0))


def test_a_large_picture_is_made_smaller_and_a_transparent_one_stays_so(
    files: EvidenceFiles,
) -> None:
    kept = files.keep(photograph((6000, 3000)))
    with Image.open(files.path(kept.sha256, kept.media_type)) as picture:
        assert max(picture.size) == evidence_files.LONGEST_SIDE
    stream = BytesIO()
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(stream, "PNG")
    kept = files.keep(stream.getvalue())
    with Image.open(files.path(kept.sha256, kept.media_type)) as picture:
        assert picture.mode == "RGBA"


def test_equal_files_are_kept_once(files: EvidenceFiles, tmp_path: Path) -> None:
    assert files.keep(PDF) == files.keep(PDF)
    assert files.keep(photograph()) == files.keep(photograph())
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"0" * 100, "no JPEG, PNG or PDF"),
        (b"<html><script>alert(1)</script></html>", "no JPEG, PNG or PDF"),
        (b"GIF89a" + b"0" * 50, "no JPEG, PNG or PDF"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no JPEG, PNG or PDF"),
        (PDF[:20], "not complete"),
        (b"\n" + PDF, "no JPEG, PNG or PDF"),
        (b"%PDF-" + b"0" * evidence_files.LARGEST_FILE, "MB"),
        (photograph()[:300], "cannot be read"),
        (bomb(60_000, 60_000), "pixels"),
        (bomb(7_000, 7_000), "cannot be read"),
        (bomb(8_000, 8_000), "pixels"),
        (b"\xff\xd8\xff\xe0" + b"0" * 200, "cannot be read"),
    ],
    ids=lambda value: value[:12].decode("ascii", "replace") if isinstance(value, bytes) else None,
)
def test_anything_else_is_refused_and_leaves_nothing(
    body: bytes, words: str, files: EvidenceFiles, tmp_path: Path
) -> None:
    with pytest.raises(EvidenceRefusedError, match=words):
        files.keep(body)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("sha256", "media_type"),
    [
        ("0" * 64, "image/png"),
        ("../../etc/passwd", "image/png"),
        ("..", evidence_files.PDF),
        ("A" * 64, evidence_files.PDF),
        ("", "text/html"),
    ],
)
def test_only_what_is_kept_is_found(sha256: str, media_type: str, files: EvidenceFiles) -> None:
    files.keep(PDF)
    with pytest.raises(RegisterError):
        files.path(sha256, media_type)


def test_a_file_that_cannot_be_written_says_so_and_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RegisterError, match="No space left"):
        EvidenceFiles(tmp_path).keep(PDF)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
