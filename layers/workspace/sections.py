"""The workspace: what a kabupaten brings, declared in one ``wilayah.toml``.

Every input says its path, its **code system** (declared, never guessed), its columns and where it
comes from.  Unknown keys are errors, with the nearest known key named.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from boundaries.bounds.input_limits import InputLimits
from boundaries.polygons.declaration import CodesFromKeys, PolygonKeys
from boundaries.polygons.local_terms import LONGEST_TERM, term_of
from layers.release.manifest_file import KODE, Closed, LayerAccess, Text
from layers.workspace import access_sections, indicator_units, plan_sections, section
from layers.workspace.section import Section


def _read_term(text: str) -> str:
    term = term_of(text)
    if term is None:
        raise ValueError(
            f"no word for a kind of place: letters, at most {LONGEST_TERM}, such as gampong"
        )
    return term


Term = Annotated[str, AfterValidator(_read_term)]
CodePrefix = Annotated[str, StringConstraints(pattern=f"^(?:{KODE})?$")]
EVERYWHERE = ""


class SebutanSection(Section):
    """Words by prefix of the code: ``"11" = "gampong"``, ``"11.04" = "kampung"``.

    One word instead of a table counts everywhere; the longest prefix counts.  ``desa`` is for desa
    (fourth part of the code begins with 2), ``desa_adat`` for desa adat (3).  A kelurahan has no
    other name.
    """

    desa: dict[CodePrefix, Term] = Field(default_factory=dict)
    desa_adat: dict[CodePrefix, Term] = Field(default_factory=dict)
    kecamatan: dict[CodePrefix, Term] = Field(default_factory=dict)

    @field_validator("desa", "desa_adat", "kecamatan", mode="before")
    @classmethod
    def _read_bare_word(cls, given: object) -> object:
        """``desa = "gampong"`` is short for that word everywhere."""
        return {EVERYWHERE: given} if isinstance(given, str) else given


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]
Scope = Annotated[str, StringConstraints(pattern=r"^(?:\d{2}(?:\.\d{2})?|indonesia)$")]


class WilayahSection(section.Section):
    """What the workspace covers.

    ``scope`` holds kabupaten codes (``"53.06"``), provinsi codes (``"32"``) or ``"indonesia"``;
    rows of inputs outside it are counted as unmatched with that reason.
    """

    id: Slug
    name: str
    scope: tuple[Scope, ...] = Field(min_length=1)
    year: int = Field(ge=1945, le=2100)


class CodesFromSection(section.Section, CodesFromKeys):
    """Codes for polygons that carry none, from reference boundaries that cover the same places."""

    path: str
    encoding: section.Encoding | None = None


class BoundarySection(section.TextSection, PolygonKeys):
    """Desa polygons.  ``code_column`` may be left out only when ``codes_from`` is given."""

    codes_from: CodesFromSection | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The file and that of the codes, where they come from another one."""
        return (self.path,) if self.codes_from is None else (self.path, self.codes_from.path)


class NamesSection(section.TextSection):
    """Official code list: names of desa, kecamatan, kabupaten and provinsi by code."""

    code_system: section.CodeSystemName
    code_column: str
    name_column: str


class CrosswalkSection(section.TextSection):
    """Codes that moved or that bridge the systems.

    ``kind`` is ``bridge`` (BPS to Kemendagri, dated) or ``history`` (old code, new code, kind of
    change: split, merge, recode, rename; date).  The name columns of a bridge let a refusal name
    both places, and weigh names of tables against either system.
    """

    kind: Literal["bridge", "history"]
    from_column: str
    to_column: str
    from_name_column: str | None = None
    to_name_column: str | None = None
    kind_column: str | None = None
    date_column: str | None = None


class HistorySection(section.Section):
    """Shipped histories of codes that are used, by name (see ``layers/histories``)."""

    use: tuple[str, ...] = ()

    @field_validator("use", mode="before")
    @classmethod
    def _read_one(cls, use: object) -> object:
        """``use = "papua-2022"`` is short for a list of one."""
        return (use,) if isinstance(use, str) else use


