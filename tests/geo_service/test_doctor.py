"""What ``geo-service doctor`` says of healthy and of sick installations."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from geo_service.cli import doctor
from geo_service.settings import Settings
from tests.end_to_end.processes import free_port, run


@pytest.fixture
def folder(releases: Path, tmp_path: Path) -> Path:
    shutil.copytree(releases, tmp_path / "releases", symlinks=True)
    (tmp_path / "releases").chmod(0o755)
    return tmp_path / "releases"


def verdicts(folder: Path, **given: object) -> dict[str, doctor.Verdict]:
    settings = Settings.model_validate({"releases": folder, "port": free_port()} | given)
    return {entry.subject: entry.verdict for entry in doctor.diagnose(settings)}


def test_a_healthy_installation_has_no_fault(folder: Path) -> None:
    found = verdicts(folder)
    assert "fault" not in found.values()
    assert found["releases"] == found["journal"] == "ok"
    # It does not run, and nothing is in front of it.
    assert found["server"] == found["front"] == "warning"


def spoil(folder: Path) -> None:
    (folder / "current" / "values.sqlite").unlink()


def lose_journal(folder: Path) -> None:
    (folder / ".published").unlink()


def open_to_all(folder: Path) -> None:
    folder.chmod(0o777)


def leave_tokens_to_all(folder: Path) -> None:
    (folder / "tokens.json").write_text("[]")
    (folder / "tokens.json").chmod(0o644)


def from_the_future(folder: Path) -> None:
    os.utime(folder / "current", (4e9, 4e9), follow_symlinks=False)


@pytest.mark.parametrize(
    ("damage", "subjects"),
    [
        (spoil, {"releases"}),
        (lose_journal, {"releases", "journal"}),
        (open_to_all, {"rights"}),
        (leave_tokens_to_all, {"rights"}),
        (from_the_future, {"clock"}),
        (shutil.rmtree, {"releases", "journal", "rights", "disk"}),
    ],
)
def test_each_fault_is_found(folder: Path, damage: object, subjects: set[str]) -> None:
    assert callable(damage)
    damage(folder)
    found = verdicts(folder)
    assert {subject for subject, verdict in found.items() if verdict == "fault"} == subjects


def test_each_fault_says_what_to_do_in_both_languages(folder: Path) -> None:
    shutil.rmtree(folder)
    found = list(doctor.diagnose(Settings(releases=folder, port=free_port())))
    assert len({entry.subject for entry in found}) == len(found) == 9
    for entry in found:
        assert entry.id != entry.en or entry.verdict == "ok"
        assert entry.verdict != "fault" or str(folder) in entry.en


def test_a_full_disk_and_a_dead_front_are_faults(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 62)
    found = verdicts(folder, public_url=f"http://127.0.0.1:{free_port()}")
    assert (found["disk"], found["front"]) == ("fault", "fault")


def test_many_processes_and_connections_are_warned_of(folder: Path) -> None:
    found = verdicts(folder, workers=64, answer_processes=64, limits="connections=999999999")
    assert (found["memory"], found["limits"]) == ("warning", "warning")


def test_the_command_says_what_to_do_in_both_languages(folder: Path) -> None:
    assert run("doctor", folder).returncode == 0
    lose_journal(folder)
    done = run("doctor", folder)
    assert done.returncode == 1
    assert "jurnal penerbitan" in done.stdout
    assert "journal of publications" in run("doctor", folder, "--lang", "en").stdout
