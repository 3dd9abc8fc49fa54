"""Which steps are possible, for whom, and what a refusal says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from geo_service.errors import RegisterError, StepRefusedError
from geo_service.register import records, replaying, steps, way
from geo_service.register.records import Actor, Assignment, Item, Stepped
from layers.release.follow_up_file import Addressee

WAY = way.read_way()
DINAS, PUPR = (
    Addressee(jenis="kabupaten", nama=name) for name in ("Dinas Kesehatan", "Dinas PUPR")
)
DESA = Addressee(jenis="desa", nama="Muara Telang")
KODE = "99.01.01.2003"
CAMAT = Actor(role="kecamatan", name="staf", area="99.01.01")
OFFICE = Actor(role="office", name="kepala", area="99.01", office="Dinas Kesehatan")
KADES = Actor(role="desa", name="sekdes", area=KODE)
VIEWER = Actor(role="viewer", name="tamu", area="99")
SYSTEM = Actor(role="system", name="sync")
SAID: dict[str, Any] = {
    "due": date(2027, 1, 31),
    "reason": "Bukan tugas kami.",
    "document": "APBD",
    "tahun": 2027,
    "amount_idr": 1,
    "day": date(2027, 6, 1),
}


def item_in(state: str, addressee: Addressee = DINAS, raiser: Actor = SYSTEM) -> Item:
    raised = records.Raised(kode=KODE, layanan="poskesdes", ukuran="poskesdes")
    tasks = () if state == "draft" else (Assignment(addressee, state),)
    return Item("0" * 16, raised, KODE, raiser, tasks=tasks)


def stepped(step: str, task: Addressee = DINAS, **given: Any) -> Stepped:
    said = {"step": step, "task": task, "to": PUPR if step == "forward" else task}
    return Stepped.model_validate(said | SAID | given)


def is_allowed(item: Item, actor: Actor, content: Stepped) -> bool:
    try:
        steps.check_step(item, actor, content, WAY)
    except StepRefusedError:
        return False
    return True


@pytest.mark.parametrize(("state", "step"), [*product(WAY.states, WAY.steps)])
def test_a_step_follows_only_on_the_states_that_the_table_names(state: str, step: way.Step) -> None:
    if state == "merged":
        return
    actors = [CAMAT, OFFICE, KADES]
    allowed = any(
        is_allowed(item_in(state, raiser=KADES), actor, stepped(step.id)) for actor in actors
    )
    assert allowed == (state in step.origins)


def test_a_refusal_names_the_steps_that_are_possible() -> None:
    with pytest.raises(StepRefusedError, match=r"does not follow on accepted.*budget, start"):
        steps.check_step(item_in("accepted"), OFFICE, stepped("refuse"), WAY)


@pytest.mark.parametrize(
    ("actor", "step", "may"),
    [
        (CAMAT, "send", True),
        (KADES, "send", True),
        (OFFICE, "send", False),
        (VIEWER, "send", False),
        (SYSTEM, "send", False),
    ],
)
def test_who_may_send_a_draft(actor: Actor, step: str, may: bool) -> None:
    assert is_allowed(item_in("draft"), actor, stepped(step)) is may


def test_only_whose_task_it_is_answers_or_the_kecamatan_on_their_behalf() -> None:
    other = OFFICE.model_copy(update={"office": "Dinas PUPR"})
    sent = item_in("sent")
    for step in ("receive", "accept", "refuse", "forward"):
        assert is_allowed(sent, OFFICE, stepped(step))
        assert not is_allowed(sent, other, stepped(step))
        assert not is_allowed(sent, KADES, stepped(step))
        assert not is_allowed(sent, CAMAT, stepped(step))
        assert is_allowed(sent, CAMAT, stepped(step, on_behalf=True))
        assert not is_allowed(sent, other, stepped(step, on_behalf=True))
    to_desa = item_in("sent", DESA)
    neighbour = KADES.model_copy(update={"area": "99.01.01.2004"})
    assert is_allowed(to_desa, KADES, stepped("accept", DESA))
    assert not is_allowed(to_desa, neighbour, stepped("accept", DESA))


@pytest.mark.parametrize("area", ["99.01.02", "98", "99.01.01.2004", "99.01.0"])
def test_nobody_acts_outside_the_own_area(area: str) -> None:
    away = CAMAT.model_copy(update={"area": area})
    assert not is_allowed(item_in("draft"), away, stepped("send"))


@pytest.mark.parametrize("step", [step for step in WAY.steps if step.needs])
def test_what_a_step_must_say_is_asked_by_name(step: way.Step) -> None:
    for need in step.needs:
        said: dict[str, Any] = {need: None}
        content = stepped(step.id, on_behalf=True, **said)
        with pytest.raises(StepRefusedError, match=f"must say: .*{need}"):
            steps.check_step(item_in(step.origins[0], raiser=CAMAT), CAMAT, content, WAY)


def test_only_who_raised_an_item_or_the_kecamatan_reopens_it() -> None:
    done = item_in("done", raiser=KADES)
    assert is_allowed(done, KADES, stepped("reopen"))
    assert is_allowed(done, CAMAT, stepped("reopen"))
    assert not is_allowed(done, OFFICE, stepped("reopen"))
    assert not is_allowed(item_in("done"), KADES, stepped("reopen"))


def test_not_our_task_goes_to_whose_it_is() -> None:
    content = stepped("forward")
    event = records.Event(
        item="0" * 16,
        number=2,
        moment=datetime(2026, 11, 30, tzinfo=UTC),
        actor=OFFICE,
        content=content,
    )
    after = replaying.apply_event(item_in("received"), event, WAY)
    assert [(task.addressee.nama, task.state) for task in after.tasks] == [
        ("Dinas Kesehatan", "forwarded"),
        ("Dinas PUPR", "sent"),
    ]
    assert after.state(WAY) == "sent"
    with pytest.raises(StepRefusedError, match="somebody else"):
        steps.check_step(item_in("sent"), OFFICE, stepped("forward", to=DINAS), WAY)


def test_an_item_of_several_offices_is_as_far_as_the_least() -> None:
    item = item_in("done")
    tasks = (*item.tasks, Assignment(PUPR, "sent"))
    raised = item.raised
    assert Item(item.id, raised, KODE, SYSTEM, tasks=tasks).state(WAY) == "sent"
    refused = (Assignment(DINAS, "refused"), Assignment(PUPR, "accepted"))
    assert Item(item.id, raised, KODE, SYSTEM, tasks=refused).state(WAY) == "accepted"
    assert Item(item.id, raised, KODE, SYSTEM, tasks=refused[:1]).state(WAY) == "refused"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("order = [", "cannot be read"),
        ('order = ["lost"]', "no state is called lost"),
        ("who = 1", "who"),
        ("states = 1", "states"),
        ("steps = 1", "steps"),
        ('[[steps]]\nid = "send"\ndays = 0', r"steps.0.days: .*greater than or equal to 1"),
        ('[[steps]]\nid = "pay"', "steps.10.title: Field required"),
        ('[[steps]]\nid = "send"\nfrom = ["nowhere"]', "no state is called nowhere"),
        ('[[steps]]\nid = "send"\nanswers = ["Baik"]', "steps.0.answers.0"),
        ('[[reminders]]\nid = "camat"\ndays = 20', "more days than the one before"),
        ('[[reminders]]\nid = "bupati"\ndays = 30', "reminders.2.title: Field required"),
        ('[[calendar]]\nid = "musdes"\nfirst_month = 13', "calendar.0"),
        ("[[calendar]]\nid = 1", "calendar.0"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "way.toml"
    path.write_text(text)
    with pytest.raises(RegisterError, match=said):
        way.read_way(path)


SEASON = """
[[calendar]]
id = "{id}"
title = {{ id = "Musdes", en = "Musdes" }}
first_month = 11
last_month = 2
who = {{ id = "Desa", en = "Desa" }}
source = "Perbup 1/2027"
"""


def test_a_kabupaten_says_only_what_is_different_there(tmp_path: Path) -> None:
    path = tmp_path / "way.toml"
    path.write_text(
        '[states]\nsent = { id = "Terkirim", en = "Sent off" }\n'
        '[[steps]]\nid = "send"\ndays = 14\n'
        '[[reminders]]\nid = "sekda"\ndays = 30\n' + SEASON.format(id="musdes")
    )
    own = way.read_way(path)
    assert own.states["sent"].id == "Terkirim"
    assert own.states["draft"] == WAY.states["draft"]
    assert [step.id for step in own.steps] == [step.id for step in WAY.steps]
    assert own.step("send") == WAY.step("send").model_copy(update={"days": 14})
    assert own.step("send").due_after(date(2026, 12, 25)) == date(2027, 1, 8)
    assert WAY.step("receive").due_after(date(2026, 12, 25)) is None
    assert [level.days for level in own.reminders] == [1, 30]
    (season,) = own.calendar
    assert [month for month in range(1, 13) if season.covers(month)] == [1, 2, 11, 12]
    path.write_text(SEASON.format(id="musdes") * 2)
    with pytest.raises(RegisterError, match="parts of the calendar have one id"):
        way.read_way(path)


def test_the_shipped_table_says_all_in_both_languages_and_where_it_is_written() -> None:
    assert {season.id for season in WAY.calendar} >= {"musdes", "rkpdes", "apbdes", "rkpd", "apbd"}
    assert all(season.source.startswith(("Permendagri", "PP ")) for season in WAY.calendar)
    assert {step.id for step in WAY.steps if step.answers} >= {"send", "accept", "refuse"}
    texts = [text for step in WAY.steps for text in step.answers]
    texts += [level.text for level in WAY.reminders]
    assert all(text.id and text.en and text.id != text.en for text in texts)
