"""Events on disk: nothing is lost, doubled or overwritten, and the list is what the log makes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.errors import RegisterConflictError, RegisterError, StepRefusedError
from geo_service.needs import sync
from geo_service.register import database, event_log, event_store, item_lists, records, way
from geo_service.register.records import Raised, Stepped
from layers.release.follow_up_file import Addressee
from tests.geo_service.register.test_way import CAMAT, DINAS, OFFICE, PUPR, SYSTEM

REPOSITORY = Path(__file__).parents[3]
WAY = way.read_way()
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
RAISED = Raised(kode="99.01.01.2003", layanan="poskesdes", ukuran="poskesdes")
SEND = Stepped(step="send", to=DINAS, due=date(2027, 1, 31))


def test_what_is_written_is_read_back_and_the_list_agrees(register: event_store.Register) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)
    item = register.add(item, (SEND,), CAMAT, NOW)
    item = register.add(item, (Stepped(step="accept", task=DINAS),), OFFICE, NOW)
    assert register.item(item.id) == item
    assert item.state(WAY) == "accepted"
    assert item.tasks[0].due == date(2027, 1, 31)
    assert register.items("99.01") == [item]
    assert register.items("99.01.0") == register.items("99.02") == []
    assert [event.number for event in register.events(item.id)] == [1, 2, 3]
    assert register.check() == []


def test_of_two_who_act_at_once_one_wins_and_nothing_of_the_other_is_written(
    register: event_store.Register,
) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)
    register.add(item, (SEND,), CAMAT, NOW)
    with pytest.raises(RegisterConflictError, match="Look at it again"):
        register.add(item, (SEND.model_copy(update={"to": PUPR}),), CAMAT, NOW)
    seen = register.item(item.id)
    assert [task.addressee.nama for task in seen.tasks] == ["Dinas Kesehatan"]
    register.add(seen, (SEND.model_copy(update={"to": PUPR}),), CAMAT, NOW)
    assert register.check() == []


def test_a_refused_step_writes_nothing(register: event_store.Register) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)
    with pytest.raises(StepRefusedError):
        register.add(item, (SEND, Stepped(step="verify", task=DINAS)), CAMAT, NOW)
    assert register.item(item.id).version == 1


def test_a_corrected_event_does_not_count_and_stays_in_the_log(
    register: event_store.Register,
) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)
    item = register.add(item, (SEND,), CAMAT, NOW)
    wrong = records.Corrected(number=2, reason="Surat tidak jadi dikirim.")
    item = register.add(item, (wrong,), CAMAT, NOW)
    assert (item.state(WAY), item.version, item.tasks) == ("draft", 3, ())
    assert len(register.events(item.id)) == 3
    assert register.check() == []


def test_several_events_at_once_are_each_seen_after_those_before(
    register: event_store.Register,
) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)
    accept = Stepped(step="accept", task=DINAS, on_behalf=True)
    item = register.add(item, (SEND, accept), CAMAT, NOW)
    assert (item.state(WAY), item.version) == ("accepted", 3)
    with pytest.raises(StepRefusedError, match="accept does not follow on accepted"):
        register.add(item, (SEND.model_copy(update={"to": PUPR}), accept), CAMAT, NOW)
    assert register.item(item.id) == item
    assert register.add(item, (), CAMAT, NOW) == item


def test_a_correction_is_refused_where_later_events_rest_on_the_mistake(
    register: event_store.Register,
) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)
    accept = Stepped(step="accept", task=DINAS, on_behalf=True)
    item = register.add(item, (SEND, accept), CAMAT, NOW)

    def correct(number: int, actor: records.Actor = CAMAT) -> records.Item:
        wrong = records.Corrected(number=number, reason="Keliru.")
        return register.add(register.item(item.id), (wrong,), actor, NOW)

    with pytest.raises(StepRefusedError, match=r"Event 3 \(accept\) rests on event 2"):
        correct(2)
    with pytest.raises(StepRefusedError, match="or the office that made it"):
        correct(3, OFFICE)
    with pytest.raises(StepRefusedError, match="Event 9 is none"):
        correct(9)
    assert correct(3).state(WAY) == "sent"
    assert correct(2).state(WAY) == "draft"
    with pytest.raises(StepRefusedError, match="Event 2 is none"):
        correct(2)
    assert correct(5).state(WAY) == "sent"
    assert register.check() == []


def test_only_the_data_say_what_the_data_say(register: event_store.Register) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)
    for content in (records.Gone(release="a", tahun=2026), RAISED):
        with pytest.raises(StepRefusedError, match="No person enters"):
            register.add(item, (content,), CAMAT, NOW)


def test_whoever_has_answered_or_handed_back_is_not_late(register: event_store.Register) -> None:
    steps = {
        "sent": (SEND,),
        "refused": (SEND, Stepped(step="refuse", task=DINAS, reason="Dana.", on_behalf=True)),
        "done": (
            SEND,
            Stepped(step="accept", task=DINAS, on_behalf=True),
            Stepped(step="start", task=DINAS, on_behalf=True),
            Stepped(step="finish", task=DINAS, on_behalf=True, day=date(2027, 2, 1)),
        ),
    }
    items = {}
    for state, contents in steps.items():
        raised = register.begin((RAISED,), SYSTEM, NOW)
        items[state] = register.add(raised, contents, CAMAT, NOW)
    day = date(2027, 2, 1)
    assert {state: item.is_overdue(WAY, day) for state, item in items.items()} == {
        "sent": True,
        "refused": False,
        "done": False,
    }
    assert not items["sent"].is_overdue(WAY, date(2027, 1, 31))
    assert register.check() == []
    dues = {item.state(WAY): item.due(WAY) for item in items.values()}
    assert dues == {"sent": date(2027, 1, 31), "refused": None, "done": None}


@pytest.mark.parametrize("kode", ["53.06.1", "5306", "\u0665\u0663", "53.06\n", "53.06.13.2001.1"])
def test_what_is_no_code_of_a_wilayah_is_refused(kode: str) -> None:
    with pytest.raises(ValidationError):
        Raised(kode=kode)


def test_many_writers_lose_and_double_nothing(register: event_store.Register) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)

    def write(number: int) -> int:
        office = Addressee(jenis="kabupaten", nama=f"Dinas {number}")
        for _ in range(100):
            try:
                register.add(
                    register.item(item.id), (SEND.model_copy(update={"to": office}),), CAMAT, NOW
                )
            except RegisterConflictError:
                continue
            return number
        raise AssertionError("never its turn")

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(24))) == list(range(24))
    assert len(register.item(item.id).tasks) == 24
    assert [event.number for event in register.events(item.id)] == list(range(1, 26))
    assert register.check() == []


WRITER = """
import sys
from datetime import UTC, datetime
from tests.geo_service.register.test_event_store import RAISED, SYSTEM, WAY, event_store
register = event_store.Register(sys.argv[1], WAY)
while True:
    print(register.begin((RAISED,), SYSTEM, datetime.now(UTC)).id, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(url: str, register: event_store.Register) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip() for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
        told += writer.stdout.read().split()
    kept = {item.id for item in register.items()}
    assert {item_id for item_id in told if len(item_id) == 16} <= kept
    assert register.check() == []


CONTENTS = st.lists(
    st.sampled_from(
        [
            SEND,
            SEND.model_copy(update={"to": PUPR}),
            Stepped(step="accept", task=DINAS, on_behalf=True),
            Stepped(step="refuse", task=PUPR, reason="Tidak ada dana.", on_behalf=True),
            Stepped(step="forward", task=DINAS, to=PUPR, reason="Jalan.", on_behalf=True),
            Stepped(step="reopen", task=PUPR, reason="Tetap perlu."),
            records.Gone(release="a", tahun=2026),
            records.Corrected(number=2, reason="Keliru."),
        ]
    ),
    max_size=8,
)


@given(st.lists(CONTENTS, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_an_export_makes_the_same_register_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, histories: list[list[records.Content]]
) -> None:
    folder = tmp_path_factory.mktemp("registers")
    here, there = (event_store.Register(f"sqlite:///{folder / name}", WAY) for name in ("a", "b"))
    here.migrate()
    there.migrate()
    for history in histories:
        item = here.begin((RAISED,), SYSTEM, NOW)
        for content in history:
            try:
                item = here.add(item, (content,), CAMAT, NOW)
            except StepRefusedError:
                continue
    lines = [event.model_dump_json() for event in here.all_events()]
    assert there.load(event_log.read_event(line) for line in lines) == len(lines)
    assert there.items() == here.items()
    assert [event.model_dump_json() for event in there.all_events()] == lines
    assert here.check() == there.check() == []
    with pytest.raises(RegisterError, match="empty"):
        there.load([])
    here.close()
    there.close()


def test_the_tables_of_a_filled_register_go_down_and_up_again(
    url: str, register: event_store.Register
) -> None:
    register.begin((RAISED,), SYSTEM, NOW)
    engine = sa.create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
    register.migrate()
    with engine.connect() as connection:
        made = sa.MetaData()
        made.reflect(connection)
    engine.dispose()
    for table in item_lists.TABLES.tables.values():
        columns = {column.name for column in table.columns}
        assert {column.name for column in made.tables[table.name].columns} == columns
        indexes = {index.name for index in table.indexes}
        assert {index.name for index in made.tables[table.name].indexes} == indexes
    assert register.items() == []


def test_a_list_that_differs_from_the_log_is_found(
    url: str, register: event_store.Register
) -> None:
    item = register.begin((RAISED,), SYSTEM, NOW)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE item SET state = 'verified'"))
    engine.dispose()
    assert register.check() == [event_store.Difference(item.id, "state", "verified", "draft")]


def test_the_needs_of_the_sample_are_those_of_its_follow_up_lists(sample_releases: Path) -> None:
    needs = sync.read_needs((sample_releases / "current").resolve())
    assert needs.tahun == 2025
    assert not needs.met & set(needs.needed)
    states = {need.state for need in needs.needed.values()}
    assert states <= {
        "need_unfunded",
        "need_funded_by_desa",
        "need_in_programme",
        "need_proposed_only",
        "unknown",
    }
    assert {need.addressee.jenis for need in needs.needed.values()} >= {"desa", "kabupaten"}


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["register", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_the_command_line_keeps_a_register(
    tmp_path: Path, sample_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_REGISTER", f"sqlite:///{tmp_path / 'register.db'}")
    with pytest.raises(RegisterError, match="geo-service register init"):
        CliRunner().invoke(app, ["register", "list"], catch_exceptions=False)
    run("migrate")
    first = run("sync", str(sample_releases))
    assert " 0 changed, 0 gone" not in first
    assert int(first.split(": ")[1].split(" new")[0]) > 100
    assert " 0 new, 0 changed" in run("sync", str(sample_releases))
    listed = run("list", "--area", "99.01.01", "--state", "draft").splitlines()
    item = listed[0].split()[0]
    sent = run("step", item, "send", "--area", "99.01.01", "--to", "Dinas X", "--due", "2027-01-31")
    assert "Dinas X sent until 2027-01-31" in sent
    assert "step  step=send" in run("show", item)
    told = run("figures", "--area", "99.01")
    assert "99.01.01: 1 sent, 0 in_time, 0 late, 1 unanswered" in told
    assert "Dinas X: 1 sent" in told
    assert "- days to answer (median of 0)" in told
    reason = ("--task", "Dinas X", "--reason", "Tidak ada dana.")
    run("step", item, "refuse", "--area", "99.01.01", *reason)
    assert "Dinas X  refused  Tidak ada dana." in run("figures", "--area", "99.01.01")
    run("export", str(tmp_path / "register.jsonl"))
    run("backup", str(tmp_path / "copy.db"))
    other = f"sqlite:///{tmp_path / 'other.db'}"
    run("import", str(tmp_path / "register.jsonl"), "--register", other)
    for url in (other, f"sqlite:///{tmp_path / 'copy.db'}"):
        assert run("list", "--register", url) == run("list")
        run("check", "--register", url)


def test_what_is_published_is_taken_over_where_a_register_is_named(
    tmp_path: Path, sample_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(sample_releases, tmp_path / "releases", symlinks=True)
    published = (sample_releases / "current").resolve().name
    words = ["publish", str(tmp_path / "releases"), published]
    plain = CliRunner().invoke(app, words)
    assert (plain.exit_code, plain.stdout.count("\n")) == (0, 1)
    monkeypatch.setenv("GEO_REGISTER", f"sqlite:///{tmp_path / 'register.db'}")
    without = CliRunner().invoke(app, words)
    assert without.exit_code == 0
    assert "the register does not know it yet" in without.output
    run("init")
    assert " new, 0 changed" in CliRunner().invoke(app, words).output
    assert " 0 new, 0 changed" in CliRunner().invoke(app, words).output
