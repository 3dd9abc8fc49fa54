"""Webhooks: signed, tried again, and never led to what only this machine can reach."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from geo_service.errors import RegisterError
from geo_service.outbox import contacts, messages, webhooks
from geo_service.register import event_store, records
from tests.geo_service.register.receivers import (
    NOW,
    ROOT,
    Clock,
    add_contact,
    deliverer,
    hook_server,
    send_item,
    states,
)
from tests.geo_service.register.test_event_store import RAISED
from tests.geo_service.register.test_mail import make_certificate

PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1"),
    *("0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1"),
    *("64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "fec0::1", "2001:db8::1"),
)


def reason(register: event_store.Register) -> str:
    (line,) = messages.Outbox(register).find_lines(messages.STATES, 9)
    return f"{line.state}: {line.reason}"


def test_a_document_is_signed_and_says_what_happened(register: event_store.Register) -> None:
    with hook_server() as (hook, url):
        contact = add_contact(register, url)
        item = send_item(register, RAISED)
        assert deliverer(register).run_round().tried == {"sent": 1}
        assert not deliverer(register).run_round().tried
    ((headers, body),) = hook.calls
    secret = contact.secret or ""
    assert secret.startswith("whsec_")
    stamp = int(headers["webhook-timestamp"])
    assert stamp == int(NOW.timestamp())
    signature = webhooks.sign(secret, headers["webhook-id"], stamp, body)
    assert headers["webhook-signature"] == signature
    assert webhooks.sign(secret, "other", stamp, body) != signature
    document = json.loads(body)
    assert document["type"] == "item.send"
    data = document["data"]
    assert data["item"] == item.id
    assert data["addressee"] == {"jenis": "kabupaten", "nama": "Dinas Kesehatan"}
    assert data["url"] == f"{ROOT}/rumah/butir/{item.id}"
    assert data["by"] == {"role": "kecamatan", "area": "99.01.01", "office": None}
    assert b"staf" not in body


def test_script_and_line_ends_stay_in_their_text(register: event_store.Register) -> None:
    title = "</script><script>alert(1)\r\nX: y"
    with hook_server() as (hook, url):
        add_contact(register, url)
        send_item(register, records.Raised(kode=RAISED.kode, title=title))
        deliverer(register).run_round()
    ((headers, body),) = hook.calls
    assert json.loads(body)["data"]["title"] == title
    assert "x" not in headers


def test_500_and_then_200_is_one_message_under_one_id(register: event_store.Register) -> None:
    clock = Clock()
    with hook_server() as (hook, url):
        add_contact(register, url)
        send_item(register)
        hook.statuses = [500, 429, 200]
        for minutes in (0, 2, 6):
            clock.now += timedelta(minutes=minutes)
            deliverer(register, clock=clock).run_round()
    assert states(register) == {"sent": 1}
    ids = [headers["webhook-id"] for headers, _ in hook.calls]
    assert len(ids) == 3
    assert len(set(ids)) == 1
    assert len({body for _, body in hook.calls}) == 1
    stamps = [headers["webhook-timestamp"] for headers, _ in hook.calls]
    assert len(set(stamps)) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(register: event_store.Register, status: int) -> None:
    with hook_server() as (hook, url), hook_server() as (other, elsewhere):
        add_contact(register, url)
        send_item(register)
        hook.statuses, hook.headers = [status], {"Location": elsewhere}
        deliverer(register).run_round()
    assert len(hook.calls) == 1
    assert other.calls == []
    assert reason(register) == (
        f"waiting: the endpoint answered {status}; redirects are not followed"
    )


def test_410_ends_the_endpoint(register: event_store.Register) -> None:
    with hook_server() as (hook, url):
        add_contact(register, url)
        send_item(register)
        send_item(register, RAISED.model_copy(update={"ukuran": "x"}))
        hook.statuses = [410]
        deliverer(register).run_round()
        deliverer(register).run_round()
    assert len(hook.calls) == 1
    assert states(register) == {"dead": 2}
    (contact,) = contacts.Contacts(register).find_all(is_open=False)
    assert contact.reason == "the endpoint answered 410: it is gone"
    assert contacts.Contacts(register).find_all() == []


def test_a_huge_answer_is_not_read(register: event_store.Register) -> None:
    with hook_server() as (hook, url):
        add_contact(register, url)
        send_item(register)
        hook.statuses, hook.body = [200], b"x" * 200_000_000
        assert deliverer(register).run_round().tried == {"sent": 1}


def test_an_endpoint_that_never_answers_is_left_after_its_time(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "LONGEST_CALL_S", 0.5)
    with hook_server() as (hook, url), hook_server() as (other, elsewhere):
        hook.wait = threading.Event()
        add_contact(register, url)
        add_contact(register, elsewhere)
        for number in range(5):
            send_item(register, RAISED.model_copy(update={"ukuran": f"x{number}"}))
        done = deliverer(register).run_round()
    assert done.tried == {"waiting": 3, "sent": 5}
    assert len(other.calls) == 5
    assert "no answer within 0.5 s" in done.notes[0]


def test_an_endpoint_that_is_not_there_is_tried_again(register: event_store.Register) -> None:
    with hook_server() as (_, url):
        pass
    add_contact(register, url)
    send_item(register)
    assert deliverer(register).run_round().tried == {"waiting": 1}
    assert "cannot be reached" in reason(register)


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_public_is_known(text: str) -> None:
    assert not webhooks.is_public(ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_is_public_is_known(text: str) -> None:
    assert webhooks.is_public(ip_address(text))


def resolving(answers: list[list[str]]) -> Callable[..., list[Any]]:
    """A resolver that gives these addresses, one list for each question."""

    def resolve(host: str, port: int, *_: object, **__: object) -> list[Any]:
        assert answers, f"{host} is asked for once too often"
        return [
            (
                socket.AF_INET6 if ":" in text else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (text, port),
            )
            for text in answers.pop(0)
        ]

    return resolve


@pytest.mark.parametrize("text", PRIVATE)
def test_no_name_leads_to_what_is_not_public(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    if register.database is None:
        pytest.skip("the same in each database")
    add_contact(register, "https://hook.example/x")
    send_item(register)
    # One address that is public does not open the door to the other.
    monkeypatch.setattr(socket, "getaddrinfo", resolving([["8.8.8.8", text]]))
    deliverer(register, networks=()).run_round()
    assert f"hook.example is {ip_address(text)}, which is not public" in reason(register)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:7f00:1]"]
)
def test_this_machine_is_not_called_by_any_of_its_names(
    register: event_store.Register, host: str
) -> None:
    if register.database is None:
        pytest.skip("the same in each database")
    with hook_server() as (hook, url):
        port = url.rpartition(":")[2].partition("/")[0]
        add_contact(register, f"https://{host}:{port}/")
        send_item(register)
        deliverer(register, networks=()).run_round()
    assert hook.calls == []
    assert "is not public" in reason(register)


def test_the_call_goes_to_the_address_that_was_checked(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hook_server() as (hook, url):
        port = url.rpartition(":")[2].partition("/")[0]
        add_contact(register, f"http://hook.example:{port}/x?y=1")
        send_item(register)
        # A second question would be answered with another address.
        monkeypatch.setattr(socket, "getaddrinfo", resolving([["127.0.0.1"]]))
        assert deliverer(register).run_round().tried == {"sent": 1}
    ((headers, _),) = hook.calls
    assert headers["host"] == f"hook.example:{port}"
    assert hook.paths == ["/x?y=1"]


def test_plain_http_stays_in_own_networks(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RegisterError, match="https://"):
        contacts.Contacts(register).add_typed("sekda", "99.01", None, "http://x.example/", NOW)
    add_contact(register, "http://hook.example/")
    send_item(register)
    monkeypatch.setattr(socket, "getaddrinfo", resolving([["8.8.8.8"]]))
    deliverer(register).run_round()
    assert "only https is called" in reason(register)


def test_a_proxy_of_the_environment_is_not_asked(
    register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hook_server() as (hook, url), hook_server() as (proxy, elsewhere):
        monkeypatch.setenv("http_proxy", elsewhere)
        monkeypatch.setenv("ALL_PROXY", elsewhere)
        add_contact(register, url)
        send_item(register)
        deliverer(register).run_round()
    assert (len(hook.calls), len(proxy.calls)) == (1, 0)


def test_the_certificate_must_be_that_of_the_name(
    tmp_path: Path, register: event_store.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = make_certificate(tmp_path, "DNS:hook.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    webhooks._tls.cache_clear()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with hook_server(context) as (hook, url):
        port = url.rpartition(":")[2].partition("/")[0]
        for name in ("hook.example", "other.example"):
            add_contact(register, f"https://{name}:{port}/")
        send_item(register)
        names = [["127.0.0.1"], ["127.0.0.1"]]
        monkeypatch.setattr(socket, "getaddrinfo", resolving(names))
        done = deliverer(register).run_round()
    webhooks._tls.cache_clear()
    assert done.tried == {"sent": 1, "waiting": 1}
    assert len(hook.calls) == 1
    assert "other.example" in done.notes[0]
    assert "certificate verify failed" in done.notes[0]


def test_a_secret_is_shown_when_it_is_made_and_each_has_its_own(
    register: event_store.Register,
) -> None:
    made = [add_contact(register, f"https://hook{number}.example/") for number in range(2)]
    assert made[0].secret != made[1].secret
    assert add_contact(register, "a@b.example").secret is None
