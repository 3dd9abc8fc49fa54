"""The half-year of the demo: made by the rules that people have, and told the same each time."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from geo_service.cli import demo_command
from geo_service.errors import RegisterError
from geo_service.house import accounts, boards, citizen_reports, sample_story, sessions
from geo_service.needs import sync
from geo_service.outbox import messages
from geo_service.register import event_store, figures, records, way
from layers.release.manifest_file import CURRENT_LINK

TODAY = date(2026, 11, 30)


@pytest.fixture
def release(sample_releases: Path) -> Path:
    return (sample_releases / CURRENT_LINK).resolve()


def test_the_half_year_shows_every_state_and_ends_today(
    register: event_store.Register, release: Path
) -> None:
    count = sample_story.tell_half_year(register, release, TODAY)
    events = list(register.all_events())
    assert len(events) == count > 1000
    days = [event.moment.date() for event in events]
    assert min(days) == TODAY - sample_story.LENGTH
    assert TODAY - timedelta(days=5) <= max(days) <= TODAY
    states = Counter(item.state(register.way) for item in register.items())
    assert set(states) == set(register.way.states) - {"merged", "forwarded"}
    assert register.check() == []
    part = figures.total([*figures.of_parts(register, "99.01", TODAY).values()])
    assert part is not None
    assert min(part.in_time, part.late, part.overdue, part.refused, part.verified) > 10
    assert {event.content.on_behalf for event in events if event.content.kind == "step"} == {
        True,
        False,
    }
    proposals = [item for item in register.items() if item.raised.title is not None]
    assert {item.raiser.role for item in proposals} == {"desa"}
    assert all(item.raised.lon is not None for item in proposals)
    sample_story.invite_people(register, datetime(2026, 11, 30, tzinfo=UTC))
    found, total = citizen_reports.CitizenReports(register).waiting(
        accounts.Accounts(register).find("camat")
    )
    assert total == len(sample_story.REPORTS)
    needed = {service for _, service, _ in sync.read_needs(release).needed}
    assert {report.need.layanan for report in found} <= needed | {None}


def test_the_release_adds_nothing_to_its_own_story(
    register: event_store.Register, release: Path
) -> None:
    sample_story.tell_half_year(register, release, TODAY)
    needs = sync.read_needs(release)
    count = sync.sync_register(register, needs, datetime(2026, 12, 1, tzinfo=UTC))
    assert count == sync.SyncCount(same=len(needs.needed))
    with pytest.raises(RegisterError, match="empty"):
        sample_story.tell_half_year(register, release, TODAY)


def test_the_same_day_tells_the_same_story(tmp_path: Path, release: Path) -> None:
    stories = []
    for name in ("a", "b"):
        told = event_store.Register(f"sqlite:///{tmp_path / name}.db", way.read_way())
        told.migrate()
        sample_story.tell_half_year(told, release, TODAY)
        stories.append(list(told.all_events()))
        told.close()
    assert stories[0] == stories[1]


def test_the_demo_makes_its_register_once_and_keeps_what_people_add(
    tmp_path: Path, sample_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEO_REGISTER", raising=False)
    url, first = demo_command.prepare_register(tmp_path, sample_releases)
    assert set(first) == {"kabupaten", "kecamatan", "desa", "office"}
    assert url == f"sqlite:///{tmp_path / 'register.db'}"
    opened = event_store.Register(url, way.read_way())
    raised = records.Raised(kode="99.01.01.2001", title="Jembatan gantung")
    actor = records.Actor(role="desa", name="sekdes", area="99.01.01.2001")
    opened.begin((raised,), actor, datetime.now(UTC))
    before = list(opened.all_events())
    box = messages.Outbox(opened)
    waiting = box.find_lines(messages.STATES, 100)
    assert {line.kind for line in waiting} == {"digest"}
    assert {line.state for line in waiting} == {"waiting"}
    assert {line.address for line in waiting} == {
        address for _, _, _, address in demo_command.CONTACTS
    }
    again = demo_command.prepare_register(tmp_path, sample_releases)
    assert again.url == url
    assert box.find_lines(messages.STATES, 100) == waiting
    assert list(opened.all_events()) == before
    assert [person.login for person in accounts.Accounts(opened).people()] == [
        *("admin", "dinkes", "camat", "desa")
    ]
    doors = sessions.Sessions(opened)
    with pytest.raises(RegisterError):
        doors.invited(first["desa"], datetime.now(UTC))
    assert doors.invited(again.invitations["desa"], datetime.now(UTC)).area == "99.01.01.2005"
    opened.close()
    monkeypatch.setenv("GEO_REGISTER", "sqlite:///elsewhere.db")
    given = demo_command.prepare_register(tmp_path, sample_releases)
    assert given == ("sqlite:///elsewhere.db", {})
    assert not (tmp_path / "elsewhere.db").exists()


def test_the_demo_does_without_a_register_where_the_extra_is_not_installed(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['sqlalchemy'] = None; from pathlib import Path; "
        "from geo_service.cli.demo_command import prepare_register; "
        f"print(prepare_register(Path({str(tmp_path)!r}), Path({str(tmp_path)!r})).url)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "None\n"
    assert "geo-service[register]" in done.stderr
    assert not list(tmp_path.iterdir())


def test_who_signs_in_to_the_demo_finds_something_to_do(
    register: event_store.Register, release: Path
) -> None:
    sample_story.tell_half_year(register, release, TODAY)
    sample_story.invite_people(register, datetime.now(UTC))
    for person in accounts.Accounts(register).people():
        selection = boards.BoardFilter(person.area, waits=person.role != "kabupaten")
        rows, _ = boards.find_rows(register, person, selection, TODAY, 5)
        assert rows, person.login
