"""Lists of places of service whose columns are known: schools of Dapodik, health facilities.

``importer = "dapodik"`` or ``"faskes"`` in a ``[[facilities]]`` section fills in what the header
shows; what the section says itself always wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from layers.errors import InputError
from layers.facilities.facility_kinds import kinds_in_name
from layers.tables.files import cell_texts, sheets
from layers.tables.importers.shapes import choose_importer, find_column
from layers.workspace.sections import FacilitySection

LON = ("bujur", "longitude", "lon", "lng", "long", "koordinat x", "titik bujur")
LAT = ("lintang", "latitude", "lat", "koordinat y", "titik lintang")
SCHOOLS = {
    "paud": (
        "TK",
        "TKN",
        "KB",
        "TPA",
        "SPS",
        "RA",
        "PAUD",
        "TAMAN KANAK-KANAK",
        "KELOMPOK BERMAIN",
    ),
    "sd": ("SD", "MI", "SEKOLAH DASAR"),
    "smp": ("SMP", "MTs", "SEKOLAH MENENGAH PERTAMA"),
    "sma": ("SMA", "SMK", "MA", "MAK"),
    "slb": ("SLB", "SDLB", "SMPLB", "SMLB"),
    "pkbm": ("PKBM", "SKB"),
}


@dataclass(frozen=True, slots=True)
class ListShape:
    """The names that the columns of a list go by; ``id`` is what marks the list."""

    id: tuple[str, ...]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    kinds: Mapping[str, str]


SHAPES = {
    "dapodik": ListShape(
        ("npsn",),
        ("nama", "nama_sekolah", "nama sekolah", "nama satuan pendidikan"),
        ("bentuk_pendidikan", "bentuk pendidikan", "bentuk", "jenjang"),
        {word: kind for kind, words in SCHOOLS.items() for word in words},
    ),
    "faskes": ListShape(
        ("kode faskes", "kode_faskes", "kode satusehat", "kode_satusehat", "kode_instansi"),
        ("nama faskes", "nama_faskes", "nama", "unit_kerja", "nama fasilitas"),
        ("jenis faskes", "jenis_faskes", "jenis", "tipe"),
        {},
    ),
}


def adapt_facilities(section: FacilitySection, folder: Path) -> FacilitySection:
    """The section with the columns its importer knows; unchanged where it names none.

    Schools of kinds that Dapodik has; health facilities by the words of their column of jenis, else
    by the kind inside each name, unless the section says otherwise.

    Raises
    ------
    InputError
        There is no such importer, or the list does not have the shape it knows.
    """
    if section.importer is None:
        return section
    shape = choose_importer(SHAPES, section.importer, f"facilities.{section.id}")
    sheet = sheets.empty_broken(sheets.read_section(section, folder / section.path))
    defaults: dict[str, object] = {
        "id_column": find_column(sheet, shape.id),
        "name_column": find_column(sheet, shape.name),
        "lon_column": find_column(sheet, LON),
        "lat_column": find_column(sheet, LAT),
    }
    missing = [key for key, column in defaults.items() if column is None]
    if missing:
        listed = ", ".join(f"'{name}'" for name in sheet.header[:20])
        raise InputError(
            f"{section.path}: not the shape of importer '{section.importer}': nothing for "
            f"{', '.join(missing)} among {listed}."
        )
    defaults |= _kinds(section, sheet, shape)
    given = section.model_fields_set
    return section.model_copy(
        update={key: value for key, value in defaults.items() if key not in given}
    )


def _kinds(section: FacilitySection, sheet: sheets.Sheet, shape: ListShape) -> dict[str, object]:
    if section.kind or section.kind_column or section.kind_in_name:
        return {}
    column = find_column(sheet, shape.kind)
    if column is not None:
        kinds = dict(shape.kinds) or _kinds_of_words(sheet.columns[column])
        if kinds:
            return {"kind_column": column, "kinds": kinds}
    return {"kind_in_name": True}


def _kinds_of_words(cells: Sequence[object]) -> dict[str, str]:
    """The kind of each word of a column that says one (``Puskesmas Pembantu``)."""
    words = {cell_texts.cell_text(cell) for cell in cells}
    kinds_by_word = {word: sorted(kinds_in_name(word)) for word in words if word}
    return {word: kinds[0] for word, kinds in sorted(kinds_by_word.items()) if len(kinds) == 1}


def detect_facility_importer(sheet: sheets.Sheet) -> str | None:
    """The importer whose shape the list has; None where none fits."""
    if find_column(sheet, LON) is None or find_column(sheet, LAT) is None:
        return None
    return next(
        (
            name
            for name, shape in SHAPES.items()
            if find_column(sheet, shape.id) and find_column(sheet, shape.name)
        ),
        None,
    )
