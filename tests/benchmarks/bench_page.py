"""The page in Chromium on real boundaries: switching, a slow line, and panning; wall milliseconds.

Real polygons: Kecamatan Ile Boleng (53.06.13) of Flores Timur and 32.05.01 of Garut, from
../shared/data.  Public values of Ile Boleng are too few to switch between, so made-up ones are
joined to its desa.  WebGL is SwiftShader's: the figures of the live map are those of a machine
without a graphics card, and include its drawing of the frame.
"""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.harness import absolute
from tests.end_to_end.processes import run, serving
from tests.web_map.chromium import (
    DRAWING,
    NOT_DRAWING,
    PLAIN,
    launch,
    open_map,
    until,
    wait_for_live,
)

REAL = Path(__file__).parents[1] / "real"
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
ILE_BOLENG, GARUT = "/kecamatan/53.06.13", "/kecamatan/32.05.01"
FIELDS = ("stunting_pct", "listrik_pct", "air_minum_layak_pct", "sanitasi_layak_pct")
LAYERS = [f"desa.{field}" for field in FIELDS]
YEARS = (2022, 2023, 2024)
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
SWITCHES = 9
MOST_REPAINT_MS, MOST_PAINT_MS, MOST_TABLE_MS, MOST_FRAME_MS = 100, 2500, 3000, 1000 / 30
SLOW_LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
# First frame in which every row of the table is laid out; told by the page itself.
WATCH_TABLE = """
const seen = () => {
  const rows = document.querySelectorAll("#tbl tbody tr");
  const last = rows[rows.length - 1];
  if (last && document.readyState !== "loading" && last.getBoundingClientRect().height > 20)
    performance.measure("table-seen");
  else requestAnimationFrame(seen);
};
requestAnimationFrame(seen);
"""


def _has_chromium() -> bool:
    return shutil.which("chromium") is not None


def _can_run() -> bool:
    """Whether this machine has the real polygons and a Chromium."""
    return SHARED.is_dir() and _has_chromium()


