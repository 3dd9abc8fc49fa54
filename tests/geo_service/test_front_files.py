"""The files to run a server with, each checked by the program that reads it, if that is here."""

from __future__ import annotations

import getpass
import grp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geo_service.http.connections import IDLE_S
from geo_service.settings import Settings
from tests.end_to_end.processes import program

REPOSITORY = Path(__file__).parents[2]
FRONT = REPOSITORY / "geo_service" / "front"
BUILDING = {"init", "check", "build", "publish", "rollback", "prune", "verify"}
KNOWN_COMMANDS = BUILDING | {"doctor", "token"}


@pytest.mark.parametrize("name", ["geo-service.service", "geo-service-deliver.service"])
def test_systemd_takes_the_unit(tmp_path: Path, name: str) -> None:
    text = (FRONT / name).read_text()
    unit = tmp_path / name
    # The user and the command exist on the server, not here.
    text = re.sub(r"^(User|Group)=.*\n", "", text, flags=re.M)
    unit.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", text))
    done = subprocess.run(
        [program("systemd-analyze"), "verify", str(unit)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"{name}:" not in done.stderr, done.stderr


def test_the_unit_is_sandboxed_and_starts_again_for_ever() -> None:
    text = (FRONT / "geo-service.service").read_text()
    for line in (
        "Restart=always",
        "StartLimitIntervalSec=0",
        "ProtectSystem=strict",
        "NoNewPrivileges=true",
        "CapabilityBoundingSet=",
        "Type=notify",
    ):
        assert f"\n{line}\n" in text
    allowed = int(re.findall(r"LimitNOFILE=(\d+)", text)[0])
    assert allowed >= Settings().limits.connections + 256


def test_caddy_takes_its_file() -> None:
    done = subprocess.run(
        [program("caddy"), "validate", "--adapter", "caddyfile", "--config", FRONT / "Caddyfile"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_both_fronts_write_the_same_headers_anew() -> None:
    nginx = set(re.findall(r"proxy_set_header (\S+)", (FRONT / "nginx.conf").read_text()))
    caddy = set(re.findall(r"header_up -?(\S+)", (FRONT / "Caddyfile").read_text()))
    # Caddy sets the scheme by itself, and keeps the host.
    assert nginx - caddy == {"Connection", "Host", "X-Forwarded-Proto"}
    assert caddy <= nginx
    idle_s = re.findall(r"keepalive (\d+)s", (FRONT / "Caddyfile").read_text())
    assert int(idle_s[0]) < IDLE_S


def test_logrotate_takes_its_file(tmp_path: Path) -> None:
    copy = tmp_path / "geo-service"
    copy.write_text(
        (FRONT / "logrotate").read_text().replace("/var/log/geo-service", str(tmp_path))
    )
    copy.chmod(0o644)
    done = subprocess.run(
        [program("logrotate"), "--debug", "--state", tmp_path / "state", copy],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "error:" not in done.stderr


def test_logs_are_rotated_while_they_are_written(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    # Its folder is one that anybody may write to, as that of no server is.
    rules = (FRONT / "logrotate").read_text().replace("/var/log/geo-service", str(tmp_path))
    (tmp_path / "rules").write_text(rules.replace("\tweekly\n", f"\tweekly\n\t{own_user()}\n"))
    (tmp_path / "rules").chmod(0o644)
    command = [program("logrotate"), "--force", f"--state={tmp_path}/state", f"{tmp_path}/rules"]
    with log.open("a") as stream:
        for number in range(3):
            print("line", number, file=stream, flush=True)
            subprocess.run(command, check=True, capture_output=True)
    # The newest is kept as it is for whoever reads it; those before are packed.
    assert log.read_text() == ""
    assert (tmp_path / "server.log.1").read_text() == "line 2\n"
    packed = [path.name for path in sorted(tmp_path.glob("server.log.*.gz"))]
    assert packed == ["server.log.2.gz", "server.log.3.gz"]


def own_user() -> str:
    return f"su {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}"


def test_the_container_copies_what_is_there_and_is_not_root() -> None:
    text = (FRONT / "Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.M):
        for name in line.split():
            assert (REPOSITORY / name).exists(), name
    assert re.findall(r"^USER (\S+)$", text, re.M) == ["10001"]
    assert "--require-hashes" in text
    assert "--hash=sha256:" in (REPOSITORY / "requirements.lock").read_text()


def test_the_runbooks_say_the_same_in_both_languages() -> None:
    texts = [(FRONT / f"RUNBOOK.{language}.md").read_text() for language in ("id", "en")]
    typed = [re.findall(r"^    # (.+)", text, re.M) for text in texts]
    assert typed[0] == [command.removesuffix(" --lang en") for command in typed[1]]
    for pattern in (r"^## ", r"^\| ", r"^    \S"):
        counts = [len(re.findall(pattern, text, re.M)) for text in texts]
        assert counts[0] == counts[1] > 0
    for text in texts:
        named = set(re.findall(r"front/([\w.-]*\w)", text))
        assert {"geo-service", "geo-service.service", "nginx.conf", "Caddyfile"} < named
        assert all((FRONT / name).exists() for name in named), named
        for setting in re.findall(r"GEO_[A-Z_]+", text):
            assert setting.removeprefix("GEO_").lower() in Settings.model_fields
        commands = set(re.findall(r"(?:`|^    # )geo-service (\w+)", text, re.M))
        assert {"build", "doctor", "rollback", "verify"} < commands
        assert commands <= KNOWN_COMMANDS


@pytest.mark.skipif(os.environ.get("GEO_TEST_CONTAINER") is None, reason="builds for minutes")
def test_the_container_is_built() -> None:
    engine = shutil.which("podman") or shutil.which("buildah") or program("docker")
    command = [engine, "build", "-f", str(FRONT / "Containerfile"), "-t", "geo-service-test", "."]
    assert subprocess.run(command, cwd=REPOSITORY).returncode == 0
