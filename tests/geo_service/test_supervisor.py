"""The process above the server processes, and a server whose processes are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from geo_service.work.children import describe_exit
from tests.end_to_end.processes import COMMAND, children_of, free_port, read_url, wait_for

PROGRAM = """
    import os, sys, time, logging
    from geo_service.supervisor import Supervisor
    logging.basicConfig(stream=sys.stdout)
    def main(number, attempt):
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


@contextmanager
def running(releases: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server and its base URL; it is told to end, and must leave nothing behind."""
    port = free_port()
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*COMMAND, "serve", str(releases), "--port", str(port)],
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{base}/collections", server, log)
        yield server, base
    finally:
        server.terminate()
        server.wait(20)
    assert "Traceback" not in log.read_text()


def test_a_server_survives_the_death_of_its_server_process(releases: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(releases, log) as (server, base):
        for _ in range(4):
            wait_for(f"{base}/collections", server, log)
            os.kill(children_of(server.pid)[0], signal.SIGKILL)
            time.sleep(0.2)
        wait_for(f"{base}/collections", server, log)
        assert read_url(f"{base}/kecamatan/99.01.01.png")[:4] == b"\x89PNG"
        assert log.read_text().count("killed by SIGKILL") == 4


def test_a_server_survives_the_death_of_a_process_that_answers(
    releases: Path, tmp_path: Path
) -> None:
    with running(releases, tmp_path / "log") as (server, base):
        nursery = children_of(children_of(server.pid)[0])[0]
        answering = {str(pid) for pid in children_of(nursery)}
        for pid in answering:
            os.kill(int(pid), signal.SIGKILL)
        end = time.monotonic() + 20
        while answering.intersection(members_of_session(server.pid)):
            assert time.monotonic() < end
            time.sleep(0.05)
        # Not asked before: no answer that is kept.
        assert read_url(f"{base}/kecamatan/99.01.01.png?width=640")[:4] == b"\x89PNG"


def test_a_server_survives_the_death_of_the_process_that_makes_those(
    releases: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(releases, log) as (server, base):
        worker = children_of(server.pid)[0]
        nursery = children_of(worker)[0]
        for pid in (nursery, *children_of(nursery)):
            os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 30
        while children_of(server.pid)[:1] in ([], [worker]):
            assert time.monotonic() < end
            time.sleep(0.1)
        wait_for(f"{base}/healthz", server, log)
        assert read_url(f"{base}/kecamatan/99.01.01.png?width=641")[:4] == b"\x89PNG"


def test_a_stop_that_reaches_all_processes_lets_them_finish(releases: Path, tmp_path: Path) -> None:
    with running(releases, tmp_path / "log") as (server, base):
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(read_url, f"{base}/kecamatan/99.01.01.png?width=3500")
            time.sleep(0.3)
            # As a service manager ends a service.
            os.killpg(server.pid, signal.SIGTERM)
            assert answer.result()[:4] == b"\x89PNG"
        assert server.wait(20) == 0
        wait_until_empty(server.pid, 5)


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
    wait_until_empty(server.pid, 30)


def wait_until_empty(session: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while members_of_session(session):
        assert time.monotonic() < end, members_of_session(session)
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
