"""A believable half-year of the sample kabupaten: its people, letters, answers, and silence.

The demo shows it, and pictures and tests are made of it.  What happens to an item follows from its
key alone, so that the same day tells the same story.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from geo_service.house import accounts, citizen_reports
from geo_service.needs import sync
from geo_service.register import event_store, item_lists, records, steps, way
from layers.release import scenario_file
from layers.release.follow_up_file import Addressee

LENGTH = timedelta(days=182)
DUE_DAYS = 30
MEETINGS = (12, 75, 138)
"""Days after the beginning on which a kecamatan meets and sends what was agreed."""
DOCUMENTS: dict[str, tuple[Literal["RKPDes", "APBDes", "RKPD", "APBD"], ...]] = {
    "desa": ("RKPDes", "APBDes"),
    "kabupaten": ("RKPD", "APBD"),
    "provinsi": ("RKPD",),
}
REFUSALS = (
    "Tidak memenuhi syarat jumlah penduduk untuk unit baru; diusulkan layanan bergerak.",
    "Lahan belum bersertifikat atas nama desa.",
    "Pagu tahun ini sudah terikat program prioritas; dapat diajukan kembali tahun depan.",
    "Data belum sesuai keadaan lapangan: bangunan sudah ada sejak tahun lalu.",
)
FORWARDS = {
    "Dinas Kesehatan": "Dinas PUPR",
    "Dinas Pendidikan": "Dinas PUPR",
    "Dinas PUPR": "Dinas Kesehatan",
}
PROPOSALS = (
    ("Rabat beton jalan dusun 400 m", "02.03.10", 180_000_000),
    ("Sumur bor dan bak penampung Dusun II", "02.04.11", 145_000_000),
    ("Rehabilitasi gedung posyandu", "02.02.09", 65_000_000),
    ("Jamban keluarga untuk 20 rumah", "02.04.13", 80_000_000),
    ("Alat permainan dan mebel PAUD", "02.01.02", 40_000_000),
)
REPORTS = (
    ("posyandu", "closed", 9, "Posyandu tidak buka tiga bulan ini karena kadernya pindah."),
    ("air_minum", "broken", 4, "Pompa sumur bor rusak; warga mengambil air dari kali."),
    (None, "far", 2, "Jalan ke dusun atas longsor, ambulans tidak dapat lewat."),
)
"""What citizens of the first kecamatan reported: service, complaint, days ago, words."""
PEOPLE = (
    ("admin", "Administrator Kabupaten", "kabupaten", "99.01", None),
    ("camat", "Seksi PMD Kecamatan", "kecamatan", "99.01.01", None),
    ("desa", "Sekretaris Desa", "desa", "99.01.01.2005", None),
    ("dinkes", "Perencanaan Dinas Kesehatan", "office", "99.01", "Dinas Kesehatan"),
)
"""Accounts of the demo: login, name, role, area and office."""


def invite_people(register: event_store.Register, moment: datetime) -> dict[str, str]:
    """A new invitation for each of `PEOPLE`, by role; accounts are made where there are none."""
    book = accounts.Accounts(register)
    known = {person.login for person in book.people()}
    tokens = {}
    for login, name, role, area, office in PEOPLE:
        if login not in known:
            book.add(accounts.read_person(login, name, role, area, office), "demo", moment)
        tokens[role] = book.invite(book.find(login), "demo", moment)
    return tokens


def tell_half_year(register: event_store.Register, release: Path, today: date) -> int:
    """Fill an empty register with the half-year up to ``today``; how many events that took.

    Raises
    ------
    RegisterError
        The register is not empty, or the release has no needs.
    """
    needs = sync.read_needs(release)
    begin = today - LENGTH
    events: list[records.Event] = []
    for key, evidence in sorted(needs.needed.items()):
        raised = records.Raised(kode=key[0], layanan=key[1], ukuran=key[2])
        item = _Item(register.way, "/".join(key), key[0], today)
        item.say(sync.SYSTEM, begin, raised, evidence)
        _tell_need(item, evidence.addressee, begin)
        events += item.events
    desa = sorted({key[0] for key in needs.needed})
    for item in _tell_proposals(register.way, release, desa, today):
        events += item.events
    count = register.load(events)
    for kode, (layanan, complaint, ago, text) in zip(desa, REPORTS, strict=False):
        moment = datetime.combine(today - timedelta(days=ago), time(8), item_lists.WIB)
        need = citizen_reports.ReportedNeed.model_validate(
            {"kode": kode, "layanan": layanan, "complaint": complaint, "text": text}
        )
        citizen_reports.CitizenReports(register).add(need, "demo", moment)
    return count


@dataclass(slots=True)
class _Item:
    """An item while its story is told; what would come after ``today`` is not said."""

    rules: way.Way
    key: str
    kode: str
    today: date
    events: list[records.Event] = field(default_factory=list)

    def chance(self, name: str) -> float:
        """A number from 0 to 1 of this item, the same each time."""
        digest = blake2b(f"{self.key}/{name}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") / 2**32

    def days(self, name: str, least: int, most: int) -> timedelta:
        """So many days."""
        return timedelta(days=least + int(self.chance(name) * (most - least + 1)))

    @property
    def kecamatan(self) -> records.Actor:
        """The camat's staff."""
        return records.Actor(role="kecamatan", name="seksi.pmd", area=self.kode[:8])

    @property
    def desa(self) -> records.Actor:
        """The desa itself."""
        return records.Actor(role="desa", name="sekretaris.desa", area=self.kode)

    def office(self, addressee: Addressee) -> records.Actor:
        """Who answers for an addressee."""
        if addressee.jenis == "desa":
            return self.desa
        area = self.kode[:2] if addressee.jenis == "provinsi" else self.kode[:5]
        return records.Actor(role="office", name="perencanaan", area=area, office=addressee.nama)

    def say(self, actor: records.Actor, day: date, *contents: records.Content) -> bool:
        """Whether these events, all of one day, have happened yet."""
        if day > self.today:
            return False
        minute = int(self.chance(f"minute {len(self.events)}") * 400)
        moment = datetime.combine(day, time(8), item_lists.WIB) + timedelta(minutes=minute)
        name = blake2b(self.key.encode(), digest_size=8).hexdigest()
        for content in contents:
            event = records.Event(
                item=name,
                number=len(self.events) + 1,
                moment=moment.astimezone(UTC),
                actor=actor,
                content=content,
            )
            if self.events:
                steps.check_event(self.events, event, self.rules)
            self.events.append(event)
        return True


