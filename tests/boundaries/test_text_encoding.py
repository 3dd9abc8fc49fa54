"""Texts of files that do not say their encoding, or say it wrongly."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from boundaries.codes.lists import read_list
from boundaries.errors import InputUndeclaredError, InputUnreadableError
from boundaries.polygons import read_polygons
from boundaries.texts.text_encoding import check_texts, decode_text, find_codec, meant_by
from layers.errors import InputError
from layers.tables.files.sheets import read_sheet
from layers.workspace.drawn_files import read_drawn
from tests.boundaries.drawing import codes_of, frame, one, source, square

NAMES = ["Waë Ri’i", "Lamakéra", "Õe"]


def shapefile(
    folder: Path, encoding: str, *, cpg: str | None = None, head: int = 0, zipped: bool = False
) -> Path:
    """Three desa with names in an encoding, the ``.cpg`` and the byte of the head as given."""
    table = frame([square(0, 0), square(1, 0), square(0, 1)]).assign(nama=NAMES)
    table.to_file(folder / "desa.shp", encoding=encoding)
    (folder / "desa.cpg").unlink(missing_ok=True)
    if cpg is not None:
        (folder / "desa.cpg").write_text(cpg)
    content = bytearray((folder / "desa.dbf").read_bytes())
    content[29] = head
    (folder / "desa.dbf").write_bytes(content)
    if not zipped:
        return folder / "desa.shp"
    with zipfile.ZipFile(folder / "desa.zip", "w") as archive:
        for part in sorted(folder.glob("desa.*")):
            if part.suffix != ".zip":
                archive.write(part, f"Batas/{part.name.upper()}")
    return folder / "desa.zip"


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    ("encoding", "cpg", "head", "finding"),
    [
        ("UTF-8", None, 0, "text.encoding_deduced"),
        ("UTF-8", None, 0x57, "text.encoding_deduced"),
        ("UTF-8", "UTF-8", 0x57, None),
        ("UTF-8", "1252", 0, "text.encoding_doubtful"),
        ("UTF-8", "ISO 88591", 0x57, "text.encoding_doubtful"),
        ("UTF-8", None, 0x02, "text.encoding_doubtful"),
        ("CP1252", None, 0, "text.encoding_doubtful"),
        ("CP1252", "ANSI 1252", 0, None),
        ("CP1252", "UTF-8", 0, "text.encoding_doubtful"),
        ("CP1252", None, 0x03, None),
    ],
)
def test_names_of_a_shapefile_are_right_whatever_it_says_of_them(
    encoding: str, cpg: str | None, head: int, finding: str | None, zipped: bool, tmp_path: Path
) -> None:
    path = shapefile(tmp_path, encoding, cpg=cpg, head=head, zipped=zipped)
    polygons, findings = read_polygons(source(path))
    assert polygons["nama"].tolist() == NAMES
    texts = [item.code for item in findings if item.code.startswith("text.")]
    assert texts == ([] if finding is None else [finding])


def test_a_declared_encoding_counts_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "CP1252")
    polygons, findings = read_polygons(source(path, encoding="cp1252"))
    assert polygons["nama"].tolist() == NAMES
    assert not any(item.code.startswith("text.") for item in findings)
    with pytest.raises(InputUndeclaredError, match="row 1 is not in the declared encoding utf-8"):
        read_polygons(source(path, encoding="utf-8"))


def test_a_letter_cut_in_two_at_the_end_of_a_field_is_left_out(tmp_path: Path) -> None:
    table = frame([square(0, 0), square(1, 0)]).assign(nama=["é" * 127, "Waë"])
    table.to_file(tmp_path / "desa.shp", encoding="UTF-8")
    (tmp_path / "desa.cpg").unlink()
    content = (tmp_path / "desa.dbf").read_bytes()
    whole = ("é" * 127).encode()
    (tmp_path / "desa.dbf").write_bytes(content.replace(whole, b"a" + whole[:-1]))
    polygons, findings = read_polygons(source(tmp_path / "desa.shp"))
    assert polygons["nama"].tolist() == ["a" + "é" * 126, "Waë"]
    assert "text.encoding_deduced" in codes_of(findings, "note")


def test_roads_and_facilities_and_tables_read_a_shapefile_alike(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "UTF-8")
    drawn, findings = read_drawn(path, "roads: desa.shp")
    assert drawn["nama"].tolist() == NAMES
    assert [item.code for item in findings] == ["text.encoding_deduced"]
    sheet = read_sheet(path.with_suffix(".dbf"))
    assert sheet.columns["nama"] == NAMES
    with pytest.raises(InputError, match="not in the declared encoding"):
        read_drawn(shapefile(tmp_path, "CP1252"), "roads: desa.shp", encoding="utf-8")


def test_lists_of_codes_take_a_declared_encoding(tmp_path: Path) -> None:
    path = tmp_path / "kode.csv"
    path.write_bytes("kode,nama\n53.06,Waë\n".encode("cp1252"))
    listed = read_list(path, "kode.csv", ["nama"])
    assert listed.rows == [("Waë",)]
    assert [item.code for item in listed.findings] == ["text.encoding_deduced"]
    assert read_list(path, "kode.csv", ["nama"], "cp1252").findings == ()
    with pytest.raises(InputUndeclaredError, match="declared encoding utf-8"):
        read_list(path, "kode.csv", ["nama"], "utf-8")


def test_texts_that_were_spoilt_before_are_named_and_used_as_they_stand(tmp_path: Path) -> None:
    table = frame([square(0, 0), square(1, 0)]).assign(nama=["Oesao", "LamakÃ©ra"])
    table.to_file(tmp_path / "desa.gpkg")
    polygons, findings = read_polygons(source(tmp_path / "desa.gpkg"))
    assert polygons["nama"].tolist() == ["Oesao", "LamakÃ©ra"]
    spoilt = one(findings, "text.mojibake")
    assert (spoilt.row, spoilt.value, spoilt.measure) == (2, "LamakÃ©ra", 1)
    assert "'Lamakéra'" in spoilt.message
    (tmp_path / "t.csv").write_text("kode,nama\n1,Desa\n2,Lamak\ufffdra\n", encoding="utf-8")
    codes = [item.code for item in read_sheet(tmp_path / "t.csv").findings]
    assert codes == ["text.mojibake"]


@given(st.text(alphabet="abcé ëÕñ’ç", min_size=1, max_size=30))
def test_only_spoilt_text_is_called_spoilt(text: str) -> None:
    spoilt = text.encode("utf-8").decode("cp1252", errors="ignore")
    assert meant_by(text) is None
    if text.isascii() or spoilt.encode("cp1252") != text.encode("utf-8"):
        return
    assert meant_by(spoilt) == text
    assert check_texts([[spoilt]], [7], "a.csv")[0].row == 7


def test_a_text_file_is_utf_8_or_windows_or_refused() -> None:
    assert decode_text("é".encode(), "a.csv") == ("é", [])
    assert decode_text("é".encode("utf-16"), "a.csv")[0] == "é"
    assert decode_text(b"\xef\xbb\xbfa", "a.csv", "utf-8") == ("a", [])
    with pytest.raises(InputUnreadableError, match=r"a\.csv: not a text file"):
        decode_text(b"\x81\x8d", "a.csv")


@pytest.mark.parametrize("name", ["rot13", "base64", "", "utf-99", "hex"])
def test_what_is_no_encoding_of_texts_is_none(name: str) -> None:
    assert find_codec(name) is None


def test_geometries_do_not_suffer_from_the_reading_of_texts(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "UTF-8")
    polygons, _ = read_polygons(source(path))
    assert shapely.equals(polygons.geometry.iloc[0], square(0, 0))


ODD = {
    "<script>alert(1)</script>": "tags of HTML",
    "Desa <b>Maju</b>": "tags of HTML",
    "Desa &amp; Kota": "tags of HTML",
    "Waru\u202eotuj": "marks of the direction",
    "\u200eSukamaju": "marks of the direction",
    "Suka\x07maju": "control characters",
    "Suka\u200bmaju": "signs without width",
    "a" * 10_000: "more than 5000 letters",
}


@pytest.mark.parametrize(("text", "kind"), ODD.items())
def test_what_no_name_holds_is_found_with_file_and_row(text: str, kind: str) -> None:
    (found,) = check_texts([["Oesao", text, text]], [2, 3, 4], "a.csv")
    assert (found.code, found.file, found.row, found.measure) == ("text.odd_signs", "a.csv", 3, 2)
    assert kind in found.message
    assert len(found.message) < 300


@pytest.mark.parametrize("text", ["< 5", "<5", "a < b > c", "5 & 6", "A\tB", "Waë Ri’i", "R&D"])
def test_what_names_and_cells_do_hold_is_no_finding(text: str) -> None:
    assert check_texts([[text]], [2], "a.csv") == []


def test_odd_names_are_found_in_boundaries_tables_and_lists(tmp_path: Path) -> None:
    name = "Waru\u202e <b>"
    frame([square(0, 0)]).assign(nama=[name]).to_file(tmp_path / "b.geojson")
    (tmp_path / "t.csv").write_text(f"kode,nama\n53.06.13.2001,{name}\n", encoding="utf-8")
    for findings in (
        read_polygons(source(tmp_path / "b.geojson"))[1],
        read_sheet(tmp_path / "t.csv").findings,
        read_list(tmp_path / "t.csv", "t.csv", ["kode", "nama"]).findings,
    ):
        codes = [finding.code for finding in findings]
        assert codes.count("text.odd_signs") == 2
