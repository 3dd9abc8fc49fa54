"""A bare Debian with its own systemd, in a folder and namespaces of this machine.

It has a network of its own with nothing in it but itself, so no port of this machine is taken; only
commands that fetch packages are given this machine's network and its way to the registries.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from pathlib import Path

PROGRAMS = ("mmdebstrap", "systemd-nspawn", "nsenter")
PACKAGES = "systemd-sysv,dbus,ca-certificates"
LEAST_FREE = 4_000_000_000
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# How this machine reaches the registries; a server has its own.
BORROWED = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/pip.conf",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/apt/apt.conf.d",
)
BORROWED_NAMES = ("PIP_", "http_proxy", "https_proxy", "no_proxy")


def why_impossible(folder: Path) -> str:
    """Why this machine cannot start another; empty where it can."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "only root may start a machine"
    if shutil.disk_usage(folder).free < LEAST_FREE:
        return f"needs {LEAST_FREE / 1e9:.0f} GB of disk"
    return ""


class Machine:
    """A Debian in a folder, running or not."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = ""
        self.log = root.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Unpack the distribution; nothing of this project is in it."""
        command = ["mmdebstrap", "--quiet", "--variant=apt", f"--include={PACKAGES}", "bookworm"]
        subprocess.run([*command, str(self.root)], check=True, timeout=900)
        for name in BORROWED:
            source, target = Path(name), self.root / name.lstrip("/")
            if source.is_dir():
                proxies = [path for path in source.iterdir() if "proxy" in path.read_text().lower()]
                for path in proxies:
                    shutil.copy(path, target)
            elif source.exists():
                shutil.copy(source, target)

    def start(self) -> None:
        """Boot it, and wait until systemd has started everything that is enabled."""
        self.name = f"geo-{uuid.uuid4().hex[:8]}"
        command = ["systemd-nspawn", "--boot", "--private-network", "--register=no", "--keep-unit"]
        command += [
            "--resolv-conf=off",
            "--timezone=off",
            f"--machine={self.name}",
            f"--directory={self.root}",
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self._first() and self.run("systemctl is-system-running").stdout.strip() in {
                "running",
                "degraded",
            }:
                return
            time.sleep(0.2)
        raise AssertionError(self.log.read_text(errors="replace")[-3000:])

    def restart(self) -> None:
        """``systemctl reboot``; only what is on its disk outlives it."""
        self._end("reboot")
        self.start()

    def stop(self) -> None:
        """End it, with all its processes."""
        if self._process is not None and self._process.poll() is None:
            self._end("poweroff")

    def run(
        self, command: str, *, folder: str = "/", is_online: bool = False, timeout: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """A command as root would type it there; ``is_online`` with the network of this machine."""
        spaces = ["--mount", "--uts", "--ipc", "--pid", *([] if is_online else ["--net"])]
        enter = ["nsenter", f"--target={self._first()}", *spaces, "--root", "--wd"]
        names = {"PATH": SEARCH_PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
        if is_online:
            kept = {
                name: os.environ[name] for name in os.environ if name.startswith(BORROWED_NAMES)
            }
            kept.pop("PIP_FIND_LINKS", None)
            names |= kept
        words = [f"{name}={text}" for name, text in names.items()]
        return subprocess.run(
            [*enter, "env", "-i", *words, "bash", "-c", f"cd {folder} && {command}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def _first(self) -> int:
        """The process that is the machine's own first one; 0 where there is none yet."""
        assert self._process is not None
        own = self._process.pid
        try:
            children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        except OSError:
            children = []
        return int(children[0]) if children else 0

    def _end(self, verb: str) -> None:
        assert self._process is not None
        self.run(f"systemctl {verb}")
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)
        shutil.rmtree(f"/run/systemd/nspawn/propagate/{self.name}", ignore_errors=True)
