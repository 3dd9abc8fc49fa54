"""The follow-up list of a kecamatan as the release has it, put into words of one language."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from geo_service.releases.release import Release
from layers.release import follow_up_file, manifest_file
from web_map.words import Words, parts_text

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
        (label, rupiah, what it rests on) of money that is at hand or asked for; None where lines
        are there and none says an amount.
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
    amounts: tuple[tuple[str, int | None, str], ...]
    evidence: tuple[str, ...]
    people: float | None
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
    listed = release.follow_up(kode)
    if listed is None:
        return None
    services = {service.id: service for service in release.services}
    unknown: dict[tuple[str, str], list[str]] = {}
    for line in listed.unknown:
        title = words.text(services[line.layanan].title)
        unknown.setdefault((line.nama, _say_why(line, words)), []).append(title)
    return FollowUp(
        tahun=listed.tahun,
        tasks=tuple(_task(task, services[task.layanan], words) for task in listed.tasks),
        area=tuple(
            f"{words.text(services[line.layanan].title)}: {_evidence(line, words)}"
            for line in listed.area
            if line.layanan in services
        ),
        unknown=tuple((nama, ", ".join(titles), why) for (nama, why), titles in unknown.items()),
    )


def _text(both: manifest_file.Text | None, words: Words) -> str:
    return "" if both is None else words.text(both)


def _task(
    task: follow_up_file.TaskRecord, service: follow_up_file.ServiceRecord, words: Words
) -> Task:
    return Task(
        kode=task.kode,
        nama=task.nama,
        service=task.layanan,
        title=words.text(service.title),
        state=task.keadaan,
        state_text=words.say(f"state.{_state_key(task)}"),
        addressee_kind=task.penerima.jenis,
        addressee=task.penerima.nama,
        problems=tuple(_problem(measure, service, words) for measure in task.ukuran),
        step=_step(task, service, words),
        legal_basis=service.legal_basis,
        amounts=_amounts(task, words),
        evidence=tuple(
            [_place_of(measure, words) for measure in task.ukuran if measure.file]
            + [_evidence(line, words) for line in task.bukti]
        ),
        people=task.penduduk,
        people_basis=task.penduduk_dasar,
        severity=task.keparahan,
        priority=task.prioritas,
        reckoning=_reckoning(task, service, words),
    )


def _say_why(line: follow_up_file.UnknownRecord, words: Words) -> str:
    """Why a need is unknown: nothing is known, or what is known is hidden."""
    return "; ".join(
        words.say("follow.why.suppressed" if status == SUPPRESSED else "follow.why.no_data")
        for status in dict.fromkeys(line.sebab)
    )


def _state_key(task: follow_up_file.TaskRecord) -> str:
    """A need whose payer is not known is not a need that is not known."""
    return "payer_unknown" if task.keadaan == "unknown" else task.keadaan


def _problem(
    measure: follow_up_file.MeasureRecord, service: follow_up_file.ServiceRecord, words: Words
) -> str:
    need = next(need for need in service.needs if measure.ukuran in (need.indicator, need.facility))
    unit = measure.satuan
    norm = words.value(measure.norma, unit, 0)
    if need.facility is not None:
        if measure.nilai is None:
            return words.say("follow.no_way", norm=norm)
        value = words.value(measure.nilai, unit, 0)
        facility = measure.keterangan or "\N{EM DASH}"
        return words.say("follow.far", value=value, norm=norm, facility=facility)
    title = _text(need.title, words)
    value = words.value(measure.nilai, unit, 0 if unit == SCORE else 1)
    problem = words.say("follow.beyond", title=title, value=value, norm=norm)
    return f"{problem} ({measure.keterangan})" if measure.keterangan else problem


def _step(
    task: follow_up_file.TaskRecord, service: follow_up_file.ServiceRecord, words: Words
) -> str:
    """The recommended step: of the source where it names one, else of the service."""
    is_of_desa = task.penerima.jenis == "desa"
    step = _text(service.step_desa if is_of_desa else service.step_office, words)
    advised = next((measure for measure in task.ukuran if measure.anjuran), None)
    if advised is not None:
        by = f" ({advised.pelaku})" if advised.pelaku else ""
        step = f"{words.say('follow.advice', advice=f'{advised.anjuran}{by}')} {step}".strip()
    lead = {
        "need_funded_by_desa": "follow.step.funded",
        "need_in_programme": "follow.step.programme",
        "need_proposed_only": "follow.step.proposed",
        "unknown": f"follow.step.payer_unknown_{'desa' if is_of_desa else 'office'}",
    }.get(task.keadaan)
    if lead is None:
        return step
    first = words.say(lead, office=service.opd)
    return (
        first if task.keadaan in ("need_in_programme", "need_proposed_only") else f"{first} {step}"
    )


def _reckoning(
    task: follow_up_file.TaskRecord, service: follow_up_file.ServiceRecord, words: Words
) -> str:
    """The numbers that the priority is made of, in the order of the formula."""
    if task.prioritas is None or task.keparahan is None or task.penduduk is None:
        return ""
    factors = [(service.weight, 1), (task.keparahan, 2), (task.penduduk, 0)]
    powers = [1, service.priority.severity_power, service.priority.people_power]
    parts = [
        words.number(factor, digits) + ("" if power == 1 else f"^{words.number(power, 1)}")
        for (factor, digits), power in zip(factors, powers, strict=True)
    ]
    return " × ".join(parts)


def _amounts(
    task: follow_up_file.TaskRecord, words: Words
) -> tuple[tuple[str, int | None, str], ...]:
    amounts = {
        "belanja_idr": task.belanja_idr,
        "program_idr": task.program_idr,
        "usulan_idr": task.usulan_idr,
        "dapat_digeser_idr": task.dapat_digeser_idr,
    }
    return tuple(
        (words.say(f"follow.{name}"), amount, _rests_on(task, name, words))
        for name, amount in amounts.items()
        if amount or name in (task.baris or {})
    )


def _rests_on(task: follow_up_file.TaskRecord, name: str, words: Words) -> str:
    """On how many lines an amount rests, where not on all."""
    known, total = (task.baris or {}).get(name, (0, 0))
    return parts_text([("baris", known, total)], words)


def _place_of(
    line: follow_up_file.MeasureRecord | follow_up_file.EvidenceRecord, words: Words
) -> str:
    """File and row; the folder of the file is of the workspace, and of no use to a reader."""
    return words.say("follow.at", file=PurePosixPath(line.file or "").name, row=line.row)


def _evidence(line: follow_up_file.EvidenceRecord, words: Words) -> str:
    amount = line.anggaran_idr
    rupiah = words.say("follow.no_amount") if amount is None else words.value(amount, "IDR", 0)
    level = "" if line.tingkat == "desa" else f" [{words.say('follow.' + line.tingkat)}]"
    what = f"{words.say('follow.' + line.jenis)}: {line.uraian}{level}, {rupiah}"
    return f"{what}. {_place_of(line, words)}"
