"""``geo-service doctor``: whether an installation will hold, and what to do where it will not.

Each check looks at one thing and changes nothing; what it cannot see from here it does not judge.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer

from geo_service.cli import console

if TYPE_CHECKING:
    from geo_service.settings import Settings

Verdict = Literal["ok", "warning", "fault"]
Saying = tuple[Verdict, str, str]
"""A verdict with its text in Indonesian and English."""
LEAST_FREE = 1_000_000_000
SERVER_MB, ANSWER_MB = 80, 70
"""Memory of a server process with its nursery, and of each process that answers, at work."""
SPARE_FILES = 256
CERTIFICATE_DAYS = 14
PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one check says, in Indonesian and English, with what to do where it is not ``ok``."""

    subject: str
    verdict: Verdict
    id: str
    en: str


def diagnose(settings: Settings) -> Iterator[Diagnosis]:
    """The checks of an installation, one after the other."""
    checks: dict[str, Callable[[Settings], Saying]] = {
        "releases": check_releases,
        "journal": check_journal,
        "rights": check_rights,
        "disk": check_disk,
        "memory": check_memory,
        "limits": check_open_files,
        "clock": check_clock,
        "server": check_server,
        "front": check_front,
    }
    return (Diagnosis(subject, *check(settings)) for subject, check in checks.items())


def check_releases(settings: Settings) -> Saying:
    """Whether the published release is sound, as far as sizes tell."""
    from geo_service.releases.store import ReleaseStore
    from layers.release.errors import ReleaseUnusableError

    store = ReleaseStore(settings.releases)
    try:
        store.current()
    except (ReleaseUnusableError, OSError) as error:
        return (
            "fault",
            f"Tidak ada rilis yang dapat dilayani: {error} Bangun dan terbitkan satu: "
            f"geo-service build WORKSPACE --to {settings.releases} --publish",
            f"No release can be served: {error} Build and publish one: "
            f"geo-service build WORKSPACE --to {settings.releases} --publish",
        )
    status = store.status()
    if status.status != "ok":
        return (
            "fault",
            f"Rilis {status.release_id} dilayani, tetapi yang diterbitkan rusak: {status.problem}. "
            "Bangun ulang, atau kembali dengan geo-service rollback.",
            f"Release {status.release_id} is served, but the published one is not sound: "
            f"{status.problem}. Build it again, or go back with geo-service rollback.",
        )
    return (
        "ok",
        f"Rilis {status.release_id} lengkap (isi diperiksa dengan geo-service verify).",
        f"Release {status.release_id} is whole (its content: geo-service verify).",
    )


def check_journal(settings: Settings) -> Saying:
    """Whether it is known what was published."""
    from layers.release.journal import JOURNAL_NAME, read_journal

    path = settings.releases / JOURNAL_NAME
    try:
        count = len(read_journal(settings.releases))
    except OSError as error:
        count, path = 0, Path(str(error))
    if not count:
        return (
            "fault",
            f"{path}: jurnal penerbitan kosong atau tidak terbaca. Salin folder rilis beserta "
            "berkas tersembunyi (cp -a), atau terbitkan lagi.",
            f"{path}: the journal of publications is empty or cannot be read. Copy the folder of "
            "releases with its hidden files (cp -a), or publish again.",
        )
    return ("ok", f"{count} penerbitan.", f"{count} publications.")


def check_rights(settings: Settings) -> Saying:
    """Whether others may change what is published, and the server more than it must."""
    from geo_service.access.token_file import FILE_NAME as TOKENS_NAME

    try:
        mode = settings.releases.stat().st_mode
    except OSError:
        return _missing_folder(settings)
    if mode & stat.S_IWOTH:
        return (
            "fault",
            f"{settings.releases} dapat diubah siapa saja: chmod o-w {settings.releases}",
            f"Anybody may change {settings.releases}: chmod o-w {settings.releases}",
        )
    tokens = settings.releases / TOKENS_NAME
    if tokens.exists() and (tokens.stat().st_mode & 0o077 or not os.access(tokens, os.R_OK)):
        return (
            "fault",
            f"{tokens} harus milik pengguna layanan dan hanya dapat dibaca olehnya: chown "
            f"geo-service: {tokens}; chmod 600 {tokens}",
            f"{tokens} must belong to the user of the service, and only he may read it: chown "
            f"geo-service: {tokens}; chmod 600 {tokens}",
        )
    if os.geteuid() == 0:
        return (
            "warning",
            "Dijalankan sebagai root. Pakai pengguna tersendiri, seperti geo-service.service.",
            "Run as root. Use a user of its own, as geo-service.service does.",
        )
    return ("ok", "Hak akses baik.", "The rights are fine.")


def _missing_folder(settings: Settings) -> Saying:
    return (
        "fault",
        f"Folder {settings.releases} tidak ada atau tidak dapat dibuka: buat, sambungkan (mount), "
        "atau sebutkan yang benar dalam GEO_RELEASES.",
        f"There is no folder {settings.releases}, or it cannot be opened: make it, mount it, or "
        "name the right one in GEO_RELEASES.",
    )


