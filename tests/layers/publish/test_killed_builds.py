"""What is left of a release where processes are killed, live on or run at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from layers.publish.publication import (
    current_release,
    list_releases,
    previous_release,
    prune,
    publish,
    verify_release,
)
from layers.release.manifest_file import MANIFEST_NAME
from tests.layers.publish.test_release import build_small

REPOSITORY = Path(__file__).parents[3]

STEPS = """
import os, signal, sys
from pathlib import Path
from layers.publish import publication as release
from tests.layers.publish.test_release import write_small

def die_before(name):
    real = getattr(release, name)
    def die(*given):
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(release, name, die)

releases, step, content = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
def write(target):
    manifest = write_small(target, content)
    if step == "write":
        (target / "manifest.json").unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return manifest
if step != "write" and step not in ("_record", "_point_current", "replace"):
    die_before(step)
release_id = release.build_into(releases, write)
if step == "replace":
    Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
elif step != "write":
    die_before(step)
release.publish(releases, release_id)
"""

KILLED_AT = (
    "write",
    "find_problems",
    "_make_durable",
    "_move_into_place",
    "_record",
    "_point_current",
    "replace",
)


def run(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A process of its own running the script in the repository."""
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ})


@pytest.mark.parametrize("step", KILLED_AT)
def test_a_process_killed_at_any_step_leaves_the_published_release(
    tmp_path: Path, step: str
) -> None:
    published = build_small(tmp_path, "old")
    publish(tmp_path, published)
    assert run(STEPS, str(tmp_path), step, "new").wait(60) == -signal.SIGKILL
    assert current_release(tmp_path) == published
    assert verify_release(tmp_path / "current") == []
    newest = build_small(tmp_path, "newest")
    publish(tmp_path, newest)
    assert previous_release(tmp_path) == published
    hidden = {entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")}
    assert hidden == {".lock", ".published"}
    assert all(verify_release(tmp_path / name) == [] for name in list_releases(tmp_path))


LIVING = """
import sys, time
from pathlib import Path
from layers.publish.publication import build_into
from tests.layers.publish.test_release import write_small
releases = Path(sys.argv[1])
def write(target):
    manifest = write_small(target, "slow")
    (releases / "waiting").touch()
    while not (releases / "go").exists():
        time.sleep(0.01)
    return manifest
print(build_into(releases, write))
"""


def test_a_living_build_is_not_taken_for_a_leftover(tmp_path: Path) -> None:
    process = run(LIVING, str(tmp_path))
    deadline = time.monotonic() + 60
    while not (tmp_path / "waiting").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    build_small(tmp_path, "other")
    prune(tmp_path, 1)
    (tmp_path / "go").touch()
    assert process.wait(60) == 0
    assert len(list_releases(tmp_path)) >= 1


ALL_AT_ONCE = """
import random, sys
from pathlib import Path
from layers.errors import ReleaseError
from layers.publish.publication import build_into, list_releases, prune, publish, rollback
from tests.layers.publish.test_release import write_small
releases, mix = Path(sys.argv[1]), random.Random(sys.argv[2])
for number in range(40):
    try:
        match mix.randrange(5):
            case 0: prune(releases, mix.randrange(1, 4))
            case 1: rollback(releases)
            case 2: publish(releases, mix.choice(list_releases(releases)))
            case _:
                text = f"{mix.randrange(6)}"
                publish(releases, build_into(releases, lambda target: write_small(target, text)))
    except ReleaseError as error:
        print(error)
"""


def test_who_builds_publishes_rolls_back_and_prunes_at_once_meets_no_traceback(
    tmp_path: Path,
) -> None:
    publish(tmp_path, build_small(tmp_path, "first"))
    processes = [run(ALL_AT_ONCE, str(tmp_path), name) for name in "abc"]
    while any(process.poll() is None for process in processes):
        target = (tmp_path / "current").readlink()
        is_whole = (tmp_path / target / MANIFEST_NAME).is_file()
        assert is_whole or (tmp_path / "current").readlink() != target
        time.sleep(0.001)
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    assert verify_release(tmp_path / "current") == []
    hidden = {entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")}
    assert hidden <= {".lock", ".published"}


PUBLISHING = """
import sys
from pathlib import Path
from layers.publish.publication import build_into, publish
from tests.layers.publish.test_release import write_small
for number in range(20):
    text = f"{sys.argv[2]} {number}"
    write = lambda target: write_small(target, text)
    publish(Path(sys.argv[1]), build_into(Path(sys.argv[1]), write))
"""


def test_publishers_at_the_same_time_do_not_collide(tmp_path: Path) -> None:
    processes = [run(PUBLISHING, str(tmp_path), name) for name in ("a", "b")]
    assert [process.wait(120) for process in processes] == [0, 0]
    assert len(list_releases(tmp_path)) == 40
    assert verify_release(tmp_path / "current") == []
    assert len((tmp_path / ".published").read_text().splitlines()) == 40
