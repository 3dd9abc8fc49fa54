"""Each parser that sees what strangers write, with the random inputs that it is given."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from hypothesis import strategies as st

from boundaries import polygons
from boundaries.bounds.input_limits import InputFile
from boundaries.bounds.input_readers import read_within
from boundaries.codes import CodeSystem, column, kode_types
from boundaries.polygons import geometry_text, path_text
from geo_service.http import query_numbers
from geo_service.ogc import params
from geo_service.ogc.filtering import filter_work, filters
from geo_service.releases.store import ReleaseStore
from geo_service.releases.tiles import find_tile_or_file
from layers.release.archive import Archive
from layers.release.byte_source import MemoryBytes
from layers.release.features import FeatureIndex
from layers.release.manifest_file import CURRENT_LINK
from layers.tables.files import grids
from layers.tables.numbers import expectations, numbers
from tests.boundaries.test_fuzz_readers import whole_file
from tests.chaos.damage import EDITS, Edit, damage, damaged, damaged_inside
from tests.geo_service.test_query_fuzz import CQL2, JSON, NUMBERS, PATHS, joined, words_of
from tests.layers.tables.workbook_files import WRITERS
from tests.sample_cache import cached_releases

Input = TypeVar("Input")


@dataclass
class Target(Generic[Input]):
    """A parser: what it is given, and how it is asked."""

    inputs: st.SearchStrategy[Input]
    read: Callable[[Input], object]


@cache
def release() -> Path:
    """The release of the sample."""
    return (cached_releases() / CURRENT_LINK).resolve()


def _content(name: str) -> bytes:
    return (release() / name).read_bytes()


def _layer() -> FeatureIndex:
    lines = MemoryBytes(_content("layers/desa/features.geojsonl"))
    return FeatureIndex(lines, MemoryBytes(_content("layers/desa/features.index")), "desa")


# The parsers.

CODES = words_of("""
    53.06.13.2001 5306132001 53.06.13 5306132001.0 5,306132001E9 '5306132001 53 06 13 2001
    99.01 53-06-13-2001 53/06/13/2001 ID53.06 0 -1 nan 53..06 5306.13.2001 53.06.13.2001.
""")
CELLS = st.one_of(
    joined([*CODES, *NUMBERS], ("", ".", " ")),
    st.integers(-1, 10**14),
    st.floats(),
    st.dates(),
    st.times(),
    st.booleans(),
    st.none(),
)
AMOUNTS = words_of("""
    Rp Rp. 1.250.000 1,250,000 12,5 12.5 ,- ( ) - + % ribu rb juta jt milyar jiwa orang ha km2
    / x 1/2 ½ tidak ada n/a #REF! #N/A 1e5 1E-400 1.2.3 1,2,3 '5 5- 00 ١٢ − =
