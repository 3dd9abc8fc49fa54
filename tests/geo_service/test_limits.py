"""What one client may take: counts, rates and shares, on a clock of this test's own."""

from __future__ import annotations

import heapq
from contextlib import ExitStack, suppress

import pytest

from geo_service.errors import STATUS, ServerBusyError, TooManyRequestsError
from geo_service.http import proxies
from geo_service.http.accept import Language
from geo_service.http.limits import ClientCounts, Limits
from geo_service.http.proxies import client_of
from geo_service.settings import Settings, describe_settings, read_settings
from web_map.words import LANGUAGES, Words

PROXY = "127.0.0.1"
TRUSTED = (PROXY, "10.0.0.2", "172.16.0.0/12")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (PROXY, "6.6.6.6 , 2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        (PROXY, "", ""),
        (PROXY, None, ""),
        (PROXY, "10.0.0.2", ""),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        (f"::ffff:{PROXY}", "198.51.100.1", "198.51.100.1"),
        (PROXY, "198.51.100.1:5678", "198.51.100.1"),
        (PROXY, "6.6.6.6, 198.51.100.1:5678, 10.0.0.2:81", "198.51.100.1"),
        (PROXY, "[2001:db8:1:2:3::4]:443", "2001:db8:1:2::/64"),
        (PROXY, '"[2001:db8:1:2:3::4]"', "2001:db8:1:2::/64"),
        (PROXY, "198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
        ("172.18.0.5", "198.51.100.1, 172.31.255.1", "198.51.100.1"),
        ("172.32.0.5", "198.51.100.1", "172.32.0.5"),
        ("", "198.51.100.1", ""),
        (PROXY, "unknown", "unknown"),
    ],
)
def test_a_client_is_who_stands_before_the_proxies(
    peer: str, forwarded: str | None, client: str
) -> None:
    headers = [] if forwarded is None else [(b"X-Forwarded-For", forwarded.encode())]
    assert client_of({"client": (peer, 1), "headers": headers}, TRUSTED) == client


def test_several_lines_of_a_header_are_one_list() -> None:
    headers = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"198.51.100.1")]
    assert client_of({"client": (PROXY, 1), "headers": headers}, TRUSTED) == "198.51.100.1"


def test_who_trusts_all_counts_the_last_address_named() -> None:
    headers = [(b"x-forwarded-for", b"6.6.6.6, 198.51.100.1")]
    assert client_of({"client": ("192.0.2.1", 1), "headers": headers}, ("*",)) == "198.51.100.1"


def test_a_proxy_that_is_not_trusted_is_named_in_the_log_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxies, "_WARNED_OF", set())
    headers = [(b"x-forwarded-for", b"198.51.100.1")]
    for number in range(20):
        for _ in range(3):
            client_of({"client": (f"192.0.2.{number}", 1), "headers": headers}, TRUSTED)
    assert [record.args for record in caplog.records] == [
        (f"192.0.2.{number}",) for number in range(proxies.MOST_WARNINGS)
    ]


@pytest.mark.parametrize("status", sorted(set(STATUS.values())))
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_has_words_of_its_own(status: int, language: Language) -> None:
    words = Words(language)
    assert words.knows(f"error.{int(status)}")
    assert words.say(f"error.{int(status)}") != words.say("error.title")


def test_requests_under_way_are_limited_for_each_client_alone() -> None:
    counts = ClientCounts(Limits(client_requests=2))
    with ExitStack() as stack:
        for client in ("a", "a", "b"):
            stack.enter_context(counts.request(client))
        with pytest.raises(TooManyRequestsError, match="2 requests"):
            stack.enter_context(counts.request("a"))
        stack.enter_context(counts.request("b"))
    with counts.request("a"):
        pass


def test_a_rate_allows_a_burst_then_delays_then_refuses() -> None:
    clock = Clock()
    counts = ClientCounts(Limits(client_rate=2), clock)

    def delays(asked: int, client: str = "a") -> list[float]:
        passed = []
        for _ in range(asked):
            with suppress(TooManyRequestsError):
                passed.append(counts.delay_s(client))
        return passed

    assert delays(50) == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert delays(1, "b") == [0.0]
    clock.now += 1
    assert delays(50) == [2.5, 3.0]
    clock.now += 1000
    assert delays(50) == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]


def test_an_office_behind_one_address_gets_all_tiles() -> None:
    """30 people open a map of 20 tiles at once, each browser over 6 connections."""
    clock = Clock()
    counts = ClientCounts(Limits(), clock)
    left = [20 // 6 + (number % 6 < 20 % 6) for number in range(30 * 6)]
    # When, what: a tile is asked for, its turn has come, its answer is there.
    events = [(clock.now, number, "ask") for number in range(len(left))]
    under_way: dict[int, ExitStack] = {}
    answered = 0
    while events:
        clock.now, number, event = heapq.heappop(events)
        if event == "ask":
            heapq.heappush(events, (clock.now + counts.delay_s("office"), number, "begin"))
        elif event == "begin":
            under_way[number] = ExitStack()
            under_way[number].enter_context(counts.request("office"))
            heapq.heappush(events, (clock.now + 0.05, number, "end"))
        else:
            under_way.pop(number).close()
            answered += 1
            left[number] -= 1
            if left[number]:
                heapq.heappush(events, (clock.now, number, "ask"))
    assert answered == 600


def test_a_proxy_that_names_nobody_and_a_limit_of_none_refuse_nothing() -> None:
    named, unlimited = ClientCounts(Limits(client_rate=1)), Limits(client_rate=0, client_requests=0)
    for counts, client in ((named, ""), (ClientCounts(unlimited), "a")):
        with ExitStack() as stack:
            for _ in range(500):
                assert counts.delay_s(client) == 0
                stack.enter_context(counts.request(client))


def test_large_answers_share_what_may_be_sent() -> None:
    counts = ClientCounts(Limits(answer_mb=8))
    with ExitStack() as stack:
        stack.enter_context(counts.answer("a", 2_000_000))
        with pytest.raises(ServerBusyError):
            stack.enter_context(counts.answer("a", 1_000_000))
        for client in ("b", "c", "d"):
            stack.enter_context(counts.answer(client, 2_000_000))
        with pytest.raises(ServerBusyError):
            stack.enter_context(counts.answer("e", 1_000_000))
    # One alone is always answered, however large.
    with counts.answer("a", 50_000_000):
        pass


def test_limits_are_read_from_the_environment_and_refused_by_name() -> None:
    settings = read_settings({"GEO_LIMITS": "client_rate=5, connections=9"})
    assert settings.limits == Limits(connections=9, client_rate=5)
    assert any(line.startswith(f"GEO_LIMITS={Limits()}") for line in describe_settings(Settings()))
    for text in ("rate=5", "client_rate", "client_rate=-1", "client_rate=x", "client_rate=²"):
        with pytest.raises(Exception, match="GEO_LIMITS"):
            read_settings({"GEO_LIMITS": text})