class TableSection(section.TableFileSection):
    """One indicator table.

    ``columns`` maps source columns to indicator ids (wide shape).  In the long shape
    ``indicator_column`` and ``value_column`` are given and ``columns`` maps the names found in the
    former.  The year is fixed (``year``) or read (``year_column``).
    ``importer`` names a reader that knows the shape of a well-known source and needs no columns.
    ``note_column``, ``step_column`` and ``actor_column`` hold words about each value: what was
    found, what should be done about it and by whom (as the items of IDM do).
    Without codes, rows match by kecamatan and name inside ``kabupaten`` (all of the scope where it
    is not given); ``jenis_column`` says which is a desa, which a kelurahan.  ``desa`` is the
    code of the one desa of a file without codes.  ``presence_codes`` are the numbers that stand for
    there is one and there is none (Podes: 1, 2); an indicator of unit ``ada`` reads them as 1, 0.
    ``repeats = "sum"`` adds the rows of one desa (each names a part of what is there) instead of
    taking them for contradictions; ``part_column`` names the parts (stage of payment, facility), so
    that equal numbers are known to be several and no copies of one; a running number names none.
    """

    id: section.FieldName
    importer: str | None = None
    code_system: section.CodeSystemName | None = None
    code_column: str | None = None
    desa: str | None = None
    kabupaten: str | None = None
    kecamatan_column: str | None = None
    name_column: str | None = None
    jenis_column: str | None = None
    shape: Literal["wide", "long"] = "wide"
    columns: dict[str, str] = {}
    indicator_column: str | None = None
    value_column: str | None = None
    year: int | None = None
    year_column: str | None = None
    unit_factor: dict[str, float] = {}
    presence_codes: tuple[float, float] | None = None
    repeats: Literal["refuse", "sum"] = "refuse"
    part_column: str | None = None
    note_column: str | None = None
    step_column: str | None = None
    actor_column: str | None = None


class SpendingSection(section.TableFileSection):
    """Spending lines of desa (APBDes): one row per desa and activity.

    ``amounts`` says which of two amounts counts where a file has both: the original budget
    (``murni``) or the one after revision (``perubahan``).  ``importer`` names a reader that knows
    the columns; ``desa`` is the code of the one desa of a file without codes.  Where there is an
    ``account_column`` only accounts of spending (5) count, and no sums of others.
    """

    id: section.FieldName
    importer: str | None = None
    code_system: section.CodeSystemName
    code_column: str | None = None
    desa: str | None = None
    kabupaten: str | None = None
    year: int | None = None
    year_column: str | None = None
    activity_column: str | None = None
    account_column: str | None = None
    activity_name_column: str | None = None
    source_column: str | None = None
    anggaran_column: str | None = None
    anggaran_perubahan_column: str | None = None
    realisasi_column: str | None = None
    amounts: Literal["murni", "perubahan"] = "murni"


class FacilitySection(section.PointFileSection):
    """Places of service.  Position from geometry, ``lon_column`` and ``lat_column``, or
    ``position_column``.

    ``kind`` gives one kind for the whole file; else ``kind_column`` is read and ``kinds`` maps its
    words to kinds.  ``kind_in_name`` reads the kind in each name ("PUSTU X"); ``kinds`` then maps
    what is found (``pustu``) to kinds, or says what an abbreviation means (``mis = "sd"``).
    ``importer`` knows the columns of a list (``dapodik``, ``faskes``).  ``kind = "kantor_desa"``
    declares the desa offices, from which distances start; these need ``code_column``.
    ``supply_column`` says how much service a facility offers, in ``supply_unit`` (beds, pupils).
    ``covers`` names the kecamatan (or desa, or kabupaten) that the list is of, by code, where it is
    not of all: elsewhere a place that it does not name may be nearer.
    """

    id: section.FieldName
    importer: str | None = None
    kind: section.FieldName | None = None
    kind_column: str | None = None
    kind_in_name: bool = False
    kinds: dict[str, str] = {}
    id_column: str | None = None
    name_column: str | None = None
    code_column: str | None = None
    code_system: section.CodeSystemName | None = None
    supply_column: str | None = None
    supply_unit: str | None = None
    covers: tuple[CodePrefix, ...] = ()


