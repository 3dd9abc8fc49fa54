"""Sections of ``wilayah.toml`` about what is planned: programmes, proposals, basic services."""

from typing import Literal

from pydantic import Field

from layers.release.manifest_file import Text
from layers.workspace.section import CodeSystemName, FieldName, PointFileSection, Section


class PlannedSection(PointFileSection):
    """What programmes and proposals declare alike: one row for each activity at a place.

    The place is a code (desa, kecamatan or kabupaten), a point, names, or only words.  ``services``
    maps the words of ``service_column`` (without one: of ``activity_column``) to services.
    """

    id: FieldName
    code_system: CodeSystemName | None = None
    code_column: str | None = None
    kecamatan_column: str | None = None
    place_column: str | None = None
    year: int | None = None
    year_column: str | None = None
    activity_column: str
    service_column: str | None = None
    services: dict[str, FieldName] = {}
    amount_column: str | None = None
    source_column: str | None = None


class ProgrammeSection(PlannedSection):
    """Programmes of the kabupaten (RKPD, Renja); ``opd`` or its column says which office acts."""

    opd: str | None = None
    opd_column: str | None = None


class ProposalSection(PlannedSection):
    """Proposals of the desa (usulan: RKP Desa, musrenbang), a table or points."""

    status_column: str | None = None


class NeedSection(Section):
    """A measure of need, with the keys of `layers.synchronisation.service_list.Need`."""

    indicator: FieldName | None = None
    facility: FieldName | None = None
    norm: float | None = None
    people: Literal["remainder", "value", "all"] | None = None


class ServiceSection(Section):
    """A basic service: a new one, or single keys of a preset (see `BasicService`)."""

    id: FieldName
    title: Text | None = None
    needs: tuple[NeedSection, ...] | None = None
    activities: tuple[str, ...] | None = None
    opd: str | None = None
    addressee: Literal["kabupaten", "provinsi"] | None = None
    weight: float | None = None
    step_desa: Text | None = None
    step_office: Text | None = None
    legal_basis: str | None = None
    source: str | None = None
    date: str | None = None


class PrioritySection(Section):
    """The kabupaten's own order of needs, see `layers.synchronisation.service_list.Priority`."""

    severity_power: float = Field(default=1.0, gt=0, le=4)
    people_power: float = Field(default=1.0, gt=0, le=4)
