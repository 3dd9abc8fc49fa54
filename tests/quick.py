"""Which tests `make quick` runs: the one place that says so.

A test is quick unless it needs another program, a process or a browser, or lies in a folder or
module below.  A module that takes more than some seconds of CPU (``pytest --durations=30``) is
added here; `make test` runs it as before.
"""

from __future__ import annotations

import pytest

SLOW_MARKERS = frozenset({"browser", "gdal", "grass", "qgis", "real", "slow"})
# Fixtures that start a server of their own process.
SLOW_FIXTURES = frozenset({"site", "large_site"})
SLOW_FOLDERS = ("tests/cases/", "tests/clients/", "tests/end_to_end/", "tests/real/")
SLOW_MODULES = frozenset(
    {
        "tests/geo_service/test_schema_of_api.py",
        "tests/geo_service/test_under_load.py",
        "tests/layers/access/test_road_directions.py",
        "tests/layers/access/test_workspace_access.py",
        "tests/layers/provenance/test_mutation.py",
        "tests/layers/tables/test_fuzz_tables.py",
    }
)


def is_quick(item: pytest.Item) -> bool:
    """Whether a test belongs to those that are run before every commit."""
    path = item.path.relative_to(item.config.rootpath).as_posix()
    return not (
        path.startswith(SLOW_FOLDERS)
        or path in SLOW_MODULES
        or any(item.get_closest_marker(name) for name in SLOW_MARKERS)
        or SLOW_FIXTURES & set(getattr(item, "fixturenames", ()))
    )
