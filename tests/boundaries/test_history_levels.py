"""Recodes of kecamatan and above reach their desa; splits there do not say who went where."""

from __future__ import annotations

from boundaries.history.history_file import expand_history
from boundaries.history.versions import Change, History, carry_forward

TODAY = ("96.01.02.2001", "96.01.02.2002", "96.01.03.2001")


def test_a_recode_of_a_kabupaten_gives_its_desa_their_former_codes() -> None:
    history = History.of([Change("92.04", "96.01", "recode", 2022)])
    expanded, findings = expand_history(history, TODAY)
    assert expanded.heir("92.04.02.2002", 2023) == "96.01.02.2002"
    assert expanded.former(TODAY) == ("92.04.02.2001", "92.04.02.2002", "92.04.03.2001")
    carried = carry_forward({"92.04.02.2001": 5.0}, 2020, expanded, TODAY, is_summable=False)
    assert carried["96.01.02.2001"].value == 5.0
    assert [(one.code, one.measure) for one in findings] == [("versions.above_desa", 3)]


def test_lines_of_desa_count_before_what_is_derived() -> None:
    own = Change("92.04.02.2009", "96.01.02.2001", "recode", 2022)
    history = History.of([Change("92.04", "96.01", "recode", 2022), own])
    expanded, _ = expand_history(history, TODAY)
    assert expanded.heir("92.04.02.2009", 2023) == "96.01.02.2001"
    assert "92.04.02.2001" not in expanded.touched()


def test_a_code_still_in_use_is_never_a_former_one() -> None:
    history = History.of([Change("96.01.02", "96.01.03", "recode", 2022)])
    expanded, _ = expand_history(history, TODAY)
    assert "96.01.02.2001" not in expanded.touched()


def test_a_split_of_a_kecamatan_does_not_say_which_desa_went_where() -> None:
    history = History.of([Change("96.01.02", "96.01.03", "split", 2022)])
    expanded, findings = expand_history(history, TODAY)
    assert expanded.changes == history.changes
    assert [(one.code, one.kode) for one in findings] == [("versions.above_desa", "96.01.03")]
