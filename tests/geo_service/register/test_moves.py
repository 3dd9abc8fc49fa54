"""Desa that are recoded, split and merged: items go with them, and nothing is doubled or lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import StepRefusedError
from geo_service.needs import code_changes, sync
from geo_service.needs.code_changes import CodeChange, CodeChanges, CodeCourse
from geo_service.register import event_store, records, way
from geo_service.register.records import Stepped
from tests.geo_service.register.test_sync import evidence
from tests.geo_service.register.test_way import CAMAT, DINAS, PUPR

WAY = way.read_way()
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
A, B, C, D, E, F, G, H = (f"99.01.01.200{number}" for number in range(1, 9))
SECONDS = count()
SERVICE = ("posyandu", "posyandu")
RECODE = [CodeChange(A, E, "recode", 2021)]
MERGE = [*RECODE, CodeChange(B, F, "merge", 2022), CodeChange(C, F, "merge", 2022)]
SPLIT = [*MERGE, CodeChange(E, G, "split", 2023), CodeChange(E, H, "split", 2023)]
# How the wilayah were in four years; D stays what it is.
WORLDS = [
    ([A, B, C, D], []),
    ([E, B, C, D], RECODE),
    ([E, F, D], MERGE),
    ([G, H, F, D], SPLIT),
]
SEND = Stepped(step="send", to=DINAS, due=date(2027, 1, 31))


def needs_of(world: int, needed: dict[str, float], met: tuple[str, ...] = ()) -> sync.Needs:
    """The needs of a release: people by desa."""
    desa, changes = WORLDS[world]
    release = f"sampel-{world}"
    return sync.Needs(
        release,
        2025,
        {(kode, *SERVICE): evidence(release, people) for kode, people in needed.items()},
        frozenset((kode, *SERVICE) for kode in met),
        frozenset(desa),
        CodeChanges.of(changes),
    )


def synced(
    register: event_store.Register, world: int, needed: dict[str, float], met: tuple[str, ...] = ()
) -> sync.SyncCount:
    count = sync.sync_register(register, needs_of(world, needed, met), NOW)
    assert register.check() == []
    return count


@pytest.mark.parametrize(
    ("kode", "course"),
    [
        (A, CodeCourse((G, H), "split", 2023)),
        (B, CodeCourse((F,), "merge", 2022)),
        (D, None),
        ("99.09.01.2001", None),
    ],
)
def test_a_code_of_before_leads_to_those_of_today(kode: str, course: CodeCourse | None) -> None:
    assert CodeChanges.of(SPLIT).course_of(kode, WORLDS[3][0]) == course


def test_a_code_that_comes_back_and_a_mother_that_keeps_hers_lead_nowhere() -> None:
    back = [CodeChange(A, E, "recode", 2021), CodeChange(E, A, "recode", 2024)]
    assert CodeChanges.of(back).course_of(E, [A]) == CodeCourse((A,), "recode", 2024)
    assert CodeChanges.of(back).course_of(A, []) is None
    for split in ([CodeChange(A, E, "split")], [CodeChange(A, A, "split"), *SPLIT[-1:]]):
        assert CodeChanges.of(split).course_of(A, [E]) is None
        assert not CodeChanges.of(split).has_ended(A)
    circle = [CodeChange(A, E, "recode"), CodeChange(E, A, "recode")]
    assert CodeChanges.of(circle).course_of(A, []) is None


def test_desa_follow_the_recode_of_their_kabupaten() -> None:
    changes = CodeChanges.of([CodeChange("91.01", "93.01", "recode", 2022)])
    assert changes.course_of("91.01.02", ["93.01.02"]) == CodeCourse(("93.01.02",), "recode", 2022)
    assert changes.course_of("91.01", ["93.01"]) == CodeCourse(("93.01",), "recode", 2022)


def test_an_item_moves_with_its_desa_and_an_event_says_by_which_release(
    register: event_store.Register,
) -> None:
    synced(register, 0, {A: 10})
    (item,) = register.items()
    register.add(item, (SEND,), CAMAT, NOW)
    done = synced(register, 1, {E: 10})
    assert (done.moved, done.new, done.same) == (1, 0, 1)
    (moved,) = register.items()
    assert (moved.id, moved.kode, moved.former) == (item.id, E, (A,))
    assert moved.task(DINAS) is not None
    content = register.events(item.id)[-1].content
    assert content == records.Moved(
        kode=E, source="sampel-1", change="recode", tahun=2021, former=(A,)
    )


def test_a_release_of_before_the_change_begins_nothing_anew(register: event_store.Register) -> None:
    synced(register, 0, {A: 10, B: 5, C: 7})
    synced(register, 2, {E: 10, F: 12})
    before = {item.id: register.events(item.id) for item in register.items()}
    done = synced(register, 0, {A: 20, B: 5, C: 7}, met=(D,))
    assert (done.former, done.new, done.changed, done.gone) == (3, 0, 0, 0)
    assert {item.id: register.events(item.id) for item in register.items()} == before


def test_two_items_that_become_equal_are_one_with_the_tasks_of_both(
    register: event_store.Register,
) -> None:
    synced(register, 0, {B: 5, C: 7})
    first, second = register.items()
    send_elsewhere = SEND.model_copy(update={"to": PUPR})
    accept = Stepped(step="accept", task=DINAS, on_behalf=True)
    register.add(first, (SEND, accept), CAMAT, NOW)
    register.add(second, (SEND, send_elsewhere), CAMAT, NOW)
    assert synced(register, 2, {F: 12}).merged == 1
    (item,) = register.items()
    assert item.id in (first.id, second.id)
    assert {task.addressee.nama: task.state for task in item.tasks} == {
        "Dinas Kesehatan": "sent",
        "Dinas PUPR": "sent",
    }
    other = register.item(({first.id, second.id} - {item.id}).pop())
    assert (other.merged_into, other.state(WAY)) == (item.id, "merged")
    assert synced(register, 2, {F: 12}) == sync.SyncCount(same=1)


def test_of_a_split_the_item_goes_where_most_people_are_in_the_same_need(
    register: event_store.Register,
) -> None:
    synced(register, 2, {E: 30})
    (item,) = register.items()
    done = synced(register, 3, {G: 10, H: 20})
    assert (done.moved, done.new) == (1, 1)
    assert register.item(item.id).kode == H
    content = register.events(item.id)[2].content
    assert isinstance(content, records.Moved)
    assert (content.change, content.parts) == ("split", (G, H))


def test_of_a_split_that_shows_no_need_the_item_goes_to_the_first_part(
    register: event_store.Register,
) -> None:
    synced(register, 2, {E: 30})
    synced(register, 3, {D: 1})
    assert {item.kode for item in register.items()} == {G, D}


def test_what_the_kecamatan_merged_stays_merged_and_can_be_taken_back(
    register: event_store.Register,
) -> None:
    synced(register, 0, {B: 5, D: 7})
    one, other = register.items()
    register.add(one, (SEND,), CAMAT, NOW)
    into = register.merge(register.item(one.id), other, "Satu bangunan.", CAMAT, NOW)
    assert [task.state for task in into.tasks] == ["sent"]
    assert synced(register, 0, {B: 5, D: 7}).new == 0
    with pytest.raises(StepRefusedError, match="act there"):
        register.merge(into, register.item(one.id), "Salah.", CAMAT, NOW)
    with pytest.raises(StepRefusedError, match="with another"):
        register.merge(into, into, "Salah.", CAMAT, NOW)
    back = register.correct(register.item(one.id), 4, "Keliru.", CAMAT, NOW)
    assert (back.merged_into, back.state(WAY)) == (None, "sent")
    assert register.item(other.id).tasks == ()
    assert register.check() == []


def test_the_sample_carries_its_history_of_codes(sample_releases: Path) -> None:
    changes = code_changes.read_code_changes((sample_releases / "current").resolve())
    kinds = Counter(change.kind for lines in changes.by_old.values() for change in lines)
    assert kinds == {"split": 2}
    assert code_changes.read_code_changes(sample_releases) == CodeChanges()


PUBLISHED = st.tuples(
    st.integers(0, 3),
    st.dictionaries(st.sampled_from(range(4)), st.sampled_from([1.0, 10.0]), max_size=4),
    st.booleans(),
)
ACTS = st.tuples(
    st.integers(0, 5),
    st.sampled_from(
        [
            SEND,
            SEND.model_copy(update={"to": PUPR}),
            Stepped(step="accept", task=DINAS, on_behalf=True),
            Stepped(step="refuse", task=PUPR, reason="Tidak ada dana.", on_behalf=True),
        ]
    ),
)


def publish(register: event_store.Register, given: tuple[int, dict[int, float], bool]) -> None:
    world, people, says_met = given
    desa = WORLDS[world][0]
    needed = {desa[place]: count for place, count in people.items() if place < len(desa)}
    met = tuple(kode for kode in desa if kode not in needed) if says_met else ()
    moment = NOW + timedelta(seconds=next(SECONDS))
    sync.sync_register(register, needs_of(world, needed, met), moment)


def act(register: event_store.Register, place: int, content: Stepped) -> None:
    items = register.items()
    if items:
        try:
            register.add(items[place % len(items)], (content,), CAMAT, NOW)
        except StepRefusedError:
            return


def owed(register: event_store.Register) -> set[str]:
    tasks = [task for item in register.items() for task in item.tasks]
    return {task.addressee.nama for task in tasks if WAY.is_owed(task.state)}


@given(st.lists(st.one_of(PUBLISHED, ACTS), min_size=2, max_size=10))
@settings(max_examples=40, deadline=None)
def test_items_and_history_stay_whatever_is_published_in_which_order(
    tmp_path_factory: pytest.TempPathFactory,
    happened: list[tuple[int, dict[int, float], bool] | tuple[int, Stepped]],
) -> None:
    folder = tmp_path_factory.mktemp("register")
    register = event_store.Register(f"sqlite:///{folder / 'register.db'}", WAY)
    register.migrate()
    newest = 0
    for given_now in happened:
        log = {item.id: register.events(item.id) for item in register.each_item()}
        if len(given_now) == 2:
            act(register, *given_now)
        else:
            before = owed(register)
            publish(register, given_now)
            assert owed(register) == before
            newest = max(newest, given_now[0])
            after = list(register.all_events())
            publish(register, given_now)
            assert list(register.all_events()) == after
            seen = register.items()
            # A release of before, and this one again: items are as they were.
            publish(register, (0, given_now[1], given_now[2]))
            kept = {item.id for item in seen}
            publish(register, given_now)
            back = [item for item in register.items() if item.id in kept]
            assert [as_kept(item) for item in back] == [as_kept(item) for item in seen]
        for item_id, events in log.items():
            assert register.events(item_id)[: len(events)] == events
        items = register.items()
        assert len({item.key for item in items}) == len(items)
        if given_now[0] == newest and len(given_now) == 3:
            assert not {item.kode for item in items} & ended(newest)
    assert register.check() == []
    register.close()


def as_kept(item: records.Item) -> records.Item:
    return replace(item, version=0, changed=None)


def ended(world: int) -> set[str]:
    return {change.old for change in WORLDS[world][1]}
