"""What a need and its funding rest on: each measure, and the money as far as it decides."""

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from layers.columns.assemble import kode_to_fid
from layers.provenance import money_sources, place_sources
from layers.provenance.lineage import NO_USES, Lineage, Sources, Strand, make_uses, use_everywhere
from layers.release.provenance_file import EVERYWHERE, REST
from layers.synchronisation import map_layers, match, service_list
from layers.synchronisation.needs import Demand, latest_year
from layers.workspace.sections import Workspace

_ROLE_OF = {"belanja": "budget", "program": "programme", "usulan": "proposal"}
_GROUP_OF = {"programme": "programmes", "proposal": "proposals"}
_PAID_BY_DESA = ("need_funded_by_desa",)
_PAID = (*_PAID_BY_DESA, "need_in_programme")


def trace_people(
    lineage: Lineage, workspace: Workspace, settled: pd.DataFrame, tahun: int
) -> pd.DataFrame:
    """Uses of the people of each desa: the register where it knows them, else the raster."""
    raster = place_sources.groups_of(workspace, ["population"])
    registered = money_sources.trace_registered(lineage, settled, tahun)
    year = latest_year(settled, money_sources.PEOPLE, tahun)
    if year is None:
        return use_everywhere("people", raster)
    rows = settled[(settled["indikator"] == money_sources.PEOPLE) & (settled["tahun"] == year)]
    others = place_sources.to_places(rows.loc[rows["status"] != "ok", "kode"])
    counted = [make_uses(others, "people", name) for name in raster]
    return pd.concat([registered, *counted], ignore_index=True)


def trace_needs(
    lineage: Lineage,
    workspace: Workspace,
    services: Mapping[str, service_list.BasicService],
    demand: Demand,
    matched: match.Matched,
    spending: pd.DataFrame | None,
) -> tuple[Strand, ...]:
    """The uses of the layers ``needs`` and ``synchronisation``, of the year of the workspace.

    Parameters
    ----------
    lineage
        Of the indicators, of access.
    spending
        Budget lines: ``kode, tahun, input, row``.
    """
    sources, strands = lineage.sources, []
    year = demand.year
    frame = matched.frame[matched.frame["tahun"] == year]
    people = trace_people(lineage, workspace, demand.settled, year)
    parts: dict[str, list[pd.DataFrame]] = {"measures": [], "states": [], "people": []}
    points: dict[str, list[pd.DataFrame]] = {"measures": [], "states": [], "people": []}
    for layanan in sorted(frame["layanan"].unique()):
        needs = frame[frame["layanan"] == layanan]
        service = services[layanan]
        measures = pd.concat(_measure_uses(lineage, service, demand), ignore_index=True)
        money = _money_uses(workspace, needs, matched.evidence, spending)
        counted = pd.concat(_people_uses(lineage, service, people), ignore_index=True)
        states = pd.concat([measures, money], ignore_index=True)
        strands.append(sources.trace("needs", [f"{layanan}_state"], None, [states]))
        feature = dict(
            zip(kode_to_fid(needs["kode"]), map_layers.number_matches(needs), strict=True)
        )
        feature[EVERYWHERE] = EVERYWHERE
        used = {"measures": measures, "states": states, "people": counted}
        for name, uses in used.items():
            parts[name].append(uses)
            points[name].append(_at_points(uses, feature))
    layer, of_people = "synchronisation", points["measures"] + points["people"]
    return (
        *strands,
        *_trace_totals(sources, parts),
        sources.trace(layer, [REST], None, points["states"]),
        sources.trace(layer, ["severity"], None, points["measures"]),
        sources.trace(layer, ["people", "priority"], None, of_people),
    )


def _at_points(uses: pd.DataFrame, feature: Mapping[int, int]) -> pd.DataFrame:
    return (
        uses.assign(place=uses["place"].map(feature))
        .dropna(subset=["place"])
        .astype({"place": "int64"})
    )


