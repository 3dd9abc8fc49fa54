"""The follow-up list of a kecamatan as the release has it, put into words of one language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from geo_service.releases.release import Release
from layers.release.manifest import Text
from web_map.words import Words

LIST = "tables/follow_up.jsonl"
INDEX = "tables/follow_up.index.json"
SERVICES = "services.json"
SCORE = "skor"
SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Task:
    """One need of one desa: what is wrong, who acts next, how, and with which money.

    Parameters
    ----------
    addressee_kind, addressee
        ``desa``, ``kabupaten`` or ``provinsi``, and the name of the desa or office.
    problems, evidence
        Sentences; evidence names file and row.
    amounts
        (label, rupiah) of money that is at hand or asked for.
    people, severity, priority
        None where not known.
    people_basis
        ``register`` or ``raster``: what counts the people of the desa; None where that is not said.
    """

    kode: str
    nama: str
    service: str
    title: str
    state: str
    state_text: str
    addressee_kind: str
    addressee: str
    problems: tuple[str, ...]
    step: str
    legal_basis: str
    amounts: tuple[tuple[str, int], ...]
    evidence: tuple[str, ...]
    people: int | None
    people_basis: str | None
    severity: float | None
    priority: float | None
    reckoning: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is to be done in one kecamatan.

    Parameters
    ----------
    tasks
        Needs, by priority; those without one after them.
    area
        Programmes and proposals of the kecamatan or kabupaten that name no desa.
    unknown
        (name of the desa, titles of services, why) of which no measure is known.
    """

    tahun: int
    tasks: tuple[Task, ...]
    area: tuple[str, ...]
    unknown: tuple[tuple[str, str, str], ...]


def read_follow_up(release: Release, kode: str, words: Words) -> FollowUp | None:
    """The list of a kecamatan; None where the release measures no need there."""
    places = _read(release, INDEX)
    if places is None or kode not in places:
        return None
    offset, length = places[kode]
    with (release.path / LIST).open("rb") as file:
        file.seek(offset)
        document = orjson.loads(file.read(length))
    services = {one["id"]: one for one in _read(release, SERVICES) or []}
    unknown: dict[tuple[str, str], list[str]] = {}
    for one in document["unknown"]:
        title = _text(services[one["layanan"]]["title"], words)
        unknown.setdefault((one["nama"], _say_why(one, words)), []).append(title)
    return FollowUp(
        tahun=document["tahun"],
        tasks=tuple(_task(one, services, words) for one in document["tasks"]),
        area=tuple(
            f"{_text(services[one['layanan']]['title'], words)}: {_evidence(one, words)}"
            for one in document["area"]
            if one["layanan"] in services
        ),
        unknown=tuple((nama, ", ".join(titles), why) for (nama, why), titles in unknown.items()),
    )


def read_services(release: Release) -> list[dict[str, Any]]:
    """The services of the release as it describes them; empty where nothing was matched."""
    return _read(release, SERVICES) or []


def _read(release: Release, name: str) -> Any:
    return _read_document(str(release.path / name))


@lru_cache(maxsize=16)
def _read_document(path: str) -> Any:
    """A document of a release, read once: releases never change.  None where there is none."""
    file = Path(path)
    return orjson.loads(file.read_bytes()) if file.is_file() else None


def _text(both: Mapping[str, str] | None, words: Words) -> str:
    return "" if both is None else words.text(Text(id=both["id"], en=both["en"]))


def _task(one: Mapping[str, Any], services: Mapping[str, Any], words: Words) -> Task:
    service = services[one["layanan"]]
    kind, name = one["penerima"]["jenis"], one["penerima"]["nama"]
    return Task(
        kode=one["kode"],
        nama=one["nama"],
        service=one["layanan"],
        title=_text(service["title"], words),
        state=one["keadaan"],
        state_text=words.say(f"state.{_state_key(one)}"),
        addressee_kind=kind,
        addressee=name,
        problems=tuple(_problem(measure, service, words) for measure in one["ukuran"]),
        step=_step(one, service, kind, words),
        legal_basis=service["legal_basis"],
        amounts=_amounts(one, words),
        evidence=tuple(
            [_measured(measure, words) for measure in one["ukuran"] if measure["file"]]
            + [_evidence(line, words) for line in one["bukti"]]
        ),
        people=one["penduduk"],
        people_basis=one.get("penduduk_dasar"),
        severity=one["keparahan"],
        priority=one["prioritas"],
        reckoning=_reckoning(one, service, words),
    )


