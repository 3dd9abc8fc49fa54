"""The processes over one release: what it can be asked, and the answer with names of desa.

The work is done by `layers.access`, which is loaded when first asked and needs numpy and scipy
only; this module adds the release: where its arrays are, its extent, and what desa are called.
"""

from collections.abc import Mapping
from contextlib import suppress

from geo_service import errors
from geo_service.http.link_types import Document
from geo_service.releases.release import Release, once_per_release
from layers.release import scenario_file

TIME_LIMIT_S = 8.0
"""How long a public server lets HiGHS search; the command line may give it longer."""

_DESA = "desa"


@once_per_release
def list_kinds_of(release: Release) -> tuple[str, ...]:
    """The kinds of facility that what-if is possible for; none without the arrays."""
    try:
        release.file(scenario_file.FILE_NAME)
    except (errors.UnknownFileError, errors.TokenNeededError, errors.TokenScopeError):
        return ()
    try:
        return scenario_file.list_kinds(release.path_of(scenario_file.FILE_NAME))
    except FileNotFoundError:
        raise _pruned(release) from None


def list_descriptions(release: Release) -> tuple[Document, ...]:
    """Descriptions of the processes that the release allows, whole."""
    from layers.access.planning.process_descriptions import describe_processes

    kinds = list_kinds_of(release)
    return describe_processes(kinds) if kinds else ()


def find_description(release: Release, process_id: str) -> Document:
    """The description of one process.

    Raises
    ------
    UnknownProcessError
        There is no such process, or the release has no arrays for it.
    TokenNeededError, TokenScopeError
        The arrays are not for this client.
    """
    descriptions = {str(entry["id"]): entry for entry in list_descriptions(release)}
    if process_id in descriptions:
        return descriptions[process_id]
    if not descriptions:
        with suppress(errors.UnknownFileError):
            # There is something, but not for this client.
            release.file(scenario_file.FILE_NAME)
        raise errors.UnknownProcessError(
            f"Release {release.id} allows no processes: it was built without facilities."
        )
    names = ", ".join(descriptions)
    raise errors.UnknownProcessError(f"No process {process_id!r} here. There are: {names}.")


def execute(
    release: Release,
    process_id: str,
    inputs: Mapping[str, object],
    *,
    time_limit_s: float = TIME_LIMIT_S,
) -> Document:
    """The answer of a process; takes up to the time limit and a little more.

    Raises
    ------
    UnknownProcessError
        There is no such process.
    MalformedInputError
        An input is missing, unknown or out of range; the message names it.
    """
    find_description(release, process_id)
    from layers.access.planning import planning_processes as processes
    from layers.access.planning import process_descriptions as described

    run = {
        described.NEW_FACILITY: processes.run_new_facility,
        described.SITING: processes.run_siting,
    }[process_id]
    bounds = processes.ProcessBounds(release.manifest.bbox_lonlat, time_limit_s)
    try:
        answer = run(release.path_of(scenario_file.FILE_NAME), inputs, bounds)
    except processes.ProcessInputError as error:
        raise errors.MalformedInputError(f"{error}.") from None
    except FileNotFoundError:
        raise _pruned(release) from None
    return _add_names(release, answer)


def is_quick(process_id: str, inputs: Mapping[str, object]) -> bool:
    """Whether an answer takes milliseconds: all but a proven siting."""
    from layers.access.planning.process_descriptions import SITING

    return process_id != SITING or inputs.get("effort") == "explore"


def find_origin(release: Release, kode: str) -> tuple[float, float] | None:
    """Where the distances of a desa start (lon, lat); None where that is not known."""
    return scenario_file.find_origin(release.path_of(scenario_file.FILE_NAME), kode)


def _pruned(release: Release) -> errors.UnknownReleaseError:
    """Its maps stay open until the last request is done, but its files can be gone."""
    return errors.UnknownReleaseError(f"Release {release.id} was pruned.")


def _add_names(release: Release, answer: Document) -> Document:
    for row in answer["desa"]:
        row["nama"] = _name_of(release, row["kode"])
    for place in answer["sites" if "sites" in answer else "points"]:
        place |= _desa_at(release, place["lon"], place["lat"])
    return answer


def _name_of(release: Release, kode: str) -> str | None:
    if _DESA not in release.layers:
        return None
    features = release.features(_DESA)
    row = features.row_of(int(kode.replace(".", "")))
    return None if row is None else _text(features.property_column("nama").value(row))


def _desa_at(release: Release, lon: float, lat: float) -> Document:
    """The desa in which a place lies; on a border the first by code."""
    if _DESA not in release.layers:
        return {"kode": None, "nama": None}
    features = release.features(_DESA)
    rows = features.select(bbox=(lon, lat, lon, lat))
    if not len(rows):
        return {"kode": None, "nama": None}
    row = int(rows[0])
    return {name: _text(features.property_column(name).value(row)) for name in ("kode", "nama")}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
