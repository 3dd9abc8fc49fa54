"""``tables/follow_up.jsonl`` and ``services.json``: what is to be done in each kecamatan, and why.

The list is data, in no language: the pages put it into words.  Names of keys are those of the
tables it is made from.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import TypeAdapter

from layers.release import document_files, manifest_file

FOLLOW_UP_NAME = "tables/follow_up.jsonl"
FOLLOW_UP_INDEX_NAME = "tables/follow_up.index.json"
SERVICES_NAME = "services.json"
Number: TypeAlias = int | float
PeopleBasis: TypeAlias = Literal["register", "raster"]
AddresseeKind: TypeAlias = Literal["desa", "kabupaten", "provinsi"]


class Addressee(document_files.Document):
    """Who acts next: the desa, or an office of the kabupaten or provinsi, and its name."""

    jenis: AddresseeKind
    nama: str


class MeasureRecord(document_files.Document):
    """One measure by which a desa is in need, with its norm and where it stands in the inputs."""

    ukuran: str
    nilai: Number | None
    satuan: str | None
    norma: Number | None
    keterangan: str | None
    anjuran: str | None
    pelaku: str | None
    file: str | None
    row: int | None


class EvidenceRecord(document_files.Document):
    """One line of a budget, programme or proposal that names a service."""

    jenis: Literal["belanja", "program", "usulan"]
    tingkat: str
    uraian: str | None
    opd: str | None
    anggaran_idr: int | None
    file: str
    row: int


class AreaRecord(EvidenceRecord):
    """A programme or proposal of a kecamatan or kabupaten that names no desa."""

    kode: str
    layanan: str


class TaskRecord(document_files.Document):
    """One need of one desa.

    ``bukti`` holds some of ``bukti_jumlah`` lines of evidence; ``penduduk_dasar`` says what counts
    the people, None where there is no number.  Amounts are rupiah, None where no line says one;
    ``baris`` has how many lines say one, and of how many, for each amount that is of a part.
    """

    kode: str
    nama: str
    layanan: str
    keadaan: str
    pendanaan: str
    penerima: Addressee
    keparahan: Number | None
    penduduk: Number | None
    prioritas: Number | None
    belanja_idr: int | None
    program_idr: int | None
    usulan_idr: int | None
    dapat_digeser_idr: int | None
    ukuran: tuple[MeasureRecord, ...]
    bukti: tuple[EvidenceRecord, ...]
    bukti_jumlah: int
    penduduk_dasar: PeopleBasis | None = None
    baris: dict[str, tuple[int, int]] | None = None


class UnknownRecord(document_files.Document):
    """A service of which no measure is known in a desa.

    ``sebab`` are the statuses that say why: ``no_data``, or ``suppressed`` where a small count is
    hidden; a list of before does not say.
    """

    kode: str
    nama: str
    layanan: str
    sebab: tuple[manifest_file.Status, ...] = ()


class FollowUpRecord(document_files.Document):
    """The list of one kecamatan: tasks by priority, what names no desa, what is not known."""

    kode: str
    tahun: int
    tasks: tuple[TaskRecord, ...]
    area: tuple[AreaRecord, ...]
    unknown: tuple[UnknownRecord, ...]


class NeedRecord(document_files.Document):
    """One measure that says whether a desa needs a service: an indicator or a facility."""

    indicator: str | None
    facility: str | None
    norm: Number | None
    people: str
    title: manifest_file.Text | None


class PriorityRecord(document_files.Document):
    """How needs are ranked."""

    severity_power: float
    people_power: float
    formula: manifest_file.Text
    source: str


class ServiceRecord(document_files.Document):
    """What a service needs, who answers for it and which formula ranks it."""

    id: str
    title: manifest_file.Text
    needs: tuple[NeedRecord, ...]
    activities: tuple[str, ...]
    opd: str
    addressee: AddresseeKind
    weight: float
    step_desa: manifest_file.Text | None
    step_office: manifest_file.Text
    legal_basis: str
    source: str
    date: str
    priority: PriorityRecord


_SERVICES = TypeAdapter(tuple[ServiceRecord, ...])


def write_follow_up_lists(release: Path, lists: Iterable[FollowUpRecord]) -> None:
    """Write the lists into a release, in their order, and their index by kode."""
    documents = ((one.kode, one) for one in lists)
    document_files.write_lines(release / FOLLOW_UP_NAME, release / FOLLOW_UP_INDEX_NAME, documents)


def open_follow_up_lists(release: Path) -> document_files.IndexedLines[FollowUpRecord]:
    """The lists of a release by kode of the kecamatan."""
    return document_files.IndexedLines(
        release / FOLLOW_UP_NAME, release / FOLLOW_UP_INDEX_NAME, FollowUpRecord
    )


def write_services(release: Path, services: Sequence[ServiceRecord]) -> None:
    """Write the services into a release."""
    document_files.write_documents(services, release / SERVICES_NAME)


def read_services_file(release: Path) -> tuple[ServiceRecord, ...]:
    """The services of a release, in the order of the file."""
    return document_files.read_json(release / SERVICES_NAME, _SERVICES)
