"""Public figures are what one counts by hand on the items, in either database."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from geo_service.errors import StepRefusedError
from geo_service.register import database, event_store, figures, item_lists, records, way
from geo_service.register.records import Raised, Stepped
from layers.release.follow_up_file import Addressee
from tests.geo_service.register.test_way import CAMAT, DINAS, PUPR, SYSTEM

WAY = way.read_way()
SENT = datetime(2026, 11, 30, 8, tzinfo=UTC)
DUE = date(2026, 12, 14)
TODAY = date(2027, 1, 15)
RAISED = Raised(kode="99.01.01.2003", layanan="poskesdes", ukuran="poskesdes")
SEND = Stepped(step="send", to=DINAS, due=DUE)
ACCEPT = Stepped(step="accept", task=DINAS, on_behalf=True)
REFUSE = Stepped(step="refuse", task=DINAS, reason="Tidak ada dana.", on_behalf=True)
FORWARD = Stepped(step="forward", task=DINAS, to=PUPR, reason="Jalan.", on_behalf=True)
BUDGET = Stepped(
    step="budget", task=DINAS, document="APBD", tahun=2027, amount_idr=5_000, on_behalf=True
)
FINISH = Stepped(step="finish", task=DINAS, day=TODAY, on_behalf=True)
VERIFY = Stepped(step="verify", task=DINAS)
REOPEN = Stepped(step="reopen", task=DINAS, reason="Tetap perlu.")


def begin(register: event_store.Register, *listed: tuple[Stepped, int]) -> records.Item:
    """A new item that was sent, and then stepped on, each step so many days after sending."""
    item = register.add(register.begin((RAISED,), SYSTEM, SENT), (SEND,), CAMAT, SENT)
    for content, days in listed:
        item = register.add(item, (content,), CAMAT, SENT + timedelta(days=days))
    return item


def of_dinas(register: event_store.Register) -> figures.Figures:
    return figures.of_offices(register, "99.01", TODAY)["kabupaten", DINAS.nama]


def test_what_was_never_sent_is_in_no_figure(register: event_store.Register) -> None:
    register.begin((RAISED,), SYSTEM, SENT)
    assert figures.of_parts(register, None, TODAY) == {}
    assert figures.total([]) is None
    assert figures.Figures().median_days is None


def test_an_answer_counts_from_sending_to_the_step_that_ends_the_waiting(
    register: event_store.Register,
) -> None:
    receive = Stepped(step="receive", task=DINAS, on_behalf=True)
    item = begin(register, (receive, 1), (ACCEPT, 6), (BUDGET, 30), (FINISH, 40), (VERIFY, 41))
    (task,) = item.tasks
    assert (task.sent, task.answered, task.answer) == (SENT, SENT + timedelta(days=6), "accepted")
    assert of_dinas(register) == figures.Figures(
        sent=1,
        in_time=1,
        accepted=1,
        budgeted=1,
        amount_idr=5_000,
        done=1,
        verified=1,
        waited={6: 1},
    )
    assert register.check() == []


@pytest.mark.parametrize(
    ("days", "hours", "is_in_time"),
    [(14, 0, True), (14, 8, True), (14, 9, False), (15, 0, False), (0, 0, True)],
)
def test_the_day_of_an_answer_ends_when_it_ends_in_western_indonesia(
    register: event_store.Register, days: int, hours: int, is_in_time: bool
) -> None:
    item = begin(register)
    register.add(item, (ACCEPT,), CAMAT, SENT + timedelta(days=days, hours=hours))
    counted = of_dinas(register)
    assert (counted.in_time, counted.late) == ((1, 0) if is_in_time else (0, 1))


def test_overdue_is_what_nobody_answered_after_its_day(register: event_store.Register) -> None:
    begin(register)
    begin(register, (ACCEPT, 20))
    for today, overdue in ((DUE, 0), (DUE + timedelta(days=1), 1)):
        (counted,) = figures.of_parts(register, None, today).values()
        assert (counted.sent, counted.unanswered, counted.overdue) == (2, 1, overdue)
        assert (counted.late, counted.median_days) == (1, 20)


def test_what_is_sent_again_waits_again(register: event_store.Register) -> None:
    again = SEND.model_copy(update={"due": TODAY})
    item = begin(register, (REFUSE, 3), (REOPEN, 4))
    assert of_dinas(register).refused == 1
    assert figures.refusals(register, "99.01") == []
    register.add(item, (again,), CAMAT, SENT + timedelta(days=5))
    assert of_dinas(register) == figures.Figures(sent=1, unanswered=1)


def test_not_our_task_is_an_answer_and_the_other_office_owes_one(
    register: event_store.Register,
) -> None:
    begin(register, (FORWARD, 2))
    assert of_dinas(register) == figures.Figures(sent=1, in_time=1, forwarded=1, waited={2: 1})
    offices = figures.of_offices(register, "99.01", TODAY)
    assert offices["kabupaten", PUPR.nama] == figures.Figures(sent=1, unanswered=1, overdue=1)


def test_a_refusal_is_told_with_its_reason_and_where(register: event_store.Register) -> None:
    item = begin(register, (REFUSE, 3))
    (refusal,) = figures.refusals(register, "99.01.01")
    assert (refusal.item, refusal.kode, refusal.office) == (item.id, RAISED.kode, DINAS.nama)
    assert refusal.reason == "Tidak ada dana."
    assert figures.refusals(register, "99.01.02") == []


def test_a_merged_item_and_a_corrected_step_count_no_more(register: event_store.Register) -> None:
    kept, other, third = begin(register), begin(register), begin(register)
    merged = records.Merged(into=kept.id, reason="Sama.")
    register.add(other, (merged,), CAMAT, SENT)
    register.add(third, (records.Corrected(number=2, reason="Keliru."),), CAMAT, SENT)
    assert of_dinas(register).sent == 1
    assert register.check() == []


def test_the_parts_of_each_level_add_up_to_what_is_counted_by_hand(
    register: event_store.Register,
) -> None:
    dice = random.Random(16)
    offices = (DINAS, PUPR, Addressee(jenis="desa", nama="Muara Telang"))
    possible = (ACCEPT, REFUSE, FORWARD, BUDGET, FINISH, VERIFY, REOPEN)
    for number in range(60):
        kode = f"{dice.choice('12')}1.0{dice.choice('12')}.01.200{dice.choice('123')}"
        raised = Raised(kode=kode, layanan=f"l{number % 3}", ukuran="u")
        item = register.begin((raised,), SYSTEM, SENT)
        actor = records.Actor(role="kecamatan", name="x", area=kode[:8])
        for day in range(dice.randrange(9)):
            office = dice.choice(offices)
            send = SEND.model_copy(update={"to": office})
            step = dice.choice((send, *possible)).model_copy(update={"task": office})
            try:
                item = register.add(item, (step,), actor, SENT + timedelta(days=3 * day))
            except StepRefusedError:
                continue
    tasks = [(item.kode, task) for item in register.items() for task in item.tasks]
    for area in (None, "11", "11.01", "11.01.01", "11.01.01.2001", "12"):
        inside = [task for kode, task in tasks if area is None or kode.startswith(area)]
        counted = figures.total(list(figures.of_parts(register, area, TODAY).values()))
        days = [(task.answered - task.sent).days for task in inside if task.answered and task.sent]
        if not inside:
            assert counted is None
            continue
        assert counted is not None
        assert counted.sent == len(inside)
        assert counted.answered == len(days) == sum(counted.waited.values())
        assert counted.median_days == (median(days) if days else None)
        late = [task for task in inside if not task.answered and task.due and task.due < TODAY]
        assert counted.overdue == len(late)
        assert counted.done == sum(task.state in ("done", "verified") for task in inside)
        money = [task.amount_idr for task in inside if task.amount_idr is not None]
        assert counted.amount_idr == (sum(money) if money else None)
        assert counted.refused + counted.accepted + counted.forwarded == counted.answered
        if area is not None:
            for other in (figures.of_offices, figures.of_services):
                assert figures.total(list(other(register, area, TODAY).values())) == counted


def test_a_register_of_before_gets_its_tasks_of_its_events(
    url: str, register: event_store.Register
) -> None:
    begin(register, (REFUSE, 3))
    before = figures.of_parts(register, None, TODAY)
    engine = sa.create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        columns = {column["name"] for column in sa.inspect(connection).get_columns("item")}
        assert "title" not in columns
    register.migrate()
    assert register.check() == []
    assert figures.of_parts(register, None, TODAY) == before
    with engine.begin() as connection:
        connection.execute(sa.update(item_lists.TASK).values(days=9))
        connection.execute(sa.delete(item_lists.ITEM))
    engine.dispose()
    assert "kabupaten Dinas Kesehatan: days" in {found.column for found in register.check()}
