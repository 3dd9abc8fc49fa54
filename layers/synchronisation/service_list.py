"""Basic services: what a need for one is, who pays for it, and who acts.

The presets stand in ``layers/definitions/services.toml``; a workspace changes single keys of one,
or adds its own, under ``[[services]]``.  These are services as a desa budgets and a kabupaten
programmes them; kinds of facility with a norm of distance are in ``gaps.toml``.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field, model_validator

from layers.columns.catalogue import Definition, load_definition
from layers.errors import WorkspaceError
from layers.release.manifest_file import Text
from layers.workspace import plan_sections, workspace_file
from layers.workspace.section import FieldName

Addressee = Literal["kabupaten", "provinsi"]
People = Literal["remainder", "value", "all"]


class Need(Definition):
    """One measure that says whether a desa needs the service.

    Parameters
    ----------
    indicator
        An indicator; the desa is in need where it is worse than ``norm``.
    facility
        A kind of facility; the desa is in need where the nearest is beyond its norm, or no way
        leads to one.
    people
        Whom a need by indicator concerns: ``remainder`` (100 - value percent of the people),
        ``value`` (that percent) or ``all`` of them.
    """

    indicator: FieldName | None = None
    facility: FieldName | None = None
    norm: float | None = None
    people: People = "all"

    @model_validator(mode="after")
    def _is_one(self) -> "Need":
        if (self.indicator is None) == (self.facility is None):
            raise ValueError("a need is either an indicator or a facility")
        if self.indicator is not None and self.norm is None:
            raise ValueError(f"the need by {self.indicator} has no norm")
        return self


class BasicService(Definition):
    """A basic service, as the match of need and money knows it.

    Parameters
    ----------
    activities
        Activity codes of desa budgets that pay for it; a code covers all below it.  Empty: no desa
        may pay for it.
    opd
        The office that answers for it.
    addressee
        Whose office that is.
    weight
        Factor of the priority.
    step_desa, step_office
        The recommended step where the need has none of its own.
    """

    id: FieldName
    title: Text
    needs: tuple[Need, ...] = Field(min_length=1)
    activities: tuple[str, ...] = ()
    opd: str
    addressee: Addressee = "kabupaten"
    weight: float = Field(default=1.0, gt=0)
    step_desa: Text | None = None
    step_office: Text
    legal_basis: str
    source: str
    date: str


class Priority(Definition):
    """How needs are ranked: weight x severity ^ ``severity_power`` x people ^ ``people_power``."""

    severity_power: float = Field(gt=0, le=4)
    people_power: float = Field(gt=0, le=4)
    formula: Text
    source: str


class _Services(Definition):
    priority: Priority
    services: tuple[BasicService, ...]


def choose_priority(section: plan_sections.PrioritySection | None = None) -> Priority:
    """The formula of the priority: the preset, or the workspace's own powers."""
    preset = load_definition(_Services, "services.toml").priority
    if section is None:
        return preset
    powers = section.severity_power, section.people_power
    formula = Text(
        id=f"bobot × keparahan^{powers[0]:g} × penduduk terdampak^{powers[1]:g}",
        en=f"weight × severity^{powers[0]:g} × people affected^{powers[1]:g}",
    )
    return Priority(
        severity_power=powers[0],
        people_power=powers[1],
        formula=formula,
        source="[priority] of the workspace",
    )


def choose_basic_services(
    sections: Sequence[plan_sections.ServiceSection] = (), facilities: Iterable[str] = ()
) -> dict[str, BasicService]:
    """The services by id: the presets, as the workspace changes and completes them.

    Parameters
    ----------
    facilities
        Kinds of facility whose distance is measured: one that no service needs becomes a service
        of its own, so that no gap is left out.

    Raises
    ------
    WorkspaceError
        A service of the workspace lacks a key that no preset gives, or repeats an id.
    """
    preset = load_definition(_Services, "services.toml")
    services = {service.id: service for service in preset.services}
    seen: set[str] = set()
    for section in sections:
        if section.id in seen:
            raise WorkspaceError(f"services: '{section.id}' is declared twice.")
        seen.add(section.id)
        base = services.get(section.id)
        given: dict[str, object] = {} if base is None else base.model_dump(exclude_unset=True)
        given |= section.model_dump(exclude_unset=True)
        services[section.id] = workspace_file.parse_declarations(
            BasicService, given, f"services.{section.id}"
        )
    needed = {need.facility for service in services.values() for need in service.needs}
    for kind in sorted({*facilities} - needed - {*services}):
        services[kind] = _service_of_kind(kind)
    return services


def _service_of_kind(kind: str) -> BasicService:
    name = kind.replace("_", " ").capitalize()
    return BasicService(
        id=kind,
        title=Text(id=name, en=name),
        needs=(Need(facility=kind),),
        opd="Bappeda",
        step_office=Text(
            id="Tentukan perangkat daerah yang bertanggung jawab, lalu usulkan layanannya.",
            en="Decide which office answers for it, then propose the service.",
        ),
        legal_basis="PP 17/2018 (kecamatan)",
        source="[norms] of the workspace",
        date="",
    )
