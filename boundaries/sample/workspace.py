"""The workspace of the sample kabupaten: all its files, and their writing to a folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from boundaries.sample.boundary_files import make_boundary_files
from boundaries.sample.certificate_files import make_certificate_files
from boundaries.sample.code_files import make_code_files
from boundaries.sample.declaration import make_declaration
from boundaries.sample.facility_files import make_facility_files
from boundaries.sample.health_files import make_health_files
from boundaries.sample.land_cover import make_land_cover_file
from boundaries.sample.people import make_population_file
from boundaries.sample.programme_files import make_programme_files
from boundaries.sample.records import OfficeFile
from boundaries.sample.register_files import make_register_files
from boundaries.sample.roads import make_road_file
from boundaries.sample.spending_files import make_spending_files


@cache
def make_files() -> tuple[OfficeFile, ...]:
    """All input files of the sample, sorted by path."""
    made = (
        *make_boundary_files(),
        *make_code_files(),
        *make_health_files(),
        *make_register_files(),
        *make_spending_files(),
        *make_facility_files(),
        *make_certificate_files(),
        *make_programme_files(),
        make_population_file(),
        make_road_file(),
        make_land_cover_file(),
    )
    return tuple(sorted(made, key=lambda file: file.path))


def write_sample(folder: Path, broken: str | None = None) -> None:
    """The workspace of the made-up kabupaten in ``folder``: inputs, ``wilayah.toml``, README.

    The bytes are the same on every run.  Existing files of the same names are overwritten.

    Parameters
    ----------
    broken
        Name of one of `boundaries.sample.faults.FAULTS`: a workspace that must not publish.
    """
    for file in make_files():
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    # The truth reads the list of files, so it is imported when both exist.
    from boundaries.sample.readme import make_readme
    from boundaries.sample.truth import make_truth

    for name, text in (
        ("wilayah.toml", make_declaration()),
        ("README.md", make_readme(make_files(), make_truth())),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    if broken is not None:
        from boundaries.sample.faults import FAULTS

        FAULTS[broken].apply(folder)
