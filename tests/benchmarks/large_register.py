"""A register as large as the country: twelve needs of each desa, three events each.

What an item is made of is written once by the register itself, for each service and state; the rows
of all desa are copies of these with another id and code.  Events, `item` and `task` agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from geo_service.register import event_log, event_store, item_lists, records, replaying
from layers.release.follow_up_file import Addressee

DESA, SERVICES = 84_000, 12
MOMENT = datetime(2026, 6, 1, 2, tzinfo=UTC)
DUE = date(2026, 7, 1)
OFFICES = ("Dinas Kesehatan", "Dinas Pendidikan", "Dinas PUPR")
KODE, ID = "00.00.00.0000", "0" * 16
AT_ONCE = 20_000
SYSTEM = records.Actor(role="system", name="sync")
CAMAT = records.Actor(role="kecamatan", name="camat", area="00.00.00")


def desa_codes(count: int = DESA) -> Iterator[str]:
    """Codes of so many desa: twelve in a kecamatan, fifteen kecamatan in a kabupaten."""
    every = (
        f"{provinsi}.{kabupaten:02}.{kecamatan:02}.{2000 + desa}"
        for provinsi in range(11, 49)
        for kabupaten in range(1, 15)
        for kecamatan in range(1, 16)
        for desa in range(1, 13)
    )
    return islice(every, count)


def fill_register(register: event_store.Register, desa: int = DESA) -> int:
    """Fill an empty register; how many events."""
    patterns = [list(_patterns(register, number)) for number in range(SERVICES)]
    tables = (event_log.EVENT, *item_lists.LISTS)
    rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in tables}
    count = 0
    for number, kode in enumerate(desa_codes(desa)):
        for service, states in enumerate(patterns):
            item_id = f"{number * SERVICES + service:016x}"
            for table, made in states[(number + service) % len(states)].items():
                rows[table] += [_copy(row, item_id, kode) for row in made]
        if len(rows[event_log.EVENT]) >= AT_ONCE:
            count += _write(register, rows)
    return count + _write(register, rows)


def _write(register: event_store.Register, rows: dict[sa.Table, list[dict[str, Any]]]) -> int:
    count = len(rows[event_log.EVENT])
    with register.transaction(writes=True) as connection:
        for table, listed in rows.items():
            if listed:
                connection.execute(sa.insert(table), listed)
                listed.clear()
    return count


def _copy(row: dict[str, Any], item_id: str, kode: str) -> dict[str, Any]:
    """The row of another item: wherever the id or the code stands, also in the text of events."""
    copied = {
        name: value.replace(ID, item_id).replace(KODE, kode).replace("00.00.00", kode[:8])
        if isinstance(value, str)
        else value
        for name, value in row.items()
    }
    if "provinsi" in row:
        copied["provinsi"] = kode[:2]
    if "letter" in row:
        # Each kecamatan writes letters of its own.
        addressee = Addressee(jenis=row["jenis"], nama=row["nama"])
        sender = CAMAT.model_copy(update={"area": kode[:8]})
        number, event = row["number"], row["event"]
        sent = records.SentLetter(event, number, sender, addressee, MOMENT, DUE, None)
        copied["letter"] = sent.id
    return copied


def _patterns(
    register: event_store.Register, number: int
) -> Iterator[dict[sa.Table, list[dict[str, Any]]]]:
    """The rows of an item of one service: a draft, sent, answered, and sent to two offices."""
    office = Addressee(jenis="kabupaten", nama=OFFICES[number % len(OFFICES)])
    other = Addressee(jenis="kabupaten", nama=OFFICES[(number + 1) % len(OFFICES)])
    service = f"layanan_{number:02}"
    raised = records.Raised(kode=KODE, layanan=service, ukuran=service)
    evidence = records.Evidence(
        release="negeri-0123456789abcdef",
        tahun=2025,
        value=4583.0,
        norm=1000.0,
        unit="m",
        severity=1.0,
        people=812.0,
        state="need_unfunded",
        funding="known",
        addressee=office,
    )
    send = records.Stepped(step="send", to=office, due=DUE, letter="005/12/2026")
    accept = records.Stepped(step="accept", task=office, on_behalf=True)
    refuse = records.Stepped(step="refuse", task=office, reason="Dana.", on_behalf=True)
    also = send.model_copy(update={"to": other})
    for steps in ((), (send,), (send, accept), (send, refuse), (send, also)):
        said: list[tuple[records.Actor, records.Content]]
        said = [(SYSTEM, raised), (SYSTEM, evidence), *((CAMAT, step) for step in steps)]
        events = [
            records.Event(item=ID, number=place, moment=MOMENT, actor=actor, content=content)
            for place, (actor, content) in enumerate(said, start=1)
        ]
        item = replaying.replay(events, register.way)
        lists = item_lists.rows_of(item, register.way)
        yield {event_log.EVENT: [event_log.event_row(event) for event in events], **lists}
