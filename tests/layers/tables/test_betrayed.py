"""What stands beside a hidden count and would tell it is hidden with it; all else is shown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from boundaries.findings.report import LoadCount
from layers.release.manifest_file import Text
from layers.tables.indicators.betrayed import hide_betraying
from layers.tables.indicators.hidden_totals import hide_totals
from layers.tables.indicators.hiding import hide_small_counts
from layers.tables.indicators.indicators import build_indicator_fields
from layers.tables.indicators.join import TableResult
from layers.tables.indicators.summary_fields import summarise_desa
from layers.workspace.sections import IndicatorSection

LIMIT = 5
COUNTS = [2, 12, 0, 3, 15, 7, 1, 30]
BASES = [800, 1200, 640, 410, 900, 350, 77, 1500]
DESA = [f"99.01.0{1 + at // 4}.200{at}" for at in range(len(COUNTS))]
PLACES = pd.DataFrame(
    {"kode": DESA, "kode_kecamatan": [kode[:8] for kode in DESA], "kode_kabupaten": "99.01"}
)
SMALL = [at for at, count in enumerate(COUNTS) if 0 < count < LIMIT]
Columns = dict[str, list[float]]


def define(name: str, *, hide_below: int | None = None) -> IndicatorSection:
    return IndicatorSection(
        name=name,
        title=Text(id=name, en=name),
        unit="jiwa",
        summable=not name.endswith("pct"),
        hide_below=hide_below,
    )


def settle(columns: Columns, desa: list[str] = DESA) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "kode": desa,
                "indikator": name,
                "tahun": 2025,
                "nilai": np.array(values, float),
                "status": np.where(np.isnan(values), "no_data", "ok").astype(object),
                "nilai_asal": np.nan,
            }
        )
        for name, values in columns.items()
    ]
    return pd.concat(parts, ignore_index=True)


def hide(
    columns: Columns, counts: frozenset[str] = frozenset({"kasus"})
) -> tuple[dict[str, list[int]], pd.DataFrame, pd.DataFrame]:
    """Which desa are hidden of each field but ``kasus``, what is hidden, and what is published."""
    settled = settle(columns)
    indicators = {
        name: define(name, hide_below=LIMIT if name in counts else None) for name in columns
    }
    published, hidden = hide_small_counts(settled, indicators)
    published, hidden, _ = hide_betraying(settled, published, hidden, indicators)
    dark = published[published["status"] == "suppressed"]
    assert dark["nilai"].isna().all()
    by_field = {
        str(name): [DESA.index(kode) for kode in rows["kode"]]
        for name, rows in dark.groupby("indikator")
        if name != "kasus"
    }
    return by_field, hidden, published


def share(decimals: int, per: float = 100) -> list[float]:
    pairs = zip(COUNTS, BASES, strict=True)
    return [round(per * count / base, decimals) for count, base in pairs]


REST = [float(base - count) for count, base in zip(COUNTS, BASES, strict=True)]
ALIKE: Columns = {"kasus": list(map(float, COUNTS)), "balita": list(map(float, BASES))}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("gizi_pct", share(2)),
        ("gizi_pct", share(1)),
        ("gizi_pct", [*share(2)[:-1], 9.9]),  # one is mistyped, where nothing is hidden
        ("gizi_pct", [9.9, *share(2)[1:]]),  # and where something is
        ("per_mil_pct", share(1, 1000)),
        ("bagian_pct", share(4, 1)),
        ("per_100_ribu_pct", share(0, 100_000)),
        ("sehat", REST),
        ("salinan", list(map(float, COUNTS))),
    ],
)
def test_what_tells_a_hidden_count_is_hidden_with_it(name: str, values: list[float]) -> None:
    dark, hidden, _ = hide(ALIKE | {name: values})
    assert dark == {name: SMALL}
    of_field = hidden[hidden["field"] == name].set_index("kode")
    assert of_field["count"].tolist() == [COUNTS[at] for at in SMALL]


def test_a_finding_says_what_was_hidden_beside_a_count() -> None:
    columns = ALIKE | {"kasus_pct": share(100)}
    values = settle(columns).assign(file="t.csv", row=2)
    values = values.sort_values(["kode", "indikator", "tahun"], ignore_index=True)
    load = LoadCount("t", "t.csv", len(DESA), len(DESA), 0, 0)
    result = TableResult("t", values, (), load, pd.DataFrame())
    indicators = {
        name: define(name, hide_below=LIMIT if name == "kasus" else None) for name in columns
    }
    desa = pd.DataFrame({"kode": DESA, "jenis": "desa"})
    built = build_indicator_fields([result], desa, indicators, 2025)
    findings = [finding for finding in built.findings if finding.code == "table.values_betray"]
    assert [finding.value for finding in findings] == ["kasus_pct"]
    assert built.betraying == {"kasus_pct"}


def test_two_parts_of_a_hidden_count_are_both_hidden() -> None:
    boys = [1.0, 5, 0, 2, 8, 3, 0, 12]
    girls = [count - boy for count, boy in zip(COUNTS, boys, strict=True)]
    dark, _, _ = hide({"kasus": ALIKE["kasus"], "laki": boys, "perempuan": girls})
    assert dark == {"laki": SMALL, "perempuan": SMALL}


L = [2.0, 1, 3, 12, 4, 9, 1, 3]
P = [10.0, 1, 2, 8, 0, 3, 4, 30]
TOTAL = [left + right for left, right in zip(L, P, strict=True)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Where one is hidden the other goes; of 1 and 1 the total, but 3 + 2 may be 1 to 4 each.
        ({"l", "p"}, {"l": [5], "p": [0, 4, 7], "total": [1]}),
        ({"l"}, {"p": [0, 1, 2, 4, 6, 7]}),
        ({"p"}, {"l": [1, 2, 5, 6]}),
    ],
)
def test_a_count_beside_another_small_count_is_not_what_is_left_of_their_total(
    counts: set[str], expected: dict[str, list[int]]
) -> None:
    dark, _, _ = hide({"l": L, "p": P, "total": TOTAL}, frozenset(counts))
    small = {
        name: {at for at, value in enumerate(values) if 0 < value < LIMIT}
        for name, values in (("l", L), ("p", P))
        if name in counts
    }
    betraying = {
        name: [at for at in rows if at not in small.get(name, ())] for name, rows in dark.items()
    }
    assert {name: rows for name, rows in betraying.items() if rows} == expected


def test_a_sum_of_small_and_of_betraying_values_is_not_published() -> None:
    """What is left of two totals is l of one desa less p of another: less than either range."""
    _, hidden, _ = hide({"l": L, "p": P, "total": TOTAL}, frozenset({"l", "p"}))
    unpublished = hide_totals(hidden, PLACES, "kecamatan")
    for name, rows in hidden.groupby("field"):
        mixed = rows[rows["count"] != rows["value"]]
        for kode in mixed["kode"] if name != "total" else ():
            assert unpublished[kode[:8], str(name), 2025]


def test_each_count_that_a_field_tells_hides_it() -> None:
    other = [float(count) for count in reversed(COUNTS)]
    whole = [count + more for count, more in zip(COUNTS, other, strict=True)]
    columns = {"kasus": ALIKE["kasus"], "sakit": other, "bersama": list(map(float, whole))}
    dark, _, published = hide(columns, frozenset({"kasus", "sakit"}))
    ok = published[published["status"] == "ok"]
    shown = ok.groupby("kode")["indikator"].agg(set)
    for at, (count, more) in enumerate(zip(COUNTS, other, strict=True)):
        if 0 < count < LIMIT or 0 < more < LIMIT:
            assert len(shown.get(DESA[at], set())) < 2, (at, dark)


@pytest.mark.parametrize("is_rest", [True, False])
def test_three_parts_tell_a_hidden_count_together(is_rest: bool) -> None:
    first, second = [40.0, 13, 25, 88, 61, 7, 19, 3], [5.0, 7, 120, 14, 9, 33, 52, 81]
    if is_rest:
        whole = [sum(cells) for cells in zip(COUNTS, first, second, strict=True)]
        columns = {"muda": first, "tua": second, "semua": list(map(float, whole))}
        expected = {"muda": SMALL}
    else:
        parts = [(1, 0, 1), (2, 5, 5), (0, 0, 0), (1, 2, 0), (8, 3, 4), (3, 0, 4), (0, 0, 1)]
        names = ("bayi", "balita", "anak")
        cells = zip(*parts, (9, 11, 10), strict=True)
        columns = {name: list(map(float, row)) for name, row in zip(names, cells, strict=True)}
        expected = dict.fromkeys(sorted(names), SMALL)
    assert hide({"kasus": ALIKE["kasus"], **columns})[0] == expected


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 4, 2, 9, 3, 8, 6, 5],  # nothing to do with it
        [float("nan")] * 8,
        [*share(2)[:-2], 8.8, 9.9],  # in two of eight desa it is another number
    ],
)
def test_what_tells_nothing_is_shown(values: list[float]) -> None:
    assert hide(ALIKE | {"lain_pct": values})[0] == {}


def test_a_share_too_coarse_to_tell_is_shown() -> None:
    bases = [20.0 * base for base in BASES]
    coarse = [float(round(100 * count / base)) for count, base in zip(COUNTS, bases, strict=True)]
    columns = {"kasus": ALIKE["kasus"], "balita": bases, "gizi_pct": coarse}
    assert hide(columns)[0] == {}


@pytest.mark.parametrize("is_cut_off", [False, True])
@pytest.mark.parametrize(("decimals", "larger"), [(0, 0.5), (0, 1), (1, 5), (1, 10), (2, 60)])
def test_a_coarse_share_is_hidden_where_it_narrows_a_count(
    decimals: int, larger: float, is_cut_off: bool
) -> None:
    """1 % of 600 children are 3 or more: a reader who knows how shares are written finds it."""
    bases, unit = [larger * base for base in BASES], 10.0**decimals
    shares = [
        (np.floor if is_cut_off else np.round)(100 * count / base * unit) / unit
        for count, base in zip(COUNTS, bases, strict=True)
    ]
    hidden = hide({"kasus": ALIKE["kasus"], "balita": bases, "gizi_pct": shares})[0]
    for at in SMALL:
        low, high = (0, 1) if is_cut_off else (-0.5, 0.5)
        ends = [bases[at] / 100 * (shares[at] + end / unit) for end in (low, high)]
        left = [count for count in range(1, LIMIT) if ends[0] <= count <= ends[1]]
        assert at in hidden.get("gizi_pct", []) or len(left) == LIMIT - 1, (at, left)


def test_a_share_of_the_people_of_another_year_tells_a_count_too() -> None:
    """Where it is written out of last year's register, as in many a profile."""
    settled = settle({"kasus": ALIKE["kasus"], "gizi_pct": share(2)})
    former = settle({"balita": ALIKE["balita"]}).assign(tahun=2024)
    settled = pd.concat([settled, former], ignore_index=True)
    indicators = {
        name: define(name, hide_below=LIMIT if name == "kasus" else None)
        for name in ("kasus", "gizi_pct", "balita")
    }
    published, hidden = hide_small_counts(settled, indicators)
    published, _, betrayals = hide_betraying(settled, published, hidden, indicators)
    assert [(each.field, each.tahun) for each in betrayals] == [("gizi_pct", 2025)]
    dark = published[(published["indikator"] == "gizi_pct") & published["nilai"].isna()]
    assert [DESA.index(kode) for kode in dark["kode"]] == SMALL