class IndicatorSection(section.Section):
    """An indicator of the kabupaten's own, with the same keys as in ``layers/definitions``.

    ``summable`` says that it is a count, so that a merged desa and a kecamatan have the sum of
    their desa; scores, shares and rates are not.  Where it is not given, the unit decides (jiwa,
    unit, IDR: see ``SUMMABLE_UNITS``).  ``desa_only`` says that a kelurahan is not assessed, which
    is not a lack of data.  ``hide_below`` hides counts of persons from 1 to below it in all that is
    published (see `layers.tables.indicators.hiding`); below 2 there is only the 1, which hides
    nothing.
    """

    name: section.FieldName
    title: Text
    unit: str
    worse: Literal["low", "high"] | None = None
    decimals: int = 0
    group: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    summable: bool | None = None
    desa_only: bool = False
    hide_below: int | None = Field(default=None, ge=3)
    breaks: tuple[float, ...] | None = None
    closed: Closed = "right"
    colours: str | None = None
    null_meaning: Text | None = None
    source: str | None = None

    @property
    def is_summable(self) -> bool:
        """Whether values of several desa may be added: as declared, else by the unit."""
        return (
            self.unit in indicator_units.SUMMABLE_UNITS if self.summable is None else self.summable
        )

    @property
    def counts_things(self) -> bool:
        """Whether only whole numbers make sense: things are counted, in whatever unit."""
        unit = self.unit.strip().casefold()
        is_thing = unit in indicator_units.COUNTED or (
            self.is_summable and unit not in indicator_units.MEASURED
        )
        return self.decimals == 0 and is_thing


class AllowSection(section.Section):
    """One kind of finding that is known and accepted; the reason is published with it.

    ``kode``, ``other`` and ``file`` narrow it to one wilayah, a pair of them, or one input file.
    """

    check: str
    reason: str = Field(min_length=10)
    kode: str | None = None
    other: str | None = None
    file: str | None = None


class LayerSection(section.Section):
    """Who may see a layer: ``public`` everybody, ``token`` who shows a token that opens it.

    Layers that are made from it need a token too (see `layers.publish.describe.guard_layers`).
    """

    access: LayerAccess = "public"


LayerName = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:desa|kecamatan|kabupaten|provinsi|spending|facilities|gaps|needs"
        r"|synchronisation|isochrones_[a-z0-9_]{1,40})$"
    ),
]


class Workspace(section.Section):
    """The whole of ``wilayah.toml``."""

    schema_: Literal[1] = Field(alias="schema")
    wilayah: WilayahSection
    boundaries: tuple[BoundarySection, ...] = Field(min_length=1)
    names: tuple[NamesSection, ...] = ()
    crosswalks: tuple[CrosswalkSection, ...] = ()
    history: HistorySection = HistorySection()
    tables: tuple[TableSection, ...] = ()
    spending: tuple[SpendingSection, ...] = ()
    facilities: tuple[FacilitySection, ...] = ()
    population: access_sections.PopulationSection | None = None
    friction: access_sections.FrictionSection | None = None
    land_cover: access_sections.LandCoverSection | None = None
    elevation: access_sections.ElevationSection | None = None
    barriers: tuple[access_sections.BarrierSection, ...] = ()
    speeds: access_sections.SpeedsSection | None = None
    travel: access_sections.TravelSection = access_sections.TravelSection()
    roads: tuple[access_sections.RoadSection, ...] = ()
    programmes: tuple[plan_sections.ProgrammeSection, ...] = ()
    proposals: tuple[plan_sections.ProposalSection, ...] = ()
    indicators: tuple[IndicatorSection, ...] = ()
    norms: dict[section.FieldName, access_sections.NormSection] = {}
    services: tuple[plan_sections.ServiceSection, ...] = ()
    priority: plan_sections.PrioritySection | None = None
    sebutan: SebutanSection = SebutanSection()
    layers: dict[LayerName, LayerSection] = {}
    limits: InputLimits = InputLimits()
    allow: tuple[AllowSection, ...] = ()

    @field_validator("norms", mode="before")
    @classmethod
    def _read_bare_metres(cls, norms: object) -> object:
        """``puskesmas = 8000`` is short for ``puskesmas = { norm_m = 8000 }``."""
        if not isinstance(norms, dict):
            return norms
        return {
            kind: {"norm_m": norm} if isinstance(norm, int | float) else norm
            for kind, norm in norms.items()
        }
