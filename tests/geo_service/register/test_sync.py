"""Needs of releases and items: an item outlives releases, and no value is no answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.needs import sync
from geo_service.needs.sync import SyncCount
from geo_service.register import event_store, records, way
from layers.release.follow_up_file import Addressee

WAY = way.read_way()
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
KEYS = [(f"99.01.01.200{number}", "posyandu", "posyandu") for number in range(4)]


def evidence(release: str, people: float) -> records.Evidence:
    return records.Evidence(
        release=release,
        tahun=2025,
        value=4583.0,
        norm=1000.0,
        unit="m",
        severity=1.0,
        people=people,
        state="need_unfunded",
        funding="known",
        addressee=Addressee(jenis="kabupaten", nama="Dinas Kesehatan"),
    )


def needs_of(states: list[str], release: str = "sampel-1") -> sync.Needs:
    """The needs of a release: ``need``, ``more`` (of more people), ``met`` or ``unknown`` a key."""
    people = {"need": 10.0, "more": 20.0}
    pairs = list(zip(KEYS, states, strict=True))
    needed = {key: evidence(release, people[state]) for key, state in pairs if state in people}
    met = frozenset(key for key, state in pairs if state == "met")
    return sync.Needs(release, 2025, needed, met)


def synced(
    register: event_store.Register, states: list[str], release: str = "sampel-1"
) -> SyncCount:
    return sync.sync_register(register, needs_of(states, release), NOW)


def test_what_a_release_does_not_know_changes_nothing(register: event_store.Register) -> None:
    assert synced(register, ["need", "need", "met", "unknown"]) == SyncCount(new=2)
    assert synced(register, ["unknown"] * 4) == SyncCount()
    assert [item.met_tahun for item in register.items()] == [None, None]


def test_a_need_that_goes_waits_for_a_person_and_comes_back_as_the_same_item(
    register: event_store.Register,
) -> None:
    synced(register, ["need", "met", "met", "met"])
    (item,) = register.items()
    assert synced(register, ["met"] * 4, "sampel-2") == SyncCount(gone=1)
    assert register.item(item.id).met_tahun == 2025
    assert register.item(item.id).state(WAY) == "draft"
    assert synced(register, ["met"] * 4, "sampel-2") == SyncCount()
    assert synced(register, ["need", "met", "met", "met"], "sampel-3") == SyncCount(returned=1)
    assert [back.id for back in register.items()] == [item.id]
    assert register.item(item.id).met_tahun is None


def test_only_another_release_is_no_change(register: event_store.Register) -> None:
    synced(register, ["need"] * 4)
    assert synced(register, ["need"] * 4, "sampel-2") == SyncCount(same=4)
    assert synced(register, ["more", "need", "need", "need"], "sampel-2") == SyncCount(
        changed=1, same=3
    )


@given(
    st.lists(
        st.lists(
            st.sampled_from(["need", "more", "met", "unknown"]),
            min_size=len(KEYS),
            max_size=len(KEYS),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=25, deadline=None)
def test_any_order_of_releases_makes_one_item_a_need_and_says_the_last_known(
    tmp_path_factory: pytest.TempPathFactory, releases: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("register")
    register = event_store.Register(f"sqlite:///{folder / 'register.db'}", WAY)
    register.migrate()
    for number, states in enumerate(releases):
        synced(register, states, f"sampel-{number}")
        again = synced(register, states, f"sampel-{number}")
        assert (again.new, again.changed, again.gone, again.returned) == (0, 0, 0, 0)
    items = {item.key: item for item in register.items()}
    assert len(items) == len(register.items())
    for place, key in enumerate(KEYS):
        said = [states[place] for states in releases if states[place] != "unknown"]
        needed = [state for state in said if state != "met"]
        assert (key in items) == bool(needed)
        if needed:
            assert (items[key].met_tahun is not None) == (said[-1] == "met")
    assert register.check() == []
    register.close()
