"""Four desa, three services, and what their needs, budgets and programmes may be."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from layers.columns.catalogue import read_indicators
from layers.release.manifest_file import Text
from layers.synchronisation.match import Matched, match_needs
from layers.synchronisation.money import NO_LOST_PLANS, Funding
from layers.synchronisation.needs import NO_GAPS, Demand
from layers.synchronisation.service_list import (
    BasicService,
    Need,
    Priority,
    choose_priority,
)
from layers.tables.plans.plans import LINE_COLUMNS

STATES = (
    "no_need",
    "funded_without_need",
    "need_funded_by_desa",
    "need_in_programme",
    "need_proposed_only",
    "need_unfunded",
    "unknown",
)

PRIORITY = choose_priority()
DESA = ("99.01.01.1001", "99.01.01.2001", "99.01.01.2002", "99.01.02.2001")
KELURAHAN = DESA[0]
YEAR = 2025


def service(name: str, *needs: Need, activities: tuple[str, ...] = ()) -> BasicService:
    text = Text(id=name, en=name)
    return BasicService(
        id=name,
        title=text,
        needs=needs,
        activities=activities,
        opd="Dinas",
        step_office=text,
        legal_basis="-",
        source="test",
        date="2025",
    )


SERVICES = {
    "air": service(
        "air",
        Need(indicator="air_minum_layak_pct", norm=60, people="remainder"),
        activities=("02.04.11",),
    ),
    "sakit": service("sakit", Need(indicator="stunting_pct", norm=14, people="value")),
    "jauh": service("jauh", Need(facility="sd"), Need(indicator="listrik_pct", norm=90)),
}


def make_desa() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kode": DESA,
            "nama": [f"Desa {at}" for at in range(4)],
            "jenis": ["kelurahan", "desa", "desa", "desa"],
            "kode_kecamatan": [kode[:8] for kode in DESA],
        }
    )


def make_settled(values: dict[tuple[str, str], float | None]) -> pd.DataFrame:
    rows = [
        (
            kode,
            name,
            YEAR,
            np.nan if value is None else value,
            "no_data" if value is None else "ok",
            "t.csv",
            at,
        )
        for at, ((kode, name), value) in enumerate(sorted(values.items()), start=2)
    ]
    columns = ["kode", "indikator", "tahun", "nilai", "status", "file", "row"]
    return pd.DataFrame(rows, columns=columns)


def make_lines(*lines: tuple[str, str, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            (kode, YEAR, code, "Kegiatan", "DDS", amount, None, "spending.b", "b.csv", at)
            for at, (kode, code, amount) in enumerate(lines, start=2)
        ],
        columns=[
            "kode",
            "tahun",
            "kegiatan",
            "nama_kegiatan",
            "sumber",
            "anggaran",
            "realisasi_idr",
            "input",
            "file",
            "row",
        ],
    )
    return frame.astype({"tahun": "Int64", "anggaran": "Int64"})


def make_plans(*plans: tuple[str, str, str]) -> pd.DataFrame:
    rows = [
        {
            "tingkat": level,
            "kode": kode,
            "tahun": YEAR,
            "layanan": layanan,
            "kegiatan": "Program",
            "opd": "Dinas",
            "anggaran_idr": 5_000_000,
            "input": "programmes.p",
            "file": "p.csv",
            "row": at,
        }
        for at, (level, kode, layanan) in enumerate(plans, start=2)
    ]
    frame = pd.DataFrame(rows, columns=list(LINE_COLUMNS))
    return frame.astype({"tahun": "Int64", "anggaran_idr": "Int64"})


def match(
    values: dict[tuple[str, str], float | None],
    spending: pd.DataFrame | None,
    programmes: pd.DataFrame | None = None,
    proposals: pd.DataFrame | None = None,
    gaps: pd.DataFrame = NO_GAPS,
    priority: Priority = PRIORITY,
    lost_programmes: pd.DataFrame = NO_LOST_PLANS,
) -> Matched:
    words = pd.DataFrame(
        {
            name: pd.Series([], dtype=object)
            for name in ("file", "row", "keterangan", "anjuran", "pelaku")
        }
    )
    demand = Demand(
        make_desa(), make_settled(values), words, gaps, read_indicators(), YEAR, priority
    )
    empty = make_plans()
    supply = Funding(
        spending,
        empty if programmes is None else programmes,
        empty if proposals is None else proposals,
        lost_programmes,
    )
    return match_needs(SERVICES, demand, supply)


def states(matched: Matched, layanan: str = "air") -> dict[str, str]:
    frame = matched.frame[matched.frame["layanan"] == layanan]
    return dict(zip(frame["kode"], frame["keadaan"], strict=True))


AMOUNTS = st.one_of(st.none(), st.integers(0, 10**12))
LINES = st.lists(
    st.tuples(st.sampled_from(DESA[1:]), st.sampled_from(["02.04.11", "01.01.01"]), AMOUNTS),
    max_size=12,
)
VALUES = st.dictionaries(
    st.tuples(st.sampled_from(DESA), st.sampled_from(["air_minum_layak_pct", "stunting_pct"])),
    st.one_of(st.none(), st.floats(0, 100)),
    max_size=8,
)
PLANS = st.lists(
    st.tuples(st.just("desa"), st.sampled_from(DESA), st.sampled_from(["air", "sakit"])),
    max_size=4,
)
