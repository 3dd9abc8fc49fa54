"""Reminders: each level once for one due date, and never before the one below it was told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import StepRefusedError
from geo_service.register import event_store, records, reminders, way
from geo_service.register.records import Stepped
from tests.geo_service.register.test_event_store import RAISED
from tests.geo_service.register.test_way import CAMAT, DINAS, PUPR, SYSTEM

WAY = way.read_way()
DUE = date(2027, 1, 31)
SEND = Stepped(step="send", to=DINAS, due=DUE)
ACCEPT = Stepped(step="accept", task=DINAS, on_behalf=True)


def moment(days: int) -> datetime:
    """Noon in Jakarta, so many days after the due date."""
    return datetime(2027, 1, 31, 5, tzinfo=UTC) + timedelta(days=days)


def reminded(register: event_store.Register, days: int, area: str | None = None) -> list[str]:
    return [sent.reminder.level for sent in reminders.remind(register, moment(days), area)]


def sent_item(register: event_store.Register, *more: records.Stepped) -> records.Item:
    item = register.begin((RAISED,), SYSTEM, moment(-30))
    return register.add(item, (SEND, *more), CAMAT, moment(-30))


def test_each_level_is_told_once_and_the_next_after_its_days(
    register: event_store.Register,
) -> None:
    item = sent_item(register)
    days = (0, 1, 1, 2, 14, 15, 15, 16, 400)
    assert [reminded(register, day) for day in days] == [
        [], ["camat"], [], [], [], ["sekda"], [], [], [],
    ]  # fmt: skip
    (first, day), _ = register.item(item.id).reminders
    assert (first.level, first.due, day) == ("camat", DUE, date(2027, 2, 1))
    assert register.check() == []


def test_whoever_was_never_reminded_is_reminded_before_it_rises(
    register: event_store.Register,
) -> None:
    sent_item(register)
    assert [reminded(register, day) for day in (100, 100, 113, 114)] == [
        ["camat"],
        [],
        [],
        ["sekda"],
    ]


def test_an_answer_ends_reminding_and_receipt_is_no_answer(
    register: event_store.Register,
) -> None:
    item = sent_item(register, Stepped(step="receive", task=DINAS, on_behalf=True))
    assert reminded(register, 1) == ["camat"]
    register.add(register.item(item.id), (ACCEPT,), CAMAT, moment(1))
    assert reminded(register, 60) == []


def test_another_due_date_is_reminded_of_anew(register: event_store.Register) -> None:
    refuse = Stepped(step="refuse", task=DINAS, reason="Dana.", on_behalf=True)
    item = sent_item(register)
    assert reminded(register, 1) == ["camat"]
    reopen = Stepped(step="reopen", task=DINAS, reason="Tetap perlu.")
    again = SEND.model_copy(update={"due": DUE + timedelta(days=60)})
    register.add(register.item(item.id), (refuse, reopen, again), CAMAT, moment(2))
    assert [reminded(register, day) for day in (30, 61, 75)] == [[], ["camat"], ["sekda"]]


def test_each_addressee_has_its_own_and_other_areas_none(register: event_store.Register) -> None:
    sent_item(register, SEND.model_copy(update={"to": PUPR}))
    assert reminded(register, 1, "99.02") == []
    assert reminded(register, 1, "99.01.01") == ["camat", "camat"]


def test_what_was_told_comes_along_when_items_are_merged(register: event_store.Register) -> None:
    one, other = sent_item(register), register.begin((RAISED,), SYSTEM, moment(-30))
    assert reminded(register, 1) == ["camat"]
    register.merge(register.item(one.id), other, "Sama.", CAMAT, moment(1))
    assert [reminded(register, day) for day in (2, 15)] == [[], ["sekda"]]


def test_no_person_reminds(register: event_store.Register) -> None:
    item = sent_item(register)
    content = records.Reminded(task=DINAS, due=DUE, level="sekda")
    with pytest.raises(StepRefusedError, match="No person enters"):
        register.add(item, (content,), CAMAT, moment(1))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
@settings(max_examples=20, deadline=None)
def test_on_whatever_days_it_runs_nobody_is_told_twice(
    tmp_path_factory: pytest.TempPathFactory, days: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("register")
    register = event_store.Register(f"sqlite:///{folder / 'register.db'}", WAY)
    register.migrate()
    item = sent_item(register)
    for day in sorted(days):
        reminded(register, day)
        assert reminded(register, day) == []
    told = [reminder.level for reminder, _ in register.item(item.id).reminders]
    assert told == ["camat", "sekda"][: len(told)]
    register.close()
