"""The real command line in real processes, for the tests of this folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "geo_service"]


def program(name: str) -> str:
    """Where a program lies; the test is skipped where it is not installed, and fails in CI."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/bin")
    if path is None:
        assert os.environ.get("CI") != "true", f"{name} is not installed: see .ci/run"
        pytest.skip(f"{name} is not installed")
    return path


def run(*arguments: str | Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    """One command, to its end; with ``check`` a failure shows what it printed."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=600
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """A command left running, in a process group of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(releases: Path, *, workers: int = 1) -> Iterator[str]:
    """The base URL of a running server, and a check that its log holds no error."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "server.log").open("w") as stream:
        log = Path(stream.name)
        process = subprocess.Popen(
            [*COMMAND, "serve", str(releases), "--port", str(port), "--workers", str(workers)],
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(f"{base}/healthz", process, log)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=20)
        text = log.read_text()
    assert "Traceback" not in text, text
    assert "ERROR" not in text.upper().replace("ERROR_LOG", ""), text


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer in {seconds} s: {log.read_text()}")


def children_of(pid: int) -> list[int]:
    """The processes that a process made; none where it has ended."""
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def read_url(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert answer.status == 200
        return bytes(answer.read())


def digests(folder: Path) -> dict[str, str]:
    """Sha256 of each file below a folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def kill_group(process: subprocess.Popen[str]) -> None:
    """``kill -9`` for the process and all it started."""
    os.killpg(process.pid, 9)
    process.wait(timeout=20)