def check_disk(settings: Settings) -> Saying:
    """Whether there is room for the next release."""
    if not settings.releases.is_dir():
        return _missing_folder(settings)
    current = settings.releases / "current"
    size = sum(path.stat().st_size for path in current.rglob("*") if path.is_file())
    free, needed = shutil.disk_usage(settings.releases).free, max(LEAST_FREE, 3 * size)
    amount = f"{free / 1e9:.1f} GB"
    if free < needed:
        return (
            "fault",
            f"Sisa {amount}, perlu {needed / 1e9:.1f} GB untuk rilis berikutnya: geo-service prune "
            f"{settings.releases} --keep 3",
            f"{amount} free, {needed / 1e9:.1f} GB needed for the next release: geo-service prune "
            f"{settings.releases} --keep 3",
        )
    return ("ok", f"Sisa {amount}.", f"{amount} free.")


def check_memory(settings: Settings) -> Saying:
    """Whether all processes fit into the memory of the machine."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
    needed = settings.workers * (SERVER_MB + settings.answer_processes * ANSWER_MB)
    figures = f"{needed} MB / {total:.0f} MB"
    if needed > total * 0.8:
        return (
            "warning",
            f"{figures}: kurangi GEO_WORKERS atau GEO_ANSWER_PROCESSES.",
            f"{figures}: lower GEO_WORKERS or GEO_ANSWER_PROCESSES.",
        )
    return ("ok", figures, figures)


def check_open_files(settings: Settings) -> Saying:
    """Whether as many connections may be open as are allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.limits.connections + SPARE_FILES
    if hard not in {resource.RLIM_INFINITY} and hard < needed:
        return (
            "warning",
            f"Hanya {hard} berkas boleh terbuka, perlu {needed}: LimitNOFILE={needed} dalam unit "
            "systemd, atau GEO_LIMITS=connections=… yang lebih kecil.",
            f"Only {hard} files may be open, {needed} are needed: LimitNOFILE={needed} in the unit "
            "of systemd, or a smaller GEO_LIMITS=connections=….",
        )
    return ("ok", f"{needed} berkas.", f"{needed} files.")


def check_clock(settings: Settings) -> Saying:
    """Whether the clock stands before what has already happened, or nobody sets it."""
    try:
        published = (settings.releases / "current").lstat().st_mtime
    except OSError:
        published = 0.0
    is_behind = published > time.time() + 60
    daemon = Path("/run/systemd/timesync")
    is_unset = daemon.is_dir() and not (daemon / "synchronized").exists()
    if is_behind or is_unset:
        return (
            "fault" if is_behind else "warning",
            "Jam mesin salah atau tidak disetel: timedatectl set-ntp true",
            "The clock is wrong, or nobody sets it: timedatectl set-ntp true",
        )
    return ("ok", "Jam wajar.", "The clock is plausible.")


def check_server(settings: Settings) -> Saying:
    """Whether the server answers at its address."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/readyz"
    problem = _ask(url)
    if problem:
        return (
            "warning",
            f"{url}: {problem}. Berjalankah? systemctl status geo-service; "
            "journalctl -u geo-service",
            f"{url}: {problem}. Is it running? systemctl status geo-service; "
            "journalctl -u geo-service",
        )
    return ("ok", f"{url} siap.", f"{url} is ready.")


def check_front(settings: Settings) -> Saying:
    """Whether the public address leads here, and how long its certificate holds."""
    if settings.public_url is None:
        return (
            "warning",
            "GEO_PUBLIC_URL belum diisi: alamat publik (https://…), dengan nginx atau Caddy.",
            "GEO_PUBLIC_URL is not set: the public address (https://…), with nginx or Caddy.",
        )
    days, problem = None, _ask(f"{settings.public_url}/readyz")
    if not problem:
        try:
            days = _days_of_certificate(settings.public_url)
        except OSError as error:
            problem = str(error)
    if problem or (days is not None and days < CERTIFICATE_DAYS):
        what = problem or f"TLS {days:.0f} d"
        return (
            "fault",
            f"{settings.public_url}: {what}. Periksa nginx -t, sertifikat dan DNS.",
            f"{settings.public_url}: {what}. Look at nginx -t, the certificate and DNS.",
        )
    text = settings.public_url if days is None else f"{settings.public_url}, TLS {days:.0f} d"
    return ("ok", text, text)


def _ask(url: str) -> str:
    """Why an address does not answer; empty where it does."""
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S):  # noqa: S310  # checked by settings
            return ""
    except (OSError, ValueError) as error:
        return str(error)


def _days_of_certificate(url: str) -> float | None:
    """How long the certificate of an address is valid yet; None where it has none."""
    import ssl

    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname is None:
        return None
    context = ssl.create_default_context()
    address = (parts.hostname, parts.port or 443)
    with (
        socket.create_connection(address, PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
    ):
        certificate = secured.getpeercert() or {}
    return (ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) / 86_400


def doctor(
    releases: Annotated[
        Path | None, typer.Argument(help="Folder of the releases (GEO_RELEASES).")
    ] = None,
    lang: Annotated[
        console.Language, typer.Option(help="Language: Indonesian or English.")
    ] = console.Language.ID,
) -> None:
    """Check this installation (releases, rights, disk, memory, clock, front) and say what to do.

    Example: `geo-service doctor releases`
    """
    from geo_service.settings import read_settings

    settings = read_settings(releases=releases)
    worst = 0
    for diagnosis in diagnose(settings):
        colour = {"ok": "green", "warning": "yellow", "fault": "red"}[diagnosis.verdict]
        text = diagnosis.id if lang is console.Language.ID else diagnosis.en
        console.out.print(f"{diagnosis.verdict:8}", style=colour, end="")
        console.out.print(f"{diagnosis.subject:9} {text}", markup=False, soft_wrap=True)
        worst = max(worst, diagnosis.verdict == "fault")
    raise typer.Exit(worst)