def _say_why(entry: Mapping[str, Any], words: Words) -> str:
    """Why a need is unknown: nothing is known, or what is known is hidden."""
    statuses = entry.get("sebab", [])
    return "; ".join(
        words.say("follow.why.suppressed" if status == SUPPRESSED else "follow.why.no_data")
        for status in dict.fromkeys(statuses)
    )


def _state_key(one: Mapping[str, Any]) -> str:
    """A need whose payer is not known is not a need that is not known."""
    return "payer_unknown" if one["keadaan"] == "unknown" else str(one["keadaan"])


def _problem(measure: Mapping[str, Any], service: Mapping[str, Any], words: Words) -> str:
    need = next(
        need
        for need in service["needs"]
        if measure["ukuran"] in (need["indicator"], need["facility"])
    )
    unit = measure["satuan"]
    norm = words.value(measure["norma"], unit, 0)
    if need["facility"] is not None:
        if measure["nilai"] is None:
            return words.say("follow.no_way", norm=norm)
        value = words.value(measure["nilai"], unit, 0)
        facility = measure["keterangan"] or "\N{EM DASH}"
        return words.say("follow.far", value=value, norm=norm, facility=facility)
    title = _text(need["title"], words)
    value = words.value(measure["nilai"], unit, 0 if unit == SCORE else 1)
    found = words.say("follow.beyond", title=title, value=value, norm=norm)
    return f"{found} ({measure['keterangan']})" if measure["keterangan"] else found


def _step(one: Mapping[str, Any], service: Mapping[str, Any], kind: str, words: Words) -> str:
    """The recommended step: of the source where it names one, else of the service."""
    own = _text(service["step_desa"] if kind == "desa" else service["step_office"], words)
    named = [measure for measure in one["ukuran"] if measure["anjuran"]]
    if named:
        advice = named[0]["anjuran"]
        by = f" ({named[0]['pelaku']})" if named[0]["pelaku"] else ""
        own = f"{words.say('follow.advice', advice=advice + by)} {own}".strip()
    lead = {
        "need_funded_by_desa": "follow.step.funded",
        "need_in_programme": "follow.step.programme",
        "need_proposed_only": "follow.step.proposed",
        "unknown": f"follow.step.payer_unknown_{'desa' if kind == 'desa' else 'office'}",
    }.get(str(one["keadaan"]))
    if lead is None:
        return own
    first = words.say(lead, office=service["opd"])
    return (
        first
        if one["keadaan"] in ("need_in_programme", "need_proposed_only")
        else (f"{first} {own}")
    )


def _reckoning(one: Mapping[str, Any], service: Mapping[str, Any], words: Words) -> str:
    """The numbers that the priority is made of, in the order of the formula."""
    if one["prioritas"] is None:
        return ""
    factors = [(service["weight"], 1), (one["keparahan"], 2), (one["penduduk"], 0)]
    powers = [1, service["priority"]["severity_power"], service["priority"]["people_power"]]
    parts = [
        words.number(factor, digits) + ("" if power == 1 else f"^{words.number(power, 1)}")
        for (factor, digits), power in zip(factors, powers, strict=True)
    ]
    return " × ".join(parts)


def _amounts(one: Mapping[str, Any], words: Words) -> tuple[tuple[str, int], ...]:
    names = ("belanja_idr", "program_idr", "usulan_idr", "dapat_digeser_idr")
    shown = [(name, one[name]) for name in names if one[name]]
    return tuple((words.say(f"follow.{name}"), amount) for name, amount in shown)


def _measured(measure: Mapping[str, Any], words: Words) -> str:
    return _place_of(measure, words)


def _place_of(line: Mapping[str, Any], words: Words) -> str:
    """File and row; the folder of the file is of the workspace, and of no use to a reader."""
    return words.say("follow.at", file=PurePosixPath(line["file"]).name, row=line["row"])


def _evidence(line: Mapping[str, Any], words: Words) -> str:
    amount = line["anggaran_idr"]
    rupiah = words.say("follow.no_amount") if amount is None else words.value(amount, "IDR", 0)
    level = "" if line["tingkat"] == "desa" else f" [{words.say('follow.' + line['tingkat'])}]"
    what = f"{words.say('follow.' + line['jenis'])}: {line['uraian']}{level}, {rupiah}"
    return f"{what}. {_place_of(line, words)}"
