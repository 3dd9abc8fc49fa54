"""Answers that were made once, kept as they were sent: packed, with the release they are of.

A release never changes, so neither does an answer of it.  The oldest go when there are too many
bytes, and those of a release that was pruned go when the first of another comes; until then the
desk gives them to nobody.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from geo_service.http import accept, responses

MOST_BYTES = 64_000_000
LONGEST_LIVE_S = 20.0
"""How long an answer is kept that says what the register said when it was made."""
LARGEST_SHARE = 4
"""An answer of more than this part of the whole is not kept."""
LONGEST_QUERY = 2_000
LONGEST_HEADER = 300
_OVERHEAD = 1_000
_KNOWN_VARIES = {b"", b"accept", b"accept-encoding", b"accept-language", b"authorization"}


class AnswerKey(NamedTuple):
    """What an answer depends on: of headers only what they decide, since they may say anything."""

    release_id: str
    root: str
    path: str
    query: bytes
    is_html: bool
    language: accept.Language
    is_gzip: bool


class MadeAnswer(NamedTuple):
    """An answer, and the time in which it was made (`time.monotonic`).

    ``label`` is the pattern of its route, ``release_id`` empty where it is of no release.
    """

    label: str
    release_id: str
    answer: responses.Answer
    began_s: float
    made_s: float


class AnswerCache:
    """The answers used last, up to a number of bytes.

    Parameters
    ----------
    is_pruned
        Whether there is no release of an id any more.
    """

    def __init__(
        self, most_bytes: int = MOST_BYTES, is_pruned: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._most = most_bytes
        self._is_pruned = is_pruned
        self._kept_of: Counter[str] = Counter()
        self._answers: OrderedDict[AnswerKey, MadeAnswer] = OrderedDict()
        self.size = 0
        self.hits = 0
        self.misses = 0

    def find(self, key: AnswerKey) -> MadeAnswer | None:
        """The answer; None where it is not kept, or is live and too old."""
        made = self._answers.get(key)
        if made is not None and made.answer.is_live and made.made_s < self._oldest_live_s():
            self.forget(key)
            made = None
        if made is None:
            self.misses += 1
            return None
        self._answers.move_to_end(key)
        self.hits += 1
        return made

    def _oldest_live_s(self) -> float:
        return time.monotonic() - LONGEST_LIVE_S

    def forget(self, key: AnswerKey) -> None:
        """Give an answer no more."""
        old = self._answers.pop(key, None)
        if old is not None:
            self.size -= len(old.answer.body) + len(key.path) + len(key.query) + _OVERHEAD
            self._kept_of[key.release_id] -= 1

    def keep(self, key: AnswerKey, made: MadeAnswer) -> None:
        """Keep an answer that may be given again."""
        answer = made.answer
        size = len(answer.body) + len(key.path) + len(key.query) + _OVERHEAD
        if not _may_be_kept(key, answer) or size * LARGEST_SHARE > self._most:
            return
        if key in self._answers:
            return
        if not self._kept_of[key.release_id]:
            self._forget_pruned()
        self._answers[key] = made
        self._kept_of[key.release_id] += 1
        self.size += size
        while self.size > self._most:
            self.forget(next(iter(self._answers)))

    def _forget_pruned(self) -> None:
        """Keep nothing of releases that are no more, which nobody asks for again."""
        self._kept_of = +self._kept_of
        pruned = set(filter(self._is_pruned, self._kept_of))
        for key in [key for key in self._answers if key.release_id in pruned]:
            self.forget(key)


def _may_be_kept(key: AnswerKey, answer: responses.Answer) -> bool:
    varies = {name.strip().lower() for name in answer.varies.split(b",")}
    return (
        answer.status == 200
        and responses.NOT_STORED not in answer.cache_control
        and varies <= _KNOWN_VARIES
        and len(key.query) <= LONGEST_QUERY
        and len(key.root) <= LONGEST_HEADER
    )
