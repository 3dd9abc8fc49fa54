"""How far each need of a wilayah has come, for pages and maps that show the needs themselves."""

import time
from datetime import date

import sqlalchemy as sa

from geo_service.http.live_states import NeedState, StatesByNeed
from geo_service.register.event_store import Register
from geo_service.register.item_lists import ITEM, is_public, lies_in

LONGEST_KEPT_S = 10.0
MOST_KEPT = 64
# Without the columns that only lists ask for: a page of a kecamatan reads a hundred rows.
_READ = sa.select(ITEM.c.id, ITEM.c.kode, ITEM.c.layanan, ITEM.c.state, ITEM.c.due).where(
    ITEM.c.layanan.is_not(None), is_public()
)
_ORDER = (ITEM.c.kode, ITEM.c.layanan, ITEM.c.ukuran, ITEM.c.id)


def read_states(register: Register, area: str, today: date) -> StatesByNeed:
    """The states of the needs of a wilayah by desa and service, one for each measure."""
    states: dict[tuple[str, str], tuple[NeedState, ...]] = {}
    query = _READ.where(lies_in(ITEM.c.kode, area)).order_by(*_ORDER)
    names, day = register.way.states, today.isoformat()
    for row in register.rows(query):
        item, kode, layanan, state, due = tuple(row)
        made = NeedState(item, state, names[state], due is not None and due < day)
        states[kode, layanan] = (*states.get((kode, layanan), ()), made)
    return states


class StateBook:
    """The states of needs by kabupaten, read anew after some seconds.

    The pages of a kabupaten ask for them one after the other: each to read its own would cost more
    than a twentieth of what the page does.
    """

    def __init__(self, register: Register, longest_kept_s: float = LONGEST_KEPT_S) -> None:
        self._register, self._longest_kept_s = register, longest_kept_s
        self._kept: dict[str, tuple[float, StatesByNeed]] = {}

    def find(self, area: str, today: date) -> StatesByNeed:
        """The states of at least the needs of a wilayah that lies in a kabupaten or is one."""
        kabupaten, now = area[:5], time.monotonic()
        kept = self._kept.get(kabupaten)
        if kept is not None and now - kept[0] < self._longest_kept_s:
            return kept[1]
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        states = read_states(self._register, kabupaten, today)
        self._kept[kabupaten] = now, states
        return states
