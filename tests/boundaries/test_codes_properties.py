"""Whatever happens to a code, it stays that code or becomes a problem, never another code."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from boundaries.codes import CodeReference, CodeSystem, KodeBps, KodeKemendagri, read_code_column
from boundaries.codes.kode_types import dot_kemendagri

K = CodeSystem.KEMENDAGRI
PROVINSI = st.sampled_from(["11", "12", "21", "31", "53", "99"])
PART = st.integers(1, 99).map(lambda number: f"{number:02d}")
KABUPATEN = st.tuples(PROVINSI, PART).map("".join)
KECAMATAN = st.tuples(KABUPATEN, PART).map("".join)
DESA = st.tuples(KECAMATAN, st.integers(1000, 3999).map(str)).map("".join)
UPPER = st.one_of(KABUPATEN, KECAMATAN)
PLACES = st.integers(1, 999).map(lambda number: f"{number:03d}")
BPS = st.one_of(KABUPATEN, st.tuples(KABUPATEN, PLACES, PLACES).map("".join))


@given(st.one_of(PROVINSI, UPPER, DESA))
def test_any_kemendagri_code_round_trips(digits: str) -> None:
    code = KodeKemendagri(digits)
    assert KodeKemendagri.parse(code.dotted) == KodeKemendagri.parse(digits) == code
    assert read_code_column([code.dotted], K, code.level).codes == [code]


@given(BPS)
def test_any_bps_code_round_trips(digits: str) -> None:
    code = KodeBps.parse(digits)
    assert read_code_column([int(digits)], CodeSystem.BPS, code.level).codes == [code]


DAMAGES = [
    lambda code: float(code),
    lambda code: int(code),
    lambda code: code + ".0",
    lambda code: f" {dot_kemendagri(code)}\u00a0",
    lambda code: f"{int(code):,}",
    lambda code: f"{int(code):,}".replace(",", "."),
    lambda code: f"{int(code):.9E}",
    lambda code: f"{int(code):.5E}",
    lambda code: ".".join(str(int(part)) for part in dot_kemendagri(code).split(".")),
    lambda code: dot_kemendagri(code).replace(".", "/"),
    lambda code: code[:-1],
    lambda code: code.rstrip("0"),
    lambda code: dot_kemendagri(code).rstrip("0"),
    lambda code: code[:4] + "." + code[4:],
]


@given(code=DESA, damage=st.sampled_from(DAMAGES), others=st.sets(DESA, max_size=4))
def test_a_damaged_desa_code_is_read_as_itself_or_refused(
    code: str, damage: object, others: set[str]
) -> None:
    assert callable(damage)
    for reference in (None, CodeReference.of(K, {code, *others}, ["indonesia"])):
        column = read_code_column([damage(code)], K, "desa", reference)
        assert column.digits[0] in (code, None)
        assert (column.codes[0] is None) == (
            [problem.severity for problem in column.problems] == ["warning"]
        )


def _as_clock(code: str) -> list[object]:
    parts = [int(code[at : at + 2]) for at in range(0, len(code), 2)]
    cells: list[object] = [float(".".join([code[:2], code[2:]])) if len(code) == 4 else code]
    hour, minute, second = [*parts, 0][:3]
    if hour < 24 and (minute > 59) + (second > 59) <= 1:
        moment = dt.timedelta(hours=hour, minutes=minute, seconds=second)
        cells += [moment, moment.total_seconds() / 86400]
    for order in ((0, 1), (1, 0)):
        day, month = parts[order[0]], parts[order[1]]
        year = 2000 + parts[2] if len(parts) == 3 else 2026
        if month <= 12 and day <= 28:
            cells += [dt.date(year, month, day), f"{year}-{month:02d}-{day:02d}"]
    return cells


@given(code=UPPER, twins=st.sets(UPPER, max_size=4), data=st.data())
def test_a_code_taken_for_a_number_time_or_date_is_itself_or_refused(
    code: str, twins: set[str], data: st.DataObject
) -> None:
    cell = data.draw(st.sampled_from(_as_clock(code)))
    level = KodeKemendagri(code).level
    assert read_code_column([cell], K, level).digits[0] in (code, None)
    reference = CodeReference.of(K, {code, *twins}, ["indonesia"])
    assert read_code_column([cell], K, level, reference).digits[0] in (code, None)


@given(st.lists(st.one_of(st.text(max_size=14), st.floats(), st.integers(), st.none()), max_size=9))
def test_any_column_has_one_code_or_one_refusal_per_row(cells: list[object]) -> None:
    column = read_code_column(cells, K)
    refused = {p.index for p in column.problems if p.severity == "warning"}
    assert refused == {index for index, code in enumerate(column.codes) if code is None}
