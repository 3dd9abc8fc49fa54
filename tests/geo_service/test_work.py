"""Work that waits and answers that are kept: whose turn it is, who gives way."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from geo_service.errors import ServerBusyError
from geo_service.http.responses import NOT_STORED, Answer
from geo_service.work import fair_queue
from geo_service.work.answer_cache import LONGEST_LIVE_S, AnswerCache, AnswerKey, MadeAnswer
from geo_service.work.fair_queue import FairQueue
from geo_service.work.work_kinds import WorkKind, kind_of


@dataclass(eq=False)
class Piece:
    client: str
    kind: WorkKind = WorkKind.PICTURE
    refusals: list[Exception] = field(default_factory=list)

    def refuse(self, error: Exception) -> None:
        self.refusals.append(error)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def clients(queue: FairQueue[Piece], kinds: tuple[WorkKind, ...] = tuple(WorkKind)) -> list[str]:
    """The clients in the order of their turns, each piece taking a second."""
    order = []
    while (piece := queue.pop(kinds)) is not None:
        order.append(piece.client)
        queue.note(piece.client, 1.0)
    return order


def test_clients_take_turns_however_many_pieces_one_has() -> None:
    queue: FairQueue[Piece] = FairQueue(Clock())
    for client in "aaaabbc":
        queue.push(Piece(client))
    assert sorted(clients(queue)[:3]) == ["a", "b", "c"]


def test_who_had_much_done_lately_comes_later_and_is_forgiven() -> None:
    clock = Clock()
    queue: FairQueue[Piece] = FairQueue(clock)
    queue.note("a", 5.0)
    for client in "ab":
        queue.push(Piece(client))
    assert clients(queue) == ["b", "a"]
    clock.now += 10 * fair_queue.HALF_LIFE_S
    assert queue.spent("a") < 0.01


def test_kinds_take_turns_and_only_those_with_a_place() -> None:
    queue: FairQueue[Piece] = FairQueue(Clock())
    for kind in (WorkKind.PICTURE, WorkKind.PICTURE, WorkKind.PROCESS, WorkKind.TABLE):
        queue.push(Piece("a", kind))
    assert queue.pop([WorkKind.PAGE]) is None
    popped = [queue.pop([WorkKind.PICTURE, WorkKind.PROCESS]) for _ in range(3)]
    assert [piece.kind for piece in popped if piece] == [
        WorkKind.PICTURE,
        WorkKind.PROCESS,
        WorkKind.PICTURE,
    ]
    assert queue.count(WorkKind.TABLE) == 1


def test_one_client_cannot_fill_a_queue() -> None:
    queue: FairQueue[Piece] = FairQueue(Clock())
    for _ in range(fair_queue.CLIENT_WAITING):
        queue.push(Piece("a"))
    with pytest.raises(ServerBusyError, match="your address"):
        queue.push(Piece("a"))
    queue.push(Piece("a", WorkKind.TABLE))
    queue.push(Piece("b"))


def test_a_gis_program_that_asks_for_all_its_layers_at_once_is_answered() -> None:
    queue: FairQueue[Piece] = FairQueue(Clock())
    for _ in range(40):
        queue.push(Piece("a", WorkKind.FEATURES))
    for number in range(40):
        queue.push(Piece(str(number), WorkKind.FEATURES))
    assert queue.count(WorkKind.FEATURES) == fair_queue.MOST_WAITING


def test_a_full_queue_lets_in_who_has_less_waiting() -> None:
    queue: FairQueue[Piece] = FairQueue(Clock())
    pieces = [Piece(str(number % 4)) for number in range(fair_queue.MOST_WAITING)]
    for piece in pieces:
        queue.push(piece)
    for name in ("new", "newer"):
        queue.push(Piece(name))
    assert queue.count(WorkKind.PICTURE) == fair_queue.MOST_WAITING
    assert sum(len(piece.refusals) for piece in pieces) == 2
    assert {"new", "newer"} <= set(clients(queue)[:6])


def test_a_queue_full_of_many_refuses_one_more_of_them() -> None:
    queue: FairQueue[Piece] = FairQueue(Clock())
    for number in range(fair_queue.MOST_WAITING):
        queue.push(Piece(str(number)))
    with pytest.raises(ServerBusyError):
        queue.push(Piece("new"))


def test_what_is_wanted_no_more_leaves() -> None:
    queue: FairQueue[Piece] = FairQueue(Clock())
    first, second = Piece("a"), Piece("a")
    for piece in (first, second):
        queue.push(piece)
    assert queue.remove(first)
    assert not queue.remove(first)
    assert queue.pop([WorkKind.PICTURE]) is second
    assert queue.pop([WorkKind.PICTURE]) is None


@pytest.mark.parametrize(
    ("path", "query", "kind"),
    [
        ("/healthz", b"", None),
        ("/metrics", b"", None),
        ("/", b"", WorkKind.PAGE),
        ("/releases/x", b"", WorkKind.PAGE),
        ("/nope", b"", WorkKind.PAGE),
        ("/kecamatan/99.01.01", b"layer=gaps.sd", WorkKind.PAGE),
        ("/kecamatan/99.01.01.png", b"", WorkKind.PICTURE),
        ("/releases/x/kabupaten/99.01.png", b"width=300", WorkKind.PICTURE),
        ("/kecamatan/99.01.01/tindak-lanjut.xlsx", b"", WorkKind.TABLE),
        ("/collections/desa/items", b"limit=500", WorkKind.PAGE),
        ("/collections/desa/items", b"limit=501", WorkKind.FEATURES),
        ("/collections/desa/items", b"limit=%C2%B2", WorkKind.FEATURES),
        ("/releases/x/collections/desa/items", b"bbox=1,2,3,4", WorkKind.FEATURES),
        ("/collections/desa/items", b"filter=true", WorkKind.FEATURES),
        ("/processes/siting/execution", b"", WorkKind.PROCESS),
    ],
)
def test_each_url_has_its_kind(path: str, query: bytes, kind: WorkKind | None) -> None:
    assert kind_of({"path": path, "query_string": query}) is kind


def key(**given: Any) -> AnswerKey:
    base = AnswerKey("r-1", "http://x", "/collections", b"", False, "id", True)
    return base._replace(**given)


def answer(size: int = 100, **given: Any) -> Answer:
    return Answer(status=200, body=b"x" * size, **given)


def made(answer: Answer) -> MadeAnswer:
    return MadeAnswer("route", "r-1", answer, 1.0, 2.0)


def test_an_answer_is_given_again_for_the_same_question_only() -> None:
    cache = AnswerCache()
    cache.keep(key(), made(answer()))
    assert cache.find(key()) == made(answer())
    others: list[dict[str, Any]] = [
        {"release_id": "r-2"},
        {"root": "https://y"},
        {"query": b"limit=1"},
        {"is_html": True},
        {"language": "en"},
        {"is_gzip": False},
    ]
    assert [cache.find(key(**other)) for other in others] == [None] * len(others)
    assert (cache.hits, cache.misses) == (1, len(others))


def test_what_is_large_private_failed_or_varies_otherwise_is_not_kept() -> None:
    cache = AnswerCache(100_000)
    for refused in (
        answer(60_000),
        answer(cache_control=NOT_STORED),
        answer(varies=b"Accept, Cookie"),
        Answer(status=404),
    ):
        cache.keep(key(), made(refused))
    cache.keep(key(query=b"a" * 3000), made(answer()))
    cache.keep(key(root="a" * 3000), made(answer()))
    assert cache.size == 0


def test_what_the_register_said_is_kept_for_seconds_only() -> None:
    cache = AnswerCache()
    live, now = answer(is_live=True), time.monotonic()
    cache.keep(key(), MadeAnswer("route", "r-1", live, now - 1, now))
    assert cache.find(key()) is not None
    old = now - LONGEST_LIVE_S - 1
    cache.keep(key(query=b"old"), MadeAnswer("route", "r-1", live, old, old))
    assert cache.find(key(query=b"old")) is None
    cache.keep(key(query=b"old"), MadeAnswer("route", "r-1", live, now, now))
    assert cache.find(key(query=b"old")) is not None
    assert LONGEST_LIVE_S < 60


def test_the_cache_is_bounded_and_the_oldest_go_first() -> None:
    cache = AnswerCache(100_000)
    for number in range(500):
        cache.keep(key(query=b"%d" % number), made(answer(5_000)))
        assert cache.size <= 100_000
        assert number == 0 or cache.find(key(query=b"0"))
    assert cache.find(key(query=b"1")) is None


def test_answers_of_a_pruned_release_go_when_another_one_is_answered_from() -> None:
    pruned: set[str] = set()
    cache = AnswerCache(is_pruned=pruned.__contains__)
    for name in ("r-1", "r-2"):
        for number in range(3):
            cache.keep(key(release_id=name, query=b"%d" % number), made(answer()))
    pruned.add("r-1")
    cache.keep(key(release_id="r-2", query=b"3"), made(answer()))
    assert cache.find(key(release_id="r-1", query=b"0")) is not None
    cache.keep(key(release_id="r-3"), made(answer()))
    assert cache.find(key(release_id="r-1", query=b"0")) is None
    assert cache.find(key(release_id="r-2", query=b"0")) is not None
    pruned |= {"r-2", "r-3"}
    cache.keep(key(release_id="r-4"), made(answer()))
    only = AnswerCache()
    only.keep(key(release_id="r-4"), made(answer()))
    assert cache.size == only.size
