"""A stranger follows the runbook on a bare Debian: its commands, as they stand in its text.

By hand, with `make stranger`: it installs a machine, which takes minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end import bare_debian

REPOSITORY = Path(__file__).parents[2]
FRONT = REPOSITORY / "geo_service" / "front"
NAME = "peta.example.go.id"
LIMIT_S = 15 * 60
DIST = "/srv/dist"
ONLINE = ("apt-get ", "/opt/geo-service/bin/pip ")
CERTIFICATES = f"/etc/letsencrypt/live/{NAME}"
# What the authority and the name service of the world would give.
OWN_CERTIFICATE = (
    f"mkdir -p {CERTIFICATES} && openssl req -x509 -newkey rsa:2048 -nodes -days 90"
    f" -subj /CN={NAME}"
    f" -addext subjectAltName=DNS:{NAME} -keyout {CERTIFICATES}/privkey.pem"
    f" -out {CERTIFICATES}/fullchain.pem && cp {CERTIFICATES}/fullchain.pem"
    " /usr/local/share/ca-certificates/test.crt && update-ca-certificates"
    f" && echo 127.0.0.1 {NAME} >> /etc/hosts"
)
ASK = "import urllib.request as u; a = u.urlopen('{}', timeout=20); print(a.status, a.url)"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("GEO_TEST_STRANGER") is None, reason="installs a machine: make stranger"
    ),
]


class Stranger:
    """Who types what stands in the runbook, and looks at a clock."""

    def __init__(self, machine: bare_debian.Machine) -> None:
        self.machine = machine
        self.seconds = 0.0
        text = (FRONT / "RUNBOOK.en.md").read_text(encoding="utf-8")
        parts = re.split(r"^## (.+)\n", text, flags=re.M)[1:]
        self.sections = {
            title.split(" (")[0]: re.findall(r"^    # (.+)$", part, re.M)
            for title, part in zip(parts[::2], parts[1::2], strict=True)
        }

    def follow(self, title: str) -> str:
        """Give the commands of a section; what the last one printed."""
        assert self.sections[title], title
        return [self.type(command) for command in self.sections[title]][-1]

    def type(self, command: str) -> str:
        begin = time.monotonic()
        if command.startswith("certbot "):
            # No authority can be reached from here; a wrong option would end it with 2.
            done = self.machine.run(command, folder=DIST)
            assert done.returncode == 1, (command, done.stdout, done.stderr)
            command = OWN_CERTIFICATE
        is_online = command.startswith(ONLINE)
        done = self.machine.run(command, folder=DIST, is_online=is_online)
        self.count(command, begin)
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    def count(self, action: str, begin: float) -> None:
        spent = time.monotonic() - begin
        self.seconds += spent
        print(f"{spent:7.1f} s  {action[:110]}", flush=True)

    def ask(self, url: str) -> str:
        done = self.machine.run(f'python3 -c "{ASK.format(url)}"')
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    def wait_for(self, url: str, seconds: float = 60) -> None:
        end, answer = time.monotonic() + seconds, ""
        while time.monotonic() < end:
            answer = self.ask(url)
            if answer.startswith("200"):
                return
            time.sleep(0.5)
        raise AssertionError(answer)


@pytest.fixture(scope="module")
def stranger(
    sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stranger]:
    folder = tmp_path_factory.mktemp("bare")
    reason = bare_debian.why_impossible(folder)
    wheels = sorted((REPOSITORY / "dist").glob("geo_service-*.whl"))
    if reason or not wheels:
        pytest.skip(reason or "make supply writes the wheel")
    machine = bare_debian.Machine(folder / "root")
    machine.make()
    dist = machine.root / DIST.lstrip("/")
    shutil.copytree(FRONT, dist / "front")
    shutil.copytree(sample_workspace, dist / "flotim")
    for path in (wheels[-1], REPOSITORY / "requirements.lock"):
        shutil.copy(path, dist)
    machine.start()
    try:
        yield Stranger(machine)
    finally:
        machine.stop()
        shutil.rmtree(folder)


def test_from_nothing_to_a_service_behind_nginx_that_survives_a_reboot(stranger: Stranger) -> None:
    stranger.follow("Install")
    stranger.follow("Publish")
    verdicts = stranger.follow("Open to the public")
    assert re.findall(r"^(\w+) ", verdicts, re.M) == ["ok"] * 9, verdicts
    assert stranger.ask(f"https://{NAME}/?f=html").startswith("200")
    # Who comes without TLS is led to it.
    assert stranger.ask(f"http://{NAME}/healthz") == f"200 https://{NAME}/healthz"
    begin = time.monotonic()
    stranger.machine.restart()
    stranger.wait_for(f"https://{NAME}/readyz")
    stranger.count("systemctl reboot, until it answers again", begin)
    assert stranger.ask(f"https://{NAME}/kecamatan/99.01.01").startswith("200")
    print(f"{stranger.seconds:7.1f} s  from a bare Debian to a service that survives a reboot")
    assert stranger.seconds < LIMIT_S


def test_the_rest_of_the_runbook_holds_too(stranger: Stranger) -> None:
    source = f"{DIST}/flotim/wilayah.toml"
    stranger.type(f"sed -i '0,/^name = /s/^name = .*/name = \"Kabupaten lain\"/' {source}")
    stranger.follow("Publish")
    link = "readlink /srv/geo-service/releases/current"
    second = stranger.type(link)
    stranger.follow("Roll back")
    assert stranger.type(link) != second
    assert "every file is as its manifest says" in stranger.follow("Back up and restore")
    stranger.follow("Upgrade the program")
    stranger.wait_for(f"https://{NAME}/readyz")
    removed = stranger.type("geo-service prune releases --keep 1")
    assert "removed" in removed
    # What root did with it belongs to the service.
    token = stranger.type("geo-service token make releases --layer '*' --days 1")
    assert token.startswith("geo_")
    assert (
        stranger.type("stat -c %U /srv/geo-service/releases/tokens.json").strip() == "geo-service"
    )
