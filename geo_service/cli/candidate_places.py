"""Places as people write them: ``lon,lat``, or the code of a desa for where its distances start."""

from geo_service.errors import MalformedParameterError
from geo_service.http.query_numbers import decimal_number
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
    numbers = [number for part in parts if (number := decimal_number(part)) is not None]
    if len(parts) == len(numbers) == 2:
        return numbers[0], numbers[1]
    if len(parts) == 1:
        origin = find_origin(release, text.strip())
        if origin is not None:
            return origin
    raise MalformedParameterError(
        f"{text[:60]!r} is no place: write lon,lat in degrees (such as 122.96,-8.32), or the code "
        "of a desa of this release."
    )