@cache
def _build_garut() -> Path:
    """The published release of Garut, kept until the process ends."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    releases = Path(folder.name) / "releases"
    run("build", REAL / "garut", "--to", releases, "--publish", check=True)
    return releases


@cache
def _build_full() -> Path:
    """Flores Timur with values of several fields and years for every desa, made up."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    workspace = Path(folder.name) / "flores"
    workspace.mkdir()
    desa = pd.read_parquet(SHARED / "wilayah_boundaries" / "kel_53.parquet", columns=["kode"])
    codes = sorted(code for code in desa["kode"].astype(str) if code.startswith("53.06"))
    lines = [",".join(("kode", "tahun", *FIELDS))]
    lines += [
        ",".join(
            [
                code,
                str(year),
                *(str((hash_at * (7 + at) + year) % 101) for at in range(len(FIELDS))),
            ]
        )
        for hash_at, code in enumerate(codes)
        for year in YEARS
    ]
    (workspace / "nilai.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    declared = (REAL / "flores_timur" / "wilayah.toml").read_text(encoding="utf-8")
    columns = "".join(f'{name} = "{name}"\n' for name in FIELDS)
    table = (
        '\n[[tables]]\nid = "nilai"\npath = "nilai.csv"\ncode_system = "kemendagri"\n'
        'code_column = "kode"\nyear_column = "tahun"\nsource = "made up"\n'
        f"[tables.columns]\n{columns}"
    )
    text = declared.replace("../../../../shared/data", str(SHARED)) + table
    (workspace / "wilayah.toml").write_text(text, encoding="utf-8")
    releases = Path(folder.name) / "releases"
    run("build", workspace, "--to", releases, "--publish", check=True)
    return releases


@contextmanager
def _chromium(flags: tuple[str, ...]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright, flags)
        yield browser
        browser.close()


@contextmanager
def _page(browser: Browser, viewport: dict[str, int]) -> Iterator[Page]:
    context = browser.new_context(viewport=viewport, **PLAIN)  # type: ignore[arg-type]  # a dict of its options
    yield context.new_page()
    context.close()


def bench_switching() -> None:
    """Another layer, another year: from the arrival of the page to the painted page and map."""
    if not _can_run():
        return
    with serving(_build_full()) as url:
        with _chromium(DRAWING) as browser, _page(browser, DESK) as page:
            open_map(page, f"{url}{ILE_BOLENG}?layer={LAYERS[-1]}")
            wait_for_live(page)
            _print_switches(page, "live", ("repaint", "repaint-map"))
            frames = [float(page.evaluate(FRAME)) for _ in range(SWITCHES)]
            absolute("page.live.frame-of-no-change", statistics.median(frames), unit="ms")
        with _chromium(NOT_DRAWING) as browser, _page(browser, DESK) as page:
            open_map(page, f"{url}{ILE_BOLENG}?layer={LAYERS[-1]}")
            _print_switches(page, "drawing", ("repaint",))


def _print_switches(page: Page, stage: str, names: tuple[str, ...]) -> None:
    for what, choices in (("layer", LAYERS), ("year", [str(year) for year in YEARS])):
        taken: dict[str, list[float]] = {name: [] for name in names}
        # The first switch compiles what all others use.
        for turn in range(SWITCHES + 1):
            page.evaluate("performance.clearMeasures()")
            page.select_option(
                "#layer" if what == "layer" else "#tahun", choices[turn % len(choices)]
            )
            for name in names:
                until(page, f"performance.getEntriesByName('{name}').length === 1")
                spent = page.evaluate(f"performance.getEntriesByName('{name}')[0].duration")
                if turn:
                    taken[name].append(float(spent))
        for name in names:
            middle = statistics.median(taken[name])
            absolute(f"page.{what}.{stage}.{name}", middle, limit=MOST_REPAINT_MS, unit="ms")


def bench_slow_line() -> None:
    """400 kbit/s, 400 ms, a quarter of the processor: what a phone shows, and when."""
    if not _can_run():
        return
    for place, build, path in (
        ("ile-boleng", _build_full, ILE_BOLENG),
        ("garut", _build_garut, GARUT),
    ):
        with serving(build()) as url, _chromium(DRAWING) as browser:
            seen = [_visit_slowly(browser, url + path) for _ in range(3)]
        paint, table = (statistics.median(one) for one in zip(*seen, strict=True))
        absolute(f"page.slow.{place}.first-paint", paint, limit=MOST_PAINT_MS, unit="ms")
        absolute(f"page.slow.{place}.table", table, limit=MOST_TABLE_MS, unit="ms")


def _visit_slowly(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds from asking to the first paint and to the whole table of a first visit."""
    with _page(browser, PHONE) as page:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.add_init_script(WATCH_TABLE)
        page.goto(url, wait_until="domcontentloaded")
        until(page, "performance.getEntriesByName('table-seen').length > 0")
        until(page, "performance.getEntriesByName('first-paint').length > 0")
        found: Any = page.evaluate(
            "[performance.getEntriesByName('first-paint')[0].startTime,"
            " performance.getEntriesByName('table-seen')[0].duration]"
        )
    return float(found[0]), float(found[1])


# Milliseconds from asking the live map for a frame to its being drawn: what no switch can undercut.
FRAME = """
() => new Promise((done) => {
  const start = performance.now();
  __map.once("idle", () => done(performance.now() - start));
  __map.triggerRepaint();
})
"""
# Milliseconds a frame while the map is moved to and fro for four seconds.
PAN = """
() => new Promise((done) => {
  let frames = 0;
  const count = () => { frames += 1; };
  __map.on("render", count);
  const start = performance.now();
  let at = 0;
  const step = () => {
    at += 1;
    __map.panBy([at % 120 < 60 ? 6 : -6, 0], { animate: false });
    if (performance.now() - start < 4000) requestAnimationFrame(step);
    else { __map.off("render", count); done((performance.now() - start) / frames); }
  };
  requestAnimationFrame(step);
})
"""
SHOW = """
(how) => ["fills", "lines"].forEach((layer) =>
  __map.getLayer(layer) && __map.setLayoutProperty(layer, "visibility", how))
"""


def bench_panning() -> None:
    """All kecamatan of the country panned, and the same canvas without a polygon.

    Building the country takes a quarter of an hour, so this runs on a folder of releases that
    ``BENCH_COUNTRY`` names (made from ``tests/real/indonesia``), and not at all without it.
    """
    releases = os.environ.get("BENCH_COUNTRY")
    if not releases or not _has_chromium():
        return
    with (
        serving(Path(releases)) as url,
        _chromium(DRAWING) as browser,
        _page(browser, DESK) as page,
    ):
        open_map(page, url + "/")
        page.wait_for_timeout(1000)
        full = statistics.median(float(page.evaluate(PAN)) for _ in range(3))
        page.evaluate(SHOW, "none")
        page.wait_for_timeout(500)
        empty = statistics.median(float(page.evaluate(PAN)) for _ in range(3))
    absolute("page.country.frame", full, limit=MOST_FRAME_MS, unit="ms")
    absolute("page.country.frame-of-nothing", empty, unit="ms")
