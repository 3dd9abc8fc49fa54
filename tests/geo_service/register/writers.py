"""Ten writers of one process, for `test_under_load`: each prints what the register acknowledged.

``python -m tests.geo_service.register.writers URL SECONDS NAME ITEM…``: until the time is up each
writer begins items of its own and sends the shared ones to offices that nobody else names.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from geo_service.errors import RegisterConflictError, RegisterError
from geo_service.register import event_store, records, way
from layers.release.follow_up_file import Addressee

WRITERS = 10
SYSTEM = records.Actor(role="system", name="sync")
CAMAT = records.Actor(role="kecamatan", name="staf", area="99.01.01")
RAISED = records.Raised(kode="99.01.01.2003", layanan="poskesdes", ukuran="poskesdes")


def write(register: event_store.Register, name: str, items: list[str], end: float) -> list[str]:
    """Lines ``ITEM NUMBER OFFICE`` of all events that were acknowledged to one writer."""
    told = []
    turn = 0
    while time.monotonic() < end:
        turn += 1
        office = f"Dinas {name} {turn}"
        send = records.Stepped(
            step="send", to=Addressee(jenis="kabupaten", nama=office), due=date(2027, 1, 31)
        )
        try:
            if turn % 3 == 0:
                item = register.begin((RAISED,), SYSTEM, datetime.now(UTC))
                told.append(f"{item.id} 1 -")
                continue
            item = register.item(items[turn % len(items)])
            item = register.add(item, (send,), CAMAT, datetime.now(UTC))
        except RegisterConflictError:
            continue
        except RegisterError as error:
            # Who waited in vain for half a minute is told so, and has written nothing.
            if "too many at once" not in str(error):
                raise
            continue
        told.append(f"{item.id} {item.version} {office}")
    return told


def main(url: str, seconds: str, name: str, *items: str) -> None:
    """Write with ten threads, and print what was acknowledged."""
    register = event_store.Register(url, way.read_way())
    end = time.monotonic() + float(seconds)
    with ThreadPoolExecutor(WRITERS) as pool:
        runs = [
            pool.submit(write, register, f"{name}-{number}", [*items], end)
            for number in range(WRITERS)
        ]
        for run in runs:
            print(*run.result(), sep="\n")
    register.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
