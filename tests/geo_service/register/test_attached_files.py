"""Photographs and documents of an item: who may add and see them, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.house import evidence_files, forms
from geo_service.register import event_store
from tests.geo_service.client import HOST
from tests.geo_service.register.guests import HTML, Guest, add_person, guest, open_register
from tests.geo_service.register.test_board import HEALTH, HERE, raise_need, send_to
from tests.geo_service.register.test_evidence_files import PDF, bomb, photograph

BORDER = "xxxxxborderxxxxx"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'register.db'}"


@pytest.fixture
def opened(url: str) -> Iterator[event_store.Register]:
    made = open_register(url)
    for login, role, area, office in (
        ("camat", "kecamatan", HERE, None),
        ("tetangga", "kecamatan", "99.01.02", None),
        ("desa", "desa", f"{HERE}.2001", None),
        ("desalain", "desa", f"{HERE}.2002", None),
        ("dinas", "office", "99.01", HEALTH.nama),
        ("dinaslain", "office", "99.01", "Dinas PUPR"),
        ("pembaca", "viewer", "99.01", None),
    ):
        add_person(made, login, role, area, office)
    yield made
    made.close()


@pytest.fixture
def window(releases: Path, url: str, opened: event_store.Register) -> Iterator[Guest]:
    with guest(releases, url) as made:
        yield made


@pytest.fixture
def page(opened: event_store.Register) -> str:
    """The page of a need that was sent to the health office."""
    item = send_to(opened, raise_need(opened, f"{HERE}.2001"), HEALTH, 9)
    return f"/rumah/butir/{item.id}"


def send(
    window: Guest, page: str, body: bytes, title: str = "Pagar roboh", key: str | None = None
) -> httpx.Response:
    """The form with a file, as a browser sends it."""
    fields = {forms.FIELD: forms.key_of(window.secret) if key is None else key, "judul": title}
    parts = [
        f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{BORDER}\r\nContent-Disposition: form-data; name="berkas"; filename="../{SCRIPT}.html"'
        "\r\nContent-Type: text/html\r\n\r\n"
    )
    whole = b"".join(parts) + head.encode() + body + f"\r\n--{BORDER}--\r\n".encode()
    media_type = f"{forms.FILE_TYPE}; boundary={BORDER}"
    return window.post(f"{page}/berkas", whole, media_type, accept=HTML, origin=HOST)


def link(window: Guest, page: str) -> str:
    """The address of the first file on the page."""
    return str(re.findall(rf'href="({page}/berkas/\w+)"', window.get(page).text)[0])


@pytest.mark.parametrize("login", ["camat", "desa", "dinas"])
def test_who_works_on_an_item_adds_a_photograph_and_all_of_them_see_it(
    login: str, page: str, window: Guest
) -> None:
    window.sign_in(login)
    assert send(window, page, photograph(), f"Pagar {SCRIPT}").status_code == 303
    shown = window.get(page).text
    assert "Pagar &lt;script&gt;" in shown
    assert SCRIPT not in shown
    address = link(window, page)
    for reader in ("camat", "desa", "dinas", "pembaca"):
        window.sign_in(reader)
        answer = window.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert b"Rahasia" not in answer.content
        assert answer.headers["cache-control"] == "private, no-store"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_document_is_a_download(page: str, window: Guest) -> None:
    window.sign_in("camat")
    send(window, page, PDF, "Surat bertanda tangan")
    answer = window.get(link(window, page))
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize(
    ("login", "status"),
    [(None, 303), ("tetangga", 404), ("desalain", 404), ("dinaslain", 404), ("pembaca", 404)],
)
def test_nobody_else_adds_or_sees_a_file(
    login: str | None, status: int, page: str, window: Guest, opened: event_store.Register
) -> None:
    window.sign_in("camat")
    send(window, page, PDF)
    address = link(window, page)
    before = opened.events(page.rpartition("/")[2])
    window.secret = ""
    if login is not None:
        window.sign_in(login)
    assert send(window, page, photograph()).status_code == status
    assert opened.events(page.rpartition("/")[2]) == before
    if login != "pembaca":
        assert window.get(address).status_code == status
        assert "Pagar roboh" not in window.get(page).text


def test_a_file_is_given_out_only_with_its_own_item(
    page: str, window: Guest, opened: event_store.Register
) -> None:
    other = raise_need(opened, f"{HERE}.2002")
    window.sign_in("camat")
    send(window, page, PDF)
    sha256 = link(window, page).rpartition("/")[2]
    assert window.get(f"/rumah/butir/{other.id}/berkas/{sha256}").status_code == 404
    assert window.get(f"{page}/berkas/{'0' * 64}").status_code == 404
    assert window.get(f"{page}/berkas/..%2F..%2Fregister.db").status_code == 404


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (b"", "Kosong"),
        (PDF, ""),
        (PDF, "p" * 201),
        (b"<html>" + SCRIPT.encode(), "Halaman"),
        (bomb(60_000, 60_000), "Bom"),
        (PDF[:20], "Terpotong"),
    ],
    ids=["empty", "no title", "long title", "html", "bomb", "torn"],
)
def test_what_cannot_be_kept_is_refused_in_words_and_changes_nothing(
    body: bytes, title: str, page: str, window: Guest, opened: event_store.Register
) -> None:
    window.sign_in("camat")
    before = opened.events(page.rpartition("/")[2])
    answer = send(window, page, body, title)
    assert answer.status_code == 400
    assert "berkas" in answer.text.lower()
    assert opened.events(page.rpartition("/")[2]) == before


def test_a_foreign_form_and_a_file_beyond_the_limit_are_refused(
    page: str, window: Guest, opened: event_store.Register
) -> None:
    window.sign_in("camat")
    assert send(window, page, PDF, key="0" * 64).status_code == 403
    large = b"%PDF-" + b"0" * (evidence_files.LARGEST_FILE + 200_000)
    assert send(window, page, large).status_code == 413
    assert not opened.item(page.rpartition("/")[2]).files


def test_what_was_added_by_mistake_is_taken_out_of_sight(
    page: str, window: Guest, opened: event_store.Register
) -> None:
    window.sign_in("camat")
    send(window, page, PDF)
    address = link(window, page)
    item = opened.item(page.rpartition("/")[2])
    actor = opened.events(item.id)[-1].actor
    opened.correct(item, item.version, "Foto warga", actor, opened.events(item.id)[-1].moment)
    assert window.get(address).status_code == 404
    assert not opened.item(item.id).files
    assert opened.check() == []


def test_the_public_sees_that_there_is_evidence_and_nothing_of_it(page: str, window: Guest) -> None:
    window.sign_in("camat")
    send(window, page, PDF, "Foto rumah Ibu Siti")
    window.secret = ""
    text = window.get(page).text
    assert "Bukti ditambahkan" in text
    assert "Siti" not in text
    assert "/berkas/" not in text


def test_a_backup_has_the_files_and_is_restored_with_them(
    releases: Path, tmp_path: Path, window: Guest, page: str
) -> None:
    window.sign_in("camat")
    assert send(window, page, PDF).status_code == 303
    where = re.findall(rf'href="({page}/berkas/[0-9a-f]+)"', window.get(page).text)[0]
    url, target = f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "kept" / "copy.db"
    target.parent.mkdir()
    (tmp_path / "register-files" / ".half").write_bytes(b"being written")
    words = ["register", "backup", str(target), "--register", url]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "copy-files has its 1 files." in " ".join(done.output.split())
    assert not (tmp_path / "kept" / "copy-files" / ".half").exists()
    with guest(releases, f"sqlite:///{target}") as restored:
        restored.sign_in("camat")
        assert restored.get(where).content == PDF
    words = ["register", "backup", str(tmp_path / "bare.db"), "--no-files", "--register", url]
    CliRunner().invoke(app, words, catch_exceptions=False)
    assert not (tmp_path / "bare-files").exists()
