"""The process above the server processes, and a server whose processes are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

from geo_service.work.children import describe_exit
from tests.end_to_end.processes import COMMAND, free_port, wait_for

PROGRAM = """
    import os, sys, time, logging
    from geo_service.supervisor import Supervisor
    logging.basicConfig(stream=sys.stdout)
    def main():
        with open(sys.argv[1], "a") as log:
            log.write(f"{os.getpid()}\\n")
        if len(open(sys.argv[1]).readlines()) < int(sys.argv[2]):
            os.kill(os.getpid(), 7)
        time.sleep(60)
    Supervisor(main, 1, 1.0).run()
"""


def test_a_process_that_dies_again_and_again_is_replaced_with_growing_pauses(
    tmp_path: Path,
) -> None:
    log = tmp_path / "pids"
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(log), "6"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while not log.exists() or len(log.read_text().splitlines()) < 6:
        assert process.poll() is None
        assert time.monotonic() - started < 60
        time.sleep(0.1)
    seconds = time.monotonic() - started
    process.send_signal(signal.SIGTERM)
    text, _ = process.communicate(timeout=20)
    # 0.1 + 0.2 + 0.4 + 0.8 + 1.6 s
    assert seconds > 3
    assert process.returncode == 0
    assert text.count("killed by SIGBUS") == 5
    assert len(text.splitlines()) == 5


def test_an_end_is_described() -> None:
    assert describe_exit(-9) == "killed by SIGKILL"
    assert describe_exit(0) == "exit code 0"


def children_of(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_server_survives_the_death_of_any_of_its_processes(
    releases: Path, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*COMMAND, "serve", str(releases), "--port", str(port)],
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(4):
            wait_for(f"{base}/collections", server, log)
            os.kill(children_of(server.pid)[0], signal.SIGKILL)
            time.sleep(0.2)
        wait_for(f"{base}/collections", server, log)
        with urllib.request.urlopen(f"{base}/kecamatan/99.01.01.png", timeout=30) as answer:
            assert answer.read(4) == b"\x89PNG"
        assert log.read_text().count("killed by SIGKILL") == 4
    finally:
        server.terminate()
        server.wait(20)
    assert "Traceback" not in log.read_text()


def test_nothing_is_left_running_when_the_supervisor_is_killed(
    releases: Path, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*COMMAND, "serve", str(releases), "--port", str(port)],
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    wait_for(f"http://127.0.0.1:{port}/collections", server, log)
    server.kill()
    server.wait(20)
    end = time.monotonic() + 30
    while members_of_session(server.pid):
        assert time.monotonic() < end, members_of_session(server.pid)
        time.sleep(0.2)


def members_of_session(session: int) -> list[str]:
    """The processes of a session that still run."""
    running = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            running.append(path.parent.name)
    return running
