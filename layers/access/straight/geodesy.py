"""Lengths on the WGS 84 ellipsoid: how far apart two places are, and how large a raster cell is.

Needs numpy only.  Angles are degrees, lengths metres, arguments always lon, lat.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1 / 298.257223563
SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING)
ECCENTRICITY_2 = FLATTENING * (2 - FLATTENING)
SMALLEST_RADIUS_M = SEMI_MAJOR_M * (1 - ECCENTRICITY_2)
"""Smallest radius of curvature anywhere on the ellipsoid: the meridian's at the equator."""

MEAN_RADIUS_M = 6371008.8
"""A third of (two equatorial radii and the polar one), as of the IUGG."""
NEAR_M = 50_000.0
"""Up to here `bound_geodesic` of a chord is at most 2 mm longer than the geodesic."""

_ROUNDS = 100
_CONVERGED = 1e-13


def measure_ecef(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """Earth-centred Cartesian coordinates of points on the ellipsoid, metres, shape (n, 3)."""
    lam, phi = np.radians(np.asarray(lon, float)), np.radians(np.asarray(lat, float))
    normal = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_2 * np.sin(phi) ** 2)
    out = np.empty((lam.size, 3))
    out[:, 0] = (normal * np.cos(phi) * np.cos(lam)).ravel()
    out[:, 1] = (normal * np.cos(phi) * np.sin(lam)).ravel()
    out[:, 2] = (normal * (1 - ECCENTRICITY_2) * np.sin(phi)).ravel()
    return out


def bound_geodesic(chord_m: Floats) -> Floats:
    """The longest a geodesic can be whose ends are ``chord_m`` apart through the earth, metres.

    By Schur's comparison theorem a curve whose curvature nowhere exceeds ``1 / r`` has a chord at
    least as long as the circle of radius ``r``; the normal curvature of the ellipsoid nowhere
    exceeds that of the meridian at the equator.  A geodesic is never shorter than its chord, so
    ``chord <= geodesic <= bound``.
    """
    half = np.minimum(chord_m / (2 * SMALLEST_RADIUS_M), 1.0)
    bound: Floats = 2 * SMALLEST_RADIUS_M * np.arcsin(half)
    return bound


def measure_arc(chord_m: Floats) -> Floats:
    """Geodesic length from the chord through the earth, metres, as on a sphere of mean radius.

    The sphere's radius is within 0.7 % of any radius of curvature of the ellipsoid, which shows
    only in the small difference of arc and chord: less than a millimetre at 30 km, less than 1 m
    at 400 km.  Good where many pairs are weighed; `measure_geodesic` is for what is published.
    """
    half = np.minimum(chord_m / (2 * MEAN_RADIUS_M), 1.0)
    arc: Floats = 2 * MEAN_RADIUS_M * np.arcsin(half)
    return arc


def measure_geodesic(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Geodesic distance between pairs of points, metres; arguments broadcast.

    Good to a tenth of a millimetre, except between nearly antipodal points, where it is null
    (NaN) rather than wrong: no two places of one country are antipodal.

    Source
    ------
    T. Vincenty, Direct and inverse solutions of geodesics on the ellipsoid with application of
    nested equations, Survey Review 23(176), 1975, inverse formula.

    Examples
    --------
    >>> round(float(measure_geodesic(0, 0, 1, 0)), 3)
    111319.491
    """
    lon1, lat1, lon2, lat2 = np.broadcast_arrays(
        *(np.asarray(angle, float) for angle in (lon1, lat1, lon2, lat2))
    )
    difference = np.radians(lon2 - lon1)
    reduced1 = np.arctan((1 - FLATTENING) * np.tan(np.radians(lat1)))
    reduced2 = np.arctan((1 - FLATTENING) * np.tan(np.radians(lat2)))
    return _solve_inverse(difference, reduced1, reduced2)


def _solve_inverse(difference: Floats, reduced1: Floats, reduced2: Floats) -> Floats:
    sin1, cos1 = np.sin(reduced1), np.cos(reduced1)
    sin2, cos2 = np.sin(reduced2), np.cos(reduced2)
    lam = difference.copy()
    change = np.zeros_like(lam)
    for _ in range(_ROUNDS):
        cross = cos1 * sin2 - sin1 * cos2 * np.cos(lam)
        sin_sigma = np.hypot(cos2 * np.sin(lam), cross)
        cos_sigma = sin1 * sin2 + cos1 * cos2 * np.cos(lam)
        sigma = np.arctan2(sin_sigma, cos_sigma)
        same = sin_sigma == 0
        sin_alpha = cos1 * cos2 * np.sin(lam) / np.where(same, 1, sin_sigma)
        cos2_alpha = 1 - sin_alpha**2
        equatorial = cos2_alpha < 1e-15
        middle = cos_sigma - 2 * sin1 * sin2 / np.where(equatorial, 1, cos2_alpha)
        middle = np.where(equatorial, 0, middle)
        c = FLATTENING / 16 * cos2_alpha * (4 + FLATTENING * (4 - 3 * cos2_alpha))
        inner = middle + c * cos_sigma * (2 * middle**2 - 1)
        turned = difference + (1 - c) * FLATTENING * sin_alpha * (sigma + c * sin_sigma * inner)
        change, lam = np.abs(turned - lam), turned
        if not np.any(change > _CONVERGED):
            break
    length = _sum_series(cos2_alpha, sigma, sin_sigma, cos_sigma, middle)
    length = np.where(change > 1e-9, np.nan, length)
    result: Floats = np.where(same & (cos_sigma > 0), 0.0, length)
    return result


def _sum_series(
    cos2_alpha: Floats, sigma: Floats, sin_sigma: Floats, cos_sigma: Floats, middle: Floats
) -> Floats:
    u2 = cos2_alpha * (SEMI_MAJOR_M**2 / SEMI_MINOR_M**2 - 1)
    a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    last = b / 6 * middle * (4 * sin_sigma**2 - 3) * (4 * middle**2 - 3)
    delta = b * sin_sigma * (middle + b / 4 * (cos_sigma * (2 * middle**2 - 1) - last))
    length: Floats = SEMI_MINOR_M * a * (sigma - delta)
    return length


def measure_degree_lon(lat: ArrayLike) -> Floats:
    """Length of one degree of longitude along the parallel at ``lat``, metres."""
    phi = np.radians(np.asarray(lat, float))
    normal = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_2 * np.sin(phi) ** 2)
    length: Floats = np.radians(1) * normal * np.cos(phi)
    return length


def measure_degree_lat(lat: ArrayLike) -> Floats:
    """Length of one degree of latitude along the meridian around ``lat``, metres."""
    phi = np.radians(np.asarray(lat, float))
    radius = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / (1 - ECCENTRICITY_2 * np.sin(phi) ** 2) ** 1.5
    length: Floats = np.radians(1) * radius
    return length