def test_without_its_base_a_share_tells_nothing() -> None:
    assert hide({"kasus": ALIKE["kasus"], "gizi_pct": share(2)})[0] == {}


def test_the_sum_of_a_rest_is_published_where_that_of_the_count_is() -> None:
    _, hidden, published = hide(ALIKE | {"sehat": REST})
    for level in ("kecamatan", "kabupaten"):
        unpublished = hide_totals(hidden, PLACES, level)
        places = {kode for kode, *_ in unpublished}
        for kode in places:
            assert unpublished[kode, "sehat", 2025] == unpublished[kode, "kasus", 2025]
    values = published.rename(columns={"indikator": "field", "nilai": "value"})
    summary = summarise_desa(values, PLACES, {"kasus", "sehat", "balita"}, "kecamatan", hidden)
    sums = summary.set_index(["kode", "field"])["jumlah"]
    for kode in ("99.01.01", "99.01.02"):
        rest = [value for place, value in zip(DESA, REST, strict=True) if place.startswith(kode)]
        is_hidden = hide_totals(hidden, PLACES, "kecamatan")[kode, "kasus", 2025]
        told = sums[kode, "sehat"]
        assert pd.isna(told) if is_hidden else told == sum(rest)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=8, max_size=8), st.data())
def test_no_share_that_is_shown_narrows_a_hidden_count(
    counts: list[int], data: st.DataObject
) -> None:
    """A reader who knows the base and the decimals of a share finds no hidden count."""
    bases = data.draw(st.lists(st.integers(10, 3000), min_size=8, max_size=8))
    pairs = list(zip(counts, bases, strict=True))
    shares = [round(100 * count / base, 2) for count, base in pairs]
    columns: Columns = {
        "kasus": list(map(float, counts)),
        "balita": list(map(float, bases)),
        "gizi_pct": shares,
    }
    dark, _, published = hide(columns)
    if sum(count > 0 for count in counts) < 3:
        return
    shown = published[(published["indikator"] == "gizi_pct") & (published["status"] == "ok")]
    for at, count in enumerate(counts):
        if 0 < count < LIMIT and DESA[at] in set(shown["kode"]):
            room = 0.005 * bases[at] / 100
            assert room >= LIMIT / 2, (count, bases[at], dark)