def _trace_totals(
    sources: Sources, parts: Mapping[str, Sequence[pd.DataFrame]]
) -> tuple[Strand, ...]:
    """The totals of a desa rest on what the states of all its services rest on."""
    states = pd.concat(parts["states"], ignore_index=True) if parts["states"] else NO_USES
    paid_by_desa = states[~states["role"].isin(["programme", "proposal"])]
    return (
        sources.trace("needs", ["need_count"], None, parts["measures"]),
        sources.trace("needs", ["unfunded_count"], None, [states]),
        sources.trace("needs", ["unfunded_people"], None, [states, *parts["people"]]),
        sources.trace("needs", ["without_need_idr"], None, [paid_by_desa]),
    )


def _measure_uses(
    lineage: Lineage, service: service_list.BasicService, demand: Demand
) -> list[pd.DataFrame]:
    """Each measure of a service: the row of its indicator, or its origin and facility."""
    uses = [NO_USES]
    for need in service.needs:
        if need.facility is not None:
            uses.append(lineage.uses_of("gaps", f"jarak_{need.facility}_m", None))
            continue
        year = latest_year(demand.settled, str(need.indicator), demand.year)
        if year is not None:
            uses.append(lineage.uses_of("desa", str(need.indicator), year))
    return uses


def _people_uses(
    lineage: Lineage, service: service_list.BasicService, people: pd.DataFrame
) -> list[pd.DataFrame]:
    """Whom the measures of a service concern: of a facility a share of the people of the desa."""
    facilities = [need.facility for need in service.needs if need.facility is not None]
    shares = [
        lineage.uses_of("gaps", f"penduduk_di_luar_norma_{facility}", None)
        for facility in facilities
    ]
    by_indicator = any(need.indicator is not None for need in service.needs)
    is_counted = by_indicator or any(len(uses) for uses in shares)
    return [NO_USES, *shares, *([people] if is_counted else [])]


def _money_uses(
    workspace: Workspace,
    states: pd.DataFrame,
    evidence: pd.DataFrame,
    spending: pd.DataFrame | None,
) -> pd.DataFrame:
    """The money that decides the state of one service in each desa.

    The budget of the desa comes first, then programmes, then proposals, as in the rule; what comes
    after a payer decides nothing.  Where no line names the service, all lines of the desa, or the
    whole list, are what says so.
    """
    layanan, year = states["layanan"].iloc[0], int(states["tahun"].iloc[0])
    lines = evidence[
        (evidence["layanan"] == layanan)
        & (evidence["tahun"] == year)
        & evidence["tingkat"].isin(["desa", "kecamatan"])
    ]
    in_need = states["kebutuhan"] == "need"
    decides = {
        "budget": pd.Series(True, index=states.index),
        "programme": in_need & ~states["keadaan"].isin(_PAID_BY_DESA),
        "proposal": in_need & ~states["keadaan"].isin(_PAID),
    }
    uses = []
    for kind, role in _ROLE_OF.items():
        decided = states[decides[role]]
        named = lines[(lines["jenis"] == kind) & lines["kode"].isin(set(decided["kode"]))]
        uses.append(
            make_uses(
                place_sources.to_places(named["kode"]),
                role,
                named["input"].to_numpy(),
                named["row"].to_numpy(),
            )
        )
        silent = decided[~decided["kode"].isin(set(named["kode"]))]
        uses += _silent_uses(workspace, role, silent, spending, year)
    return pd.concat(uses, ignore_index=True)


def _silent_uses(
    workspace: Workspace,
    role: str,
    silent: pd.DataFrame,
    spending: pd.DataFrame | None,
    year: int,
) -> list[pd.DataFrame]:
    """What says that no line of a kind names a service."""
    if role != "budget":
        names: Collection[str] = place_sources.groups_of(workspace, [_GROUP_OF[role]])
        places = place_sources.to_places(silent["kode"])
        return [make_uses(places, role, name) for name in names]
    if spending is None:
        return []
    budgeted = set(silent.loc[silent["pendanaan"] == "known", "kode"])
    return [
        money_sources.use_lines(
            spending[(spending["tahun"] == year) & spending["kode"].isin(budgeted)]
        )
    ]
