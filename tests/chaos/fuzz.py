"""Random inputs for each parser that sees what strangers write: ``make fuzz``.

    fuzz: NAME seconds=… inputs=… slowest=…s tracebacks=… ok|short

An input is read, or refused by an error of the project; anything else is a traceback.  Inputs are
made by Hypothesis: texts of the words of a grammar, files that were whole before they were damaged.
"""

from __future__ import annotations

import argparse
import atexit
import io
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from boundaries import polygons
from boundaries.bounds.input_limits import InputFile
from boundaries.bounds.input_readers import open_readers, read_within
from boundaries.codes import CodeSystem, column, kode_types
from boundaries.errors import BoundariesError
from boundaries.polygons import geometry_text, path_text
from geo_service.errors import GeoServiceError
from geo_service.http import query_numbers
from geo_service.ogc import filter_work, filters, params
from geo_service.releases.store import ReleaseStore
from geo_service.releases.tiles import find_tile_or_file
from layers.errors import LayersError
from layers.release.archive import Archive
from layers.release.byte_source import MemoryBytes
from layers.release.features import FeatureIndex
from layers.release.manifest_file import CURRENT_LINK
from layers.tables.files import grids
from layers.tables.numbers import expectations, numbers
from tests.boundaries.test_fuzz_readers import whole_file
from tests.geo_service.test_query_fuzz import CQL2, JSON, NUMBERS, PATHS, joined, words_of
from tests.layers.tables.workbook_files import WRITERS
from tests.sample_cache import cached_releases

Input = TypeVar("Input")
EXAMPLES = 200
"""Of one round; then the time is looked at."""
MOST_BYTES = 6_000_000_000
"""Of this process; files are read in one of their own, as they are in use."""
MOST_TRACEBACKS = 5
REFUSALS = (BoundariesError, LayersError, GeoServiceError)


@dataclass
class Target(Generic[Input]):
    """A parser: what it is given, and how it is asked."""

    inputs: st.SearchStrategy[Input]
    read: Callable[[Input], object]


@dataclass
class Outcome:
    """What a parser made of its inputs."""

    name: str
    inputs: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0
    tracebacks: dict[str, str] = field(default_factory=dict)
    """The text of each, by where it came from."""

    def line(self) -> str:
        """The figures on one line."""
        return (
            f"fuzz: {self.name} seconds={self.seconds:.0f} inputs={self.inputs} "
            f"slowest={self.slowest_s:.2f}s tracebacks={len(self.tracebacks)} "
            f"{'short' if self.tracebacks else 'ok'}"
        )


def fuzz(name: str, seconds: float, first: int = 0) -> Outcome:
    """Give a parser inputs for so many seconds; rounds are numbered, and repeat by their number."""
    outcome, target = Outcome(name), TARGETS[name]()
    began, number = time.monotonic(), first
    while time.monotonic() < began + seconds and len(outcome.tracebacks) < MOST_TRACEBACKS:
        try:
            with open_readers():
                _round(target, number, outcome, began + seconds)
        except REFUSALS:
            raise
        except HypothesisException:
            raise
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{last.filename}:{last.lineno} {type(error).__name__}"
            outcome.tracebacks.setdefault(place, _told(error, number))
        number += 1
    outcome.seconds = time.monotonic() - began
    return outcome


def _round(target: Target[Input], number: int, outcome: Outcome, end: float) -> None:
    failed: set[str] = set()

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(target.inputs)
    def read_all(given: Input) -> None:
        began = time.monotonic()
        if began > end and not failed:
            return
        try:
            target.read(given)
        except (*REFUSALS, geometry_text.GeometryTextError):
            pass
        except Exception as error:
            # Now it is made as small as can be, which takes its time.
            failed.add(type(error).__name__)
            raise
        outcome.inputs += 1
        outcome.slowest_s = max(outcome.slowest_s, time.monotonic() - began)

    read_all()


def _told(error: Exception, number: int) -> str:
    notes = "\n".join(getattr(error, "__notes__", []))
    return f"round {number}\n{''.join(traceback.format_exception(error)[-6:])}{notes}"


# Files that were whole before they were damaged.

_EXTREMES = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1]
Edit = tuple[str, float, int, bytes]
EDITS: st.SearchStrategy[Edit] = st.tuples(
    st.sampled_from(["byte", "number", "insert", "remove", "repeat", "cut"]),
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.integers(0, 255), st.sampled_from(_EXTREMES)),
    st.binary(max_size=12),
)


def damage(whole: bytes, edits: list[Edit]) -> bytes:
    """The bytes after some edits, each at a share of their length."""
    content = bytearray(whole)
    for act, share, number, text in edits:
        place = int(share * len(content))
        length = number % 64
        if act == "byte":
            content[place : place + 1] = bytes([number & 0xFF])
        elif act == "number":
            content[place : place + 4] = (number & 0xFFFFFFFF).to_bytes(4, "little")
        elif act == "insert":
            content[place:place] = text
        elif act == "remove":
            del content[place : place + length]
        elif act == "repeat":
            content[place:place] = content[place : place + length] * (length % 5)
        elif share > 0.5:
            del content[place:]
    return bytes(content)


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """A file, damaged in a few places."""
    return st.builds(damage, st.just(whole), st.lists(EDITS, max_size=4))


def damaged_inside(whole: bytes) -> st.SearchStrategy[bytes]:
    """An archive of which one member is damaged, packed again as if it were sound."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def pack(name: str, edits: list[Edit]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, damage(content, edits) if member == name else content)
        return stream.getvalue()

    return st.builds(
        pack, st.sampled_from(sorted(members)), st.lists(EDITS, min_size=1, max_size=4)
    )


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


def main(arguments: list[str]) -> int:
    """Give each parser inputs; the exit code is 1 where one ended in a traceback."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.fuzz")
    parser.add_argument("--seconds", type=float, default=600.0, help="for each parser")
    parser.add_argument("--only", default="", choices=["", *TARGETS], help="one parser")
    parser.add_argument("--round", type=int, default=0, help="the first round")
    given = parser.parse_args(arguments)
    # What is beyond it is an error of Python, not the end of the machine.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    warnings.simplefilter("ignore")
    outcomes = []
    for name in [given.only] if given.only else TARGETS:
        outcome = fuzz(name, given.seconds, given.round)
        outcomes.append(outcome)
        print(outcome.line(), flush=True)
        for place, text in outcome.tracebacks.items():
            print(f"fuzz: {name}: {place}\n{text}", flush=True)
    return 1 if any(outcome.tracebacks for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