MANY = 40
WEIGHTS: dict[str, dict[str, float]] = {
    "mixed": {"semua": 1, "pindahan": 1, "sembuh": -1},
    "two of one, one of two": {"semua": 1, "pindahan": -1, "sembuh": -1},
    "four": {"semua": 1, "pindahan": 1, "sembuh": -1, "rujukan": -1},
    "five": {"a": 1, "b": 1, "d": 1, "e": -1, "g": -1},
    "weighted": {"a": 2, "b": -1, "d": 0.5, "e": -3},
}


def many_desa(weights: Mapping[str, float], mistakes: int) -> dict[str, list[float]]:
    """Fields of many desa of which ``kasus`` is the weighted sum, and one that is by itself."""
    draw = np.random.default_rng(len(weights))
    counts = draw.integers(0, 12, MANY).astype(float)
    *others, last = weights
    fields = {name: 2.0 * draw.integers(20, 400, MANY) for name in others}
    rest = counts - sum(weights[name] * fields[name] for name in others)
    fields[last] = rest / weights[last]
    fields[last][3 : 3 + mistakes] += 7
    lone = draw.integers(0, 300, MANY).astype(float)
    return {"kasus": counts.tolist(), "sendiri": lone.tolist()} | {
        name: values.tolist() for name, values in fields.items()
    }


