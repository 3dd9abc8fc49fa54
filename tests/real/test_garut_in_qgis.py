"""QGIS sees the types of all columns of Garut, where whole kecamatan have no values."""

from __future__ import annotations

import pytest

from tests.clients.test_qgis import check_types

pytestmark = [pytest.mark.real, pytest.mark.qgis]


def test_qgis_sees_every_column_that_has_a_value_as_what_it_is(site: str) -> None:
    empty = check_types(site)
    assert empty["desa"] == []
    assert "unfunded_people" in empty["kabupaten"]