""")
COORDINATES = words_of("""
    [ [ [[ [[[ ]]] ]] ] , -9.0 123.0 123.1 -8.9 1e400 nan null true "x" {} [] POLYGON((
    MULTIPOLYGON )) EMPTY SRID=4326; 0103000000 00000000 {"type":"Polygon","coordinates": } Z
    M
""")


def codes() -> Target[list[object]]:
    """Cells of a column of codes."""

    def read(cells: list[object]) -> None:
        for system in CodeSystem:
            column.read_code_column(cells, system)
            for cell in cells:
                with suppress(kode_types.CodeError):
                    kode_types.kode_type(system).parse(cell)

    return Target(st.lists(CELLS, max_size=6), read)


def number_texts() -> Target[list[object]]:
    """Cells of a column of numbers, and numbers of an address."""
    units = [None, "pct", "IDR", "jiwa", "ha"]

    def read(cells: list[object]) -> None:
        for unit in units:
            numbers.read_numbers(cells, expectations.Expectation(unit=unit))
        for cell in cells:
            query_numbers.whole_number(str(cell))
            query_numbers.decimal_number(str(cell))

    texts = joined([*AMOUNTS, *NUMBERS], ("", " ", "."))
    return Target(st.lists(st.one_of(texts, texts, CELLS), max_size=6), read)


def cql2() -> Target[tuple[bool, str]]:
    """Conditions on features, as text and as JSON."""
    features = _layer()

    def read(written: tuple[bool, str]) -> None:
        is_json, text = written
        condition = filters.parse_filter(text, "cql2-json" if is_json else "cql2-text")
        filters.select_rows(filter_work.Selection(features), condition)

    texts = st.tuples(st.just(value=False), joined(CQL2, (" ", "")))
    documents = st.tuples(st.just(value=True), joined(JSON, ("", " ")))
    return Target(st.one_of(texts, documents), read)


def bbox() -> Target[str]:
    """Boxes of an address."""
    features = _layer()

    def read(text: str) -> None:
        box = params.parse_bbox(text)
        features.select(bbox=box)

    number = st.one_of(st.sampled_from(NUMBERS), st.floats(-400, 400).map(str), st.text(max_size=4))
    return Target(st.lists(number, max_size=8).map(",".join), read)


def tile_address() -> Target[list[str]]:
    """Addresses of tiles."""
    store = ReleaseStore(cached_releases())
    start = st.sampled_from(["", f"/releases/{store.current().id}", "/releases/x"])
    number = st.one_of(
        st.sampled_from(NUMBERS), st.integers(0, 2**15).map(str), st.text(max_size=4)
    )

    def read(parts: list[str]) -> None:
        begin, layer, *address = parts
        find_tile_or_file(store, f"{begin}/tiles/{layer}/{'/'.join(address)}.mvt", b"")

    layer = st.sampled_from(["desa", "gaps", "", ".."])
    return Target(
        st.tuples(start, layer, st.lists(number, max_size=4)).map(
            lambda parts: [parts[0], parts[1], *parts[2]]
        ),
        read,
    )


def pmtiles() -> Target[bytes]:
    """Archives of tiles."""

    def read(content: bytes) -> None:
        archive = Archive(MemoryBytes(content), "desa")
        archive.read_metadata()
        for z in range(archive.header.min_zoom, min(archive.header.max_zoom, 12) + 1):
            for x, y in _tiles_of(z):
                place = archive.find(z, x, y)
                if place is not None:
                    archive.read(place)

    # Its head and directories come first: that is what is parsed.
    whole = _content("layers/desa/tiles.pmtiles")
    return Target(st.one_of(damaged(whole), _damaged_start(whole, 127)), read)


def _damaged_start(whole: bytes, length: int) -> st.SearchStrategy[bytes]:
    return damaged(whole[:length]).map(lambda start: start + whole[length:])


def _tiles_of(z: int) -> Iterator[tuple[int, int]]:
    middle_x, middle_y = int(305.6 / 360 * 2**z), int(0.516 * 2**z)
    for x in range(middle_x - 1, middle_x + 2):
        for y in range(middle_y - 1, middle_y + 2):
            yield max(0, x), max(0, y)


def gfix() -> Target[bytes]:
    """Indexes of features."""
    lines = _content("layers/desa/features.geojsonl")
    whole = _content("layers/desa/features.index")

    def read(content: bytes) -> None:
        features = FeatureIndex(MemoryBytes(lines), MemoryBytes(content), "desa")
        rows = features.select(bbox=(120.0, -9.0, 130.0, 0.0))[:5]
        features.lines(rows)
        for name in features.properties:
            values = features.property_column(name)
            values.is_null()
            for row in rows.tolist():
                values.value(row)

    return Target(st.one_of(damaged(whole), _damaged_start(whole, 400)), read)


def paths() -> Target[str]:
    """Polygons written as texts, and paths of released files."""
    store = ReleaseStore(cached_releases())
    start = f"/releases/{store.current().id}/files/"

    def read(text: str) -> None:
        with suppress(path_text.PathError):
            path_text.polygon_of_path(text)
        geometry_text.geometry_of_text(text)
        find_tile_or_file(store, start + text, b"")

    return Target(st.one_of(joined(COORDINATES, (",", "", " ")), joined(PATHS, ("/", ""))), read)


def _scratch() -> Path:
    """A folder that goes with the process."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def workbooks() -> Target[tuple[str, bytes]]:
    """Workbooks: bytes of the file damaged, and bytes of its parts before they are packed."""
    rows: list[list[object]] = [
        ["kode", "nama", "jumlah"],
        ["99.01.01.2001", "Sagara", 12.5],
        ["x", None, "1.250"],
    ]
    choices: list[st.SearchStrategy[tuple[str, bytes]]] = []
    with tempfile.TemporaryDirectory() as folder:
        for suffix, write in WRITERS.items():
            path = Path(folder) / f"tabel{suffix}"
            write(path, rows)
            whole = path.read_bytes()
            ways = [damaged(whole)]
            if zipfile.is_zipfile(path):
                ways += [damaged_inside(whole)] * 3
            choices += [st.tuples(st.just(suffix), way) for way in ways]

    scratch = _scratch()

    def read(file: tuple[str, bytes]) -> None:
        path = scratch / f"tabel{file[0]}"
        path.write_bytes(file[1])
        workbook = InputFile(path, path.name)
        # A few bytes may claim gigabytes: only the process that reads ends of that.
        read_within(workbook, grids.read_grid, path, path.name, grids.SheetReading())

    return Target(st.one_of(choices), read)


def kml() -> Target[bytes]:
    """Polygons of KML."""
    words = words_of("""
        <Placemark> </Placemark> <Polygon> </Polygon> <coordinates> </coordinates> <name>
        </name> <Folder> <description> <![CDATA[ ]]> &amp; &x; <ExtendedData> <Data
        name="kode"> <value> <outerBoundaryIs> <LinearRing> 123,-9 123.1,-9,0 nan,1 <!DOCTYPE
        <?xml é
    """)
    whole = whole_file("desa.kml")
    path = _scratch() / "desa.kml"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        polygons.read_polygons(
            polygons.PolygonSource(
                path=path, label=path.name, code_system=CodeSystem.KEMENDAGRI, code_column="Name"
            )
        )

    def weave(words_of: str, edits: list[Edit], share: float) -> bytes:
        text = damage(whole, edits)
        place = int(share * len(text))
        return text[:place] + words_of.encode("utf-8", "replace") + text[place:]

    woven = st.builds(weave, joined(words, ("", " ")), st.lists(EDITS, max_size=2), st.floats(0, 1))
    return Target(st.one_of(damaged(whole), woven), read)


TARGETS: dict[str, Callable[[], Target[Any]]] = {
    "codes": codes,
    "numbers": number_texts,
    "cql2": cql2,
    "bbox": bbox,
    "tile-address": tile_address,
    "pmtiles": pmtiles,
    "gfix": gfix,
    "paths": paths,
    "workbooks": workbooks,
    "kml": kml,
}
