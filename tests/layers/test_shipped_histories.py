"""Shipped histories: one code leads to one code, and they are proposed only where all agrees."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from boundaries.codes import KodeKemendagri
from boundaries.findings.report import Severity
from layers.errors import WorkspaceError
from layers.proposal.template import write_template
from layers.tables.rows.places import Places, Reason
from layers.tables.rows.shipped_histories import (
    choose_histories,
    propose_histories,
    shipped_histories,
)

NAMES = {"93.01.01.2001": "Waibao", "93.01.01.2002": "Konga", "93.01.02.2001": "Lamakera"}


@pytest.fixture
def merauke() -> Places:
    frame = pd.DataFrame({"kode": list(NAMES), "nama": list(NAMES.values())})
    return Places.of(frame)


def outside(*codes: str) -> dict[int, Reason]:
    return {
        at: Reason("table.outside_scope", "outside", kode, Severity.NOTE)
        for at, kode in enumerate(codes)
    }


def test_no_two_codes_lead_to_one_and_none_is_of_today() -> None:
    for history in shipped_histories().values():
        news = list(history.recodes.values())
        assert len(set(news)) == len(news)
        assert not set(news) & set(history.recodes)
        assert history.source
        assert history.year
        for old, new in history.recodes.items():
            assert len(old) == len(new)
            assert KodeKemendagri.parse(old).level == KodeKemendagri.parse(new).level


def test_kecamatan_are_carried_before_kabupaten() -> None:
    papua = shipped_histories()["papua-2022"]
    assert papua.today("91.01.02.2003") == "93.01.02.2003"
    assert papua.today("92.10.05.2003") == "96.05.05.2003"
    assert papua.today("92.10.18.2003") is None
    assert papua.today("91.02.01.2001") is None


def test_ends_and_names_that_agree_are_proposed(merauke: Places) -> None:
    reasons = outside("91.01.01.2001", "91.01.01.2002", "53.06.01.2001")
    (found,) = propose_histories(reasons, ["WAIBAO", "Kongga", "X"], merauke, "t.csv", [2, 3, 4])
    assert (found.severity, found.row, found.measure) == (Severity.WARNING, 2, 2)


@pytest.mark.parametrize(
    ("codes", "names"),
    [
        (["91.01.01.2001", "91.01.01.2002"], ["Sota", "Erambu"]),
        (["91.01.07.2001", "91.01.08.2002"], ["Waibao", "Konga"]),
        (["91.09.01.2001"], ["Waibao"]),
        (["53.06.01.2001"], ["Waibao"]),
        ([], []),
    ],
)
def test_what_does_not_agree_is_not_proposed(
    merauke: Places, codes: list[str], names: list[str]
) -> None:
    assert propose_histories(outside(*codes), names, merauke, "t.csv", [2, 3]) == []


def test_a_history_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(WorkspaceError, match="Use one of: papua-2022"):
        choose_histories(["papua-2002"])


def test_init_proposes_the_history_of_old_codes(tmp_path: Path) -> None:
    rows = "kode,desa,jiwa\n9101012001,Waibao,1\n9101012002,Konga,2\n"
    (tmp_path / "t.csv").write_text(rows, encoding="utf-8")
    path, _ = write_template(tmp_path)
    assert '# use = ["papua-2022"]' in path.read_text(encoding="utf-8")
    path.unlink()
    (tmp_path / "t.csv").write_text(rows.replace("9101", "5306"), encoding="utf-8")
    path, _ = write_template(tmp_path)
    assert "papua" not in path.read_text(encoding="utf-8")
