"""The evaluation sheet of a draft APBDes: what its lines leave open, and what the camat decides.

The lines are of the current release: needs without money, money without a need, earmarks.  The
decisions are events of one item for each desa and year, which is on no list and goes no way.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from geo_service.errors import RegisterError
from geo_service.register import event_log, records
from geo_service.register.event_store import Register

LineKind: TypeAlias = Literal["need", "surplus", "earmark"]
NEEDS, EARMARKS = "tables/synchronisation.parquet", "tables/earmarks.parquet"
WITHOUT_MONEY = ("need_unfunded", "need_proposed_only", "unknown")


@dataclass(frozen=True, slots=True)
class EvaluationLine:
    """One line of the sheet.

    Parameters
    ----------
    id
        ``need:air_minum``, ``surplus:jalan`` or ``earmark:ketahanan_pangan``: by it a decision
        names the line.
    state
        Of the release: state of the match, or *kept*, *broken*, *no_data* of an earmark.
    amount_idr
        Rupiah of the budget in it; None where no line says any.
    percent, limit_percent
        Of an earmark: its share of the Dana Desa and the limit, ``at_least`` or ``at_most``.
    """

    id: str
    kind: LineKind
    about: str
    state: str
    amount_idr: int | None = None
    percent: float | None = None
    limit_percent: float | None = None
    limit: str | None = None
    decision: records.Decided | None = None


@dataclass(frozen=True, slots=True)
class SheetCounts:
    """How much the sheet of one desa and year has; ``decided`` lines are of all kinds."""

    needs: int
    surplus: int
    broken: int
    decided: int


def evaluation_id(kode: str, tahun: int) -> str:
    """Id of the item that holds the decisions on the budget of a desa and year."""
    return hashlib.sha256(f"apbdes {kode} {tahun}".encode()).hexdigest()[:16]


def read_evaluation(
    release: Path, register: Register, kode: str, tahun: int
) -> tuple[EvaluationLine, ...]:
    """The lines of a desa and year, each with the last decision on it.

    Raises
    ------
    RegisterError
        The release knows nothing of this desa and year, or matches no need with money.
    """
    this = [("kode", "==", kode), ("tahun", "==", tahun)]
    matched = _rows(release / NEEDS, this)
    if not matched:
        raise RegisterError(f"{release.name} has no needs of {kode} in {tahun}.")
    lines = [_need_line(row) for row in matched if row["keadaan"] in WITHOUT_MONEY]
    lines += [
        EvaluationLine(
            f"surplus:{row['layanan']}",
            "surplus",
            row["layanan"],
            row["keadaan"],
            row["belanja_idr"],
        )
        for row in matched
        if row["keadaan"] == "funded_without_need"
    ]
    lines += [_earmark_line(row) for row in _rows(release / EARMARKS, this)]
    events = register.events(evaluation_id(kode, tahun))
    decided = register.item(events[0].item).decisions if events else ()
    by_line = {decision.line: decision for decision in decided}
    return tuple(_with_decision(line, by_line.get(line.id)) for line in lines)


def list_sheets(release: Path, register: Register, area: str) -> dict[str, dict[int, SheetCounts]]:
    """What the sheets of a kecamatan have: desa by code, and of each the years that it has."""
    inside = [("kode", ">=", f"{area}."), ("kode", "<", f"{area}/")]
    states: dict[tuple[str, int], Counter[str]] = {}
    for path in (NEEDS, EARMARKS):
        for row in _rows(release / path, inside, ["kode", "tahun", "keadaan"]):
            states.setdefault((row["kode"], row["tahun"]), Counter())[row["keadaan"]] += 1
    ids = {evaluation_id(*place): place for place in states}
    decided: dict[tuple[str, int], set[str]] = {}
    query = sa.select(event_log.EVENT.c.event).where(event_log.EVENT.c.item.in_(list(ids)))
    for logged in register.rows(query):
        event = event_log.read_event(logged.event)
        if isinstance(event.content, records.Decided):
            decided.setdefault(ids[event.item], set()).add(event.content.line)
    sheets: dict[str, dict[int, SheetCounts]] = {}
    for (kode, tahun), count in sorted(states.items()):
        sheets.setdefault(kode, {})[tahun] = SheetCounts(
            sum(count[state] for state in WITHOUT_MONEY),
            count["funded_without_need"],
            count["broken"],
            len(decided.get((kode, tahun), ())),
        )
    return sheets


def decide(
    register: Register,
    place: tuple[str, int],
    decided: records.Decided,
    actor: records.Actor,
    moment: datetime,
    seen: int | None = None,
) -> records.Item:
    """The item of the evaluation of a desa and year after one more decision.

    Parameters
    ----------
    seen
        How many events it had when the person decided; None where that does not matter.

    Raises
    ------
    StepRefusedError
        The decision is not this person's.
    RegisterConflictError
        Somebody else decided since.
    """
    kode, tahun = place
    if seen:
        item = replace(register.item(evaluation_id(kode, tahun)), version=seen)
        return register.add(item, (decided,), actor, moment)
    title = f"Evaluasi rancangan APBDes {tahun}"
    raised = records.Raised(subject="apbdes", kode=kode, title=title, tahun=tahun)
    return register.begin_or_add(evaluation_id(kode, tahun), raised, (decided,), actor, moment)


def _rows(
    path: Path, filters: list[tuple[str, str, Any]], columns: list[str] | None = None
) -> list[dict[str, Any]]:
    # Loaded by who reads a sheet only: the page of sheets is loaded with every server.
    import pyarrow.parquet as pq

    if not path.is_file():
        return []
    rows: list[dict[str, Any]] = pq.read_table(path, columns=columns, filters=filters).to_pylist()
    return rows


def _need_line(row: dict[str, Any]) -> EvaluationLine:
    return EvaluationLine(
        f"need:{row['layanan']}", "need", row["layanan"], row["keadaan"], row["belanja_idr"]
    )


def _earmark_line(row: dict[str, Any]) -> EvaluationLine:
    return EvaluationLine(
        f"earmark:{row['aturan']}",
        "earmark",
        row["aturan"],
        row["keadaan"],
        row["anggaran_idr"],
        row["persen"],
        row["persen_batas"],
        row["batas"],
    )


def _with_decision(line: EvaluationLine, decision: records.Decided | None) -> EvaluationLine:
    return line if decision is None else replace(line, decision=decision)
