"""The release contract: what a release holds, as models of its ``manifest.json``.

The manifest is written last; a directory without it is not a release.
"""

import hashlib
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NewType

import pydantic

from layers.release.errors import ReleaseUnusableError, explained

# Part of the contract: pages say it as the texts of the release do.
from layers.release.term_words import GENERAL_TERMS as GENERAL_TERMS
from layers.release.term_words import KECAMATAN as KECAMATAN
from layers.release.term_words import KELURAHAN as KELURAHAN
from layers.release.term_words import Terms as Terms
from layers.release.term_words import capital as capital
from layers.release.term_words import fill_terms as fill_terms
from layers.release.term_words import make_terms as make_terms

SCHEMA_VERSION = "1.6"
MANIFEST_NAME = "manifest.json"
CURRENT_LINK = "current"
PROVENANCE = ("findings.json", "tables/", "reports/")
"""Files that tell where a row stood in its input; they describe the inputs, not the data."""

ReleaseId = NewType("ReleaseId", str)
_SCHEMA = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})")
KODE = r"[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{4})?)?)?"
"""How the dotted code of a wilayah of any level is written; not that there is such a one."""
RELEASE_ID_PATTERN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?-[0-9a-f]{16}")

Status = Literal["ok", "no_data", "unreachable", "not_applicable", "before_split", "suppressed"]
Level = Literal["desa", "kecamatan", "kabupaten", "provinsi", "point", "area"]
FieldType = Literal["string", "integer", "number", "date"]
Closed = Literal["right", "left"]
LayerAccess = Literal["public", "token"]
Name = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Sha256 = Annotated[str, pydantic.StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Bbox = tuple[float, float, float, float]


class Model(pydantic.BaseModel):
    """Frozen; unknown keys are errors."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Grown(Model):
    """A model that newer schemas added keys to.

    It is written as it was: keys that an older manifest does not have are left out, so that the
    manifest keeps its spelling, and with it its hash.
    """

    added: ClassVar[frozenset[str]] = frozenset()

    @pydantic.model_serializer(mode="wrap")
    def _write(self, write: pydantic.SerializerFunctionWrapHandler) -> dict[str, object]:
        written: dict[str, object] = write(self)
        absent = self.added - self.model_fields_set
        return {key: value for key, value in written.items() if key not in absent}


class Text(Model):
    """One text in both languages of the interface."""

    id: str
    en: str


class Classes(Grown):
    """Class breaks of a field, computed once over the stated comparison set.

    Class ``i`` holds values ``v`` with ``breaks[i-1] < v <= breaks[i]``: the upper edge belongs to
    the lower class, as in the published IDM bands.  Where ``closed`` is ``left`` it holds
    ``breaks[i-1] <= v < breaks[i]``: an edge is then the least that suffices, such as a norm of
    80 %, and who reaches it is not painted with those below (schema 1.3).  There are
    ``len(breaks) + 1`` classes and as many ``colours`` and ``counts``; the first and the last are
    open at their ends.
    """

    added: ClassVar[frozenset[str]] = frozenset({"closed"})

    method: Literal["fixed", "quantile", "equal", "natural"]
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    labels: tuple[Text, ...] | None = None
    counts: tuple[int, ...] = ()
    compared_with: str = "release"
    closed: Closed = "right"


class Coverage(Model):
    """What a sum, median, count or share rests on: ``known`` of ``total`` parts.

    ``known`` is a property of the same feature; ``total`` another, or a number that holds for all.
    Where ``known`` is less than ``total`` the value is one of a part, and whoever shows it says so.
    ``persen`` is the share of the area of the place that a raster covers, of 100; ``baris`` are
    lines of a budget, programme or proposal of which the amount is known.
    """

    known: Name
    total: Name | int
    unit: Literal["desa", "ukuran", "layanan", "persen", "baris"]


class FieldEntry(Grown):
    """One property of a layer's features.

    ``thematic`` fields can be chosen on the map.  A thematic field ``x`` is accompanied by a
    property ``x_status`` (see `Status`) and, where it has years, by ``x_tahun``.  ``norm`` is the
    value, in the unit of the field, beyond which the service counts as out of reach.
    ``year_counts`` says how many features have a value in each year.  Where there is a
    ``hide_below``, a ``suppressed`` value is a whole number from 1 to below it;
    ``suppressed_meaning`` says in words what is kept back and why.
    ``coverage`` says of an aggregate how much of what it is made from is known; it came with schema
    1.4.

    ``source`` is what definition, norm or class breaks rest on, never the source of the data: that
    is ``inputs``, the names of the entries of `Manifest.inputs` from which any value of the field
    was made; ``year_inputs`` those of each year.  ``summary_of`` (``<layer>.<field>``) is the field
    of the desa that a field of kecamatan or kabupaten sums up.  These three came with schema 1.4;
    which inputs made one value is in ``tables/provenance.sqlite``.
    """

    added: ClassVar[frozenset[str]] = frozenset(
        {
            "inputs",
            "year_inputs",
            "summary_of",
            "hide_below",
            "suppressed_meaning",
            "coverage",
        }
    )

    name: Name
    type: FieldType
    title: Text
    unit: str | None = None
    thematic: bool = False
    group: str | None = None
    worse: Literal["low", "high"] | None = None
    norm: float | None = None
    decimals: int = 0
    years: tuple[int, ...] = ()
    classes: Classes | None = None
    null_meaning: Text | None = None
    hide_below: int | None = None
    suppressed_meaning: Text | None = None
    status_counts: dict[str, int] = {}
    year_counts: dict[int, int] = {}
    source: str | None = None
    method: Text | None = None
    coverage: tuple[Coverage, ...] = ()
    inputs: tuple[str, ...] = ()
    year_inputs: dict[int, tuple[str, ...]] = {}
    summary_of: str | None = None


class LayerEntry(Grown):
    """One published layer; the same id is collection, vector layer and style source-layer.

    ``suppliers`` handed in the files that any of its values was made from; ``dated`` are the dates
    of these files.  Which of them made a field is in `FieldEntry.inputs`.  ``attribution`` cites
    them all, ``tile_attribution`` (schema 1.4) those of the properties in the tiles.  ``access``
    says whether a server gives the layer to everybody or to who shows a token; a static host cannot
    know that, so such a release must not lie on one.
    """

    added: ClassVar[frozenset[str]] = frozenset({"tile_attribution", "access"})

    id: Name
    level: Level
    title: Text
    description: Text
    headline: Name | None = None
    fields: tuple[FieldEntry, ...]
    tile_fields: tuple[Name, ...]
    count: int
    bbox_lonlat: Bbox
    min_zoom: int
    max_zoom: int
    licence: str | None = None
    attribution: str | None = None
    tile_attribution: str | None = None
    suppliers: tuple[str, ...] = ()
    dated: tuple[str, ...] = ()
    downloads: tuple[str, ...] = ()
    access: LayerAccess = "public"


class InputEntry(Model):
    """One input file of the workspace, as it was when the release was built."""

    input: str
    path: str
    sha256: Sha256
    size: int
    source: str | None = None
    licence: str | None = None
    date: str | None = None
    supplier: str | None = None
    code_system: Literal["kemendagri", "bps"] | None = None


def _check_path(path: str) -> str:
    """The path, if it leads to a place inside the release and is the one spelling of it."""
    parts = path.split("/")
    if {"", ".", ".."} & set(parts) or "\\" in path or "\0" in path:
        raise ValueError(f"{path!r} is no path inside a release")
    return path


class FileEntry(Model):
    """One file of the release: path relative to the release, POSIX form."""

    path: Annotated[str, pydantic.AfterValidator(_check_path)]
    size: int
    sha256: Sha256


class WilayahEntry(Grown):
    """One kecamatan, kabupaten or provinsi covered, for navigation and search.

    ``sebutan`` is what a kecamatan is called (kecamatan, distrik, kapanewon); ``sebutan_desa`` is
    how many of the desa are called what, the most frequent first.  Both came with schema 1.2.
    """

    added: ClassVar[frozenset[str]] = frozenset({"sebutan", "sebutan_desa"})

    level: Literal["kecamatan", "kabupaten", "provinsi"]
    kode: str
    nama: str
    parent: str | None
    bbox_lonlat: Bbox
    desa: int
    sebutan: str | None = None
    sebutan_desa: dict[str, int] = {}


class Manifest(Model):
    """Everything needed to check and serve a release."""

    schema_version: str
    release_id: str
    manifest_sha256: str
    code_version: str
    wilayah_id: str
    title: str
    year: int
    bbox_lonlat: Bbox
    wilayah: tuple[WilayahEntry, ...]
    layers: tuple[LayerEntry, ...]
    inputs: tuple[InputEntry, ...]
    findings: dict[str, int]
    files: tuple[FileEntry, ...]


def list_data_years(manifest: Manifest) -> str:
    """The first and last year of any value, as ``2023–2025``; else the declared ``year``."""
    years = {year for layer in manifest.layers for field in layer.fields for year in field.years}
    return "–".join(map(str, sorted({min(years), max(years)}))) if years else str(manifest.year)


def is_release_id(text: str) -> bool:
    """Whether ``text`` has the form of a release id; anything else never reaches the disk.

    >>> is_release_id("sampel-0123456789abcdef"), is_release_id("../etc")
    (True, False)
    """
    return RELEASE_ID_PATTERN.fullmatch(text) is not None


def read_manifest(release: Path) -> Manifest:
    """The manifest of a release directory.

    Raises
    ------
    OSError
        There is no readable ``manifest.json``: the directory is no release.
    ReleaseUnusableError
        The manifest does not follow the contract of this version.
    """
    path = release / MANIFEST_NAME
    return parse_manifest(path.read_bytes(), path)


def parse_manifest(content: bytes, name: str | Path = MANIFEST_NAME) -> Manifest:
    """The manifest that the bytes of a file hold.

    Raises
    ------
    ReleaseUnusableError
        It does not follow the contract of this version.
    """
    try:
        with explained(name):
            manifest = Manifest.model_validate_json(content)
    except ReleaseUnusableError:
        _refuse_foreign(_declared_schema(content), name, has_failed=True)
        raise
    _refuse_foreign(manifest.schema_version, name)
    return manifest


def _refuse_foreign(version: str, name: str | Path, *, has_failed: bool = False) -> None:
    """Refuse a schema that this program does not read, with what to do about it.

    Of a newer minor schema what can be read is served; ``has_failed`` says that it could not.
    """
    number = _SCHEMA.fullmatch(version)
    if number is None and has_failed:
        return
    major, minor = (int(part) for part in number.groups()) if number else (0, 0)
    own_major, own_minor = (int(part) for part in SCHEMA_VERSION.split("."))
    if major == own_major and not (has_failed and minor > own_minor):
        return
    is_newer = (major, minor) > (own_major, own_minor)
    advice = "upgrade the program" if is_newer else "build the release again with this program"
    raise ReleaseUnusableError(
        f"{name}: has schema {version}, this program reads {SCHEMA_VERSION}: {advice}."
    )


def _declared_schema(content: bytes) -> str:
    """The schema that a manifest says, though nothing else of it may be readable."""
    # What is nested too deeply for the one reader may be so for the other.
    with suppress(ValueError, RecursionError):
        document = json.loads(content)
        if isinstance(document, dict):
            return str(document.get("schema_version", ""))
    return ""


def manifest_bytes(manifest: Manifest) -> bytes:
    """The one spelling of a manifest: what ``manifest.json`` holds, byte for byte.

    Because there is one spelling, a changed byte in the file either changes what it says (and so
    its hash, see `hash_manifest`) or is not this spelling; neither goes unseen.
    """
    document = manifest.model_dump(mode="json")
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def make_release_id(manifest: Manifest) -> ReleaseId:
    """A name made of what it names: slug of the wilayah and a hash over what is published.

    The hash covers everything the manifest says, every published file among it, but not in which
    order the rows of an input stood: the hashes of the input files themselves and the files that
    tell row numbers (`PROVENANCE`) are left out, so the same data in another order is the same
    release.  `hash_manifest` covers these too.
    """
    content = manifest.model_copy(
        update={
            "release_id": "",
            "manifest_sha256": "",
            "inputs": tuple(
                entry.model_copy(update={"sha256": "0" * 64, "size": 0})
                for entry in manifest.inputs
            ),
            "files": tuple(
                entry for entry in manifest.files if not entry.path.startswith(PROVENANCE)
            ),
        }
    )
    digest = hashlib.sha256(manifest_bytes(content)).hexdigest()
    return ReleaseId(f"{manifest.wilayah_id}-{digest[:16]}")


def hash_manifest(manifest: Manifest) -> str:
    """The sha256 over all that the manifest says, but this hash itself."""
    unsigned = manifest.model_copy(update={"manifest_sha256": ""})
    return hashlib.sha256(manifest_bytes(unsigned)).hexdigest()


def sign_manifest(unnamed: Manifest) -> Manifest:
    """The manifest with its id and its own hash filled in."""
    named = unnamed.model_copy(update={"release_id": make_release_id(unnamed)})
    return named.model_copy(update={"manifest_sha256": hash_manifest(named)})