def reach_beside(published: Mapping[str, float | None], weights: Mapping[str, float]) -> list[int]:
    """Between what a reader of one desa finds a hidden count, who knows the sum: asks HiGHS."""
    names = list(weights)
    row = np.array([[1.0, *(-weights[name] for name in names)]])
    shown = [published[name] for name in names]
    low = [1.0, *(-np.inf if value is None else value for value in shown)]
    high = [LIMIT - 1.0, *(np.inf if value is None else value for value in shown)]
    ends = []
    for sign in (1, -1):
        aim = np.array([sign, *np.zeros(len(names))])
        solved = milp(
            aim,
            integrality=np.array([1, *[0] * len(names)], dtype=np.int64),
            bounds=Bounds(low, high),
            constraints=[LinearConstraint(row, 0, 0)],
        )
        assert solved.fun is not None
        ends.append(round(sign * solved.fun))
    return ends


@pytest.mark.parametrize("mistakes", [0, 1])
@pytest.mark.parametrize("kind", WEIGHTS)
def test_no_sum_of_whatever_signs_and_weights_tells_a_hidden_count(
    kind: str, mistakes: int
) -> None:
    weights = WEIGHTS[kind]
    columns = many_desa(weights, mistakes)
    desa = [f"99.01.{1 + at // 10:02}.2{at % 10:03}" for at in range(MANY)]
    settled = settle(columns, desa)
    indicators = {
        name: define(name, hide_below=LIMIT * (name == "kasus") or None) for name in columns
    }
    published, hidden = hide_small_counts(settled, indicators)
    published, _, betrayals = hide_betraying(settled, published, hidden, indicators)
    values = published.pivot(index="kode", columns="indikator", values="nilai").loc[desa]
    small = [at for at, count in enumerate(columns["kasus"]) if 0 < count < LIMIT]
    assert len(small) > 5
    for at in small:
        if 3 <= at < 3 + mistakes:
            continue
        of_desa = {
            str(name): None if np.isnan(value) else float(value)
            for name, value in values.iloc[at].items()
        }
        assert reach_beside(of_desa, weights) == [1, LIMIT - 1], (at, of_desa)
    assert values["sendiri"].notna().all()
    assert len({betrayal.field for betrayal in betrayals}) == 1


def test_as_many_fields_as_desa_are_no_relation() -> None:
    draw = np.random.default_rng(7)
    columns = {name: draw.integers(1, 500, len(DESA)).astype(float).tolist() for name in "abdefgh"}
    assert hide({"kasus": ALIKE["kasus"], **columns})[0] == {}
