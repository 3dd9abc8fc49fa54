"""Field cases of the served pages and API: the sample release, asked as the cases ask it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.cases.field import CaseRun
from tests.web_map.chromium import lose_graphics, open_map, restore_graphics, wait_for_live
from tests.web_map.test_graphics import WHITE, check_same, painted, pixel_counts

KECAMATAN = "/kecamatan/99.01.01"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")


def lines_of(run: CaseRun, site: str) -> list[str]:
    """What the script of a case prints about a server."""
    printed = subprocess.run(
        ["sh", "run.sh"],
        cwd=run.folder,
        env={**os.environ, "BASE": site},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return printed.stdout.splitlines()


@needs_curl
def test_tracking_parameters_change_nothing(case: Callable[[str], CaseRun], site: str) -> None:
    answers = {}
    for line in lines_of(case("80-tracking-parameters"), site):
        answer, _, url = line.rpartition(" ")
        answers[url] = answer
    # The sample has no desa of this code: a page says so.
    assert answers.pop("/desa/99.01.01.2001?gclid=1") == "404 text/html; charset=utf-8"
    # A slash too many leads to the page.
    assert answers.pop(f"{KECAMATAN}/").startswith("308")
    assert len(answers) == 6
    assert {answer[:3] for answer in answers.values()} == {"200"}
    assert answers["/?fbclid=1"].startswith("200 text/html")
    assert answers[f"{KECAMATAN}.png?v=2"] == "200 image/png"


@needs_curl
def test_the_scheme_of_a_proxy_in_any_case(case: Callable[[str], CaseRun], site: str) -> None:
    links = dict(line.split(" -> ") for line in lines_of(case("84-forwarded-proto-forms"), site))
    assert len(links) == 5
    for proto, link in links.items():
        scheme = proto.split(",")[0].lower()
        assert link == f'"href":"{scheme}://peta.go.id/"'


@needs_curl
def test_limits_boxes_and_open_intervals(case: Callable[[str], CaseRun], site: str) -> None:
    answers = lines_of(case("86-limit-above-maximum-and-bbox-of-six"), site)
    assert len(answers) == 5
    assert {line[:3] for line in answers} == {"200"}


@needs_curl
def test_ranges_of_an_archive(case: Callable[[str], CaseRun], site: str) -> None:
    answers = lines_of(case("88-pmtiles-ranges"), site)
    statuses = [line.split("HTTP/1.1 ")[1][:3] for line in answers]
    assert statuses == ["206", "206", "416", "200", "200"]
    assert all("content-encoding" not in line for line in answers if "HTTP/1.1 206" in line)


@pytest.mark.browser
def test_lost_graphics_leave_the_drawing_and_a_notice(
    case: Callable[[str], CaseRun], page: Page, site: str
) -> None:
    case("82-webgl-context-lost")
    open_map(page, site + KECAMATAN)
    wait_for_live(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    assert page.locator("#say button").inner_text() == "Coba lagi"
    assert page.locator("#map.is-live").count() == 0
    assert page.locator("#map svg").first.is_visible()


@pytest.mark.browser
def test_restored_graphics_bring_the_colours_back(
    case: Callable[[str], CaseRun], page: Page, site: str
) -> None:
    case("82b-webgl-context-restored")
    open_map(page, site + KECAMATAN)
    painted(page)
    before = pixel_counts(page)
    lose_graphics(page)
    page.wait_for_selector("#say.bad button")
    restore_graphics(page)
    painted(page)
    assert sum(before.values()) - before[WHITE] > 80_000
    check_same(before, page)
