"""Places as people write them: ``lon,lat``, or the code of a desa for where its distances start."""

from geo_service.errors import MalformedParameterError
from geo_service.ogc.what_if import find_origin
from geo_service.releases.release import Release


def read_place(release: Release, text: str) -> tuple[float, float]:
    """The place (lon, lat) that a text names; whether it lies in the release is not asked here.

    Raises
    ------
    MalformedParameterError
        It is neither two numbers nor the code of a desa with a known origin.
    """
    parts = text.split(",")
    if len(parts) == 2:
        try:
            return float(parts[0]), float(parts[1])
        except ValueError:
            pass
    elif len(parts) == 1:
        origin = find_origin(release, text.strip())
        if origin is not None:
            return origin
    raise MalformedParameterError(
        f"{text!r} is no place: write lon,lat in degrees (such as 122.96,-8.32), or the code of a "
        "desa of this release."
    )
