"""How far needs have come, as pages ask for it that know nothing of a register."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, TypeAlias

from fastapi import Request

from layers.release.manifest_file import Text


class NeedState(NamedTuple):
    """How far one need has come: its item in the register, the state, and whether it is late."""

    item: str
    state: str
    title: Text
    is_overdue: bool


StatesByNeed: TypeAlias = Mapping[tuple[str, str], tuple[NeedState, ...]]
"""The states of needs by desa and service; of a need there is one for each measure."""


class ReadStates(Protocol):
    """Reads how far the needs of a wilayah have come."""

    def __call__(self, area: str) -> StatesByNeed:
        """The states of at least the needs in a wilayah, as they are now."""


def need_states(request: Request, area: str, *, is_pinned: bool) -> StatesByNeed:
    """How far the needs of a wilayah have come; nothing without a register.

    Nor below a release (``is_pinned``): what is there never changes.  The answer is not kept for
    long.
    """
    read: ReadStates | None = request.app.state.read_states
    if read is None or is_pinned:
        return {}
    request.scope["geo_live"] = True
    return read(area)
