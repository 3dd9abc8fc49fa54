"""The workspace of the sample kabupaten: all its files, and their writing to a folder."""

from functools import cache
from pathlib import Path

from layers.sample.boundary_files import make_boundary_files
from layers.sample.certificate_files import make_certificate_files
from layers.sample.code_files import make_code_files
from layers.sample.facility_files import make_facility_files
from layers.sample.health_files import make_health_files
from layers.sample.land_cover import make_land_cover_file
from layers.sample.programme_files import make_programme_files
from layers.sample.register_files import make_register_files
from layers.sample.sample_declaration import make_declaration
from layers.sample.sample_roads import make_road_file
from layers.sample.spending_files import make_spending_files
from layers.sample.world.sample_people import make_population_file
from layers.sample.world.sample_records import OfficeFile


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
        Name of one of `layers.sample.faults.FAULTS`: a workspace that must not publish.
    """
    for file in make_files():
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    # The truth reads the list of files, so it is imported when both exist.
    from layers.sample.readme import make_readme
    from layers.sample.truth import make_truth

    for name, text in (
        ("wilayah.toml", make_declaration()),
        ("README.md", make_readme(make_files(), make_truth())),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    if broken is not None:
        from layers.sample.faults import FAULTS

        FAULTS[broken].apply(folder)