def _tell_need(item: _Item, addressee: Addressee, begin: date) -> None:
    """From the meeting of the kecamatan to the answer; one in eight is still a draft."""
    part = item.chance("meeting")
    if part > 0.88:
        return
    round_ = 0 if part < 0.5 else 1 if part < 0.75 else 2
    sent = begin + timedelta(days=MEETINGS[round_] + 3 * (int(item.kode[6:8]) % 5))
    number = f"{400 + round_ * 40 + int(item.kode[6:8])}/{addressee.nama[:3].upper()}/{sent.year}"
    send = records.Stepped(
        step="send", to=addressee, due=sent + timedelta(days=DUE_DAYS), letter=number
    )
    if item.say(item.kecamatan, sent, send):
        _tell_answer(item, addressee, sent)


def _tell_answer(item: _Item, addressee: Addressee, sent: date) -> None:
    fate = item.chance("fate")
    if fate < 0.14:
        return
    answered = sent + item.days("answer", 4, 40)
    office = item.office(addressee)
    if item.chance("receipt") < 0.4:
        receive = records.Stepped(step="receive", task=addressee)
        if not item.say(office, sent + timedelta(days=2), receive) or fate < 0.2:
            return
    if fate < 0.3:
        reason = REFUSALS[int(item.chance("reason") * len(REFUSALS))]
        item.say(office, answered, records.Stepped(step="refuse", task=addressee, reason=reason))
        return
    if fate < 0.36 and addressee.nama in FORWARDS:
        to = Addressee(jenis=addressee.jenis, nama=FORWARDS[addressee.nama])
        reason = "Pekerjaan bangunan menjadi tugas dinas lain."
        forward = records.Stepped(step="forward", task=addressee, to=to, reason=reason)
        if item.say(office, answered, forward):
            _accept(item, to, answered + item.days("second", 5, 30))
        return
    _accept(item, addressee, answered)


def _accept(item: _Item, addressee: Addressee, day: date) -> None:
    """The task from its acceptance as far as it has come; some answers came by telephone."""
    by_telephone = item.chance("telephone") < 0.12
    actor = item.kecamatan if by_telephone else item.office(addressee)
    accept = records.Stepped(
        step="accept",
        task=addressee,
        on_behalf=by_telephone,
        note="Disampaikan lewat telepon." if by_telephone else None,
    )
    if not item.say(actor, day, accept) or item.chance("budget") > 0.6:
        return
    documents = DOCUMENTS[addressee.jenis]
    budget = records.Stepped(
        step="budget",
        task=addressee,
        document=documents[int(item.chance("document") * len(documents))],
        tahun=item.today.year + (1 if item.chance("year") < 0.6 else 0),
        amount_idr=int(20 + item.chance("amount") * 280) * 1_000_000,
    )
    day += item.days("budgeted", 6, 30)
    office = item.office(addressee)
    if not item.say(office, day, budget) or item.chance("start") > 0.6:
        return
    day += item.days("started", 5, 25)
    start = records.Stepped(step="start", task=addressee)
    if not item.say(office, day, start) or item.chance("long") < 0.3:
        return
    day += item.days("finished", 15, 60)
    finish = records.Stepped(step="finish", task=addressee, day=day)
    if not item.say(office, day, finish) or item.chance("seen") > 0.7:
        return
    day += item.days("verified", 2, 14)
    if item.chance("good") < 0.85:
        item.say(item.kecamatan, day, records.Stepped(step="verify", task=addressee))
        return
    reason = "Saat ditinjau belum dapat digunakan: sambungan air belum terpasang."
    item.say(item.kecamatan, day, records.Stepped(step="reopen", task=addressee, reason=reason))


def _tell_proposals(
    rules: way.Way, release: Path, desa: Sequence[str], today: date
) -> Iterator[_Item]:
    """What every third desa raised by hand after its musrenbang, and what became of it."""
    for number, kode in enumerate(desa[::3]):
        title, activity, amount = PROPOSALS[number % len(PROPOSALS)]
        item = _Item(rules, f"{kode}/{title}", kode, today)
        origin = scenario_file.find_origin(release / scenario_file.FILE_NAME, kode)
        lon, lat = origin or (None, None)
        raised = records.Raised(
            kode=kode, title=title, activity=activity, amount_idr=amount, lon=lon, lat=lat
        )
        day = today - LENGTH + timedelta(days=20 + number)
        item.say(item.desa, day, raised)
        if item.chance("sent") < 0.7:
            _tell_need(item, Addressee(jenis="kabupaten", nama="Dinas PUPR"), day)
        yield item
