"""The files of access that a release carries beside its tables: rasters, arrays for what-if."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.access.measure import AccessResult
from layers.access.straight.arrays import select_kind
from layers.access.terrain.rasters import write_cog
from layers.access.terrain.travel import Travel, draw_allocation
from layers.facilities.read import make_fids
from layers.release import scenario_file

MINUTES = "min"


def list_access_files(
    result: AccessResult, facilities: gpd.GeoDataFrame
) -> dict[str, Callable[[Path], None]]:
    """Writers of the files a release carries beside its tables, by path.

    ``access/travel_time_<kind>.tif`` and ``access/nearest_facility_<kind>.tif`` (Cloud Optimized
    GeoTIFF: minutes, and the id in the layer ``facilities`` of the one reached first), and
    ``access/what_if.npz``.

    Parameters
    ----------
    facilities
        Those that ``result`` was measured to.
    """
    files: dict[str, Callable[[Path], None]] = {}
    fids = pd.Series(make_fids(facilities["facility_id"].tolist()), index=facilities["facility_id"])
    for kind, travel in result.travel.items():
        chosen, _ = select_kind(facilities, kind)
        facility_fids = fids[chosen["facility_id"]].to_numpy(np.int64)
        files[f"access/travel_time_{kind}.tif"] = partial(
            write_cog,
            raster=travel.minutes,
            title=f"travel time to the nearest {kind}",
            unit=MINUTES,
        )
        files[f"access/nearest_facility_{kind}.tif"] = partial(
            _write_allocation, travel=travel, fids=facility_fids, kind=kind
        )
    if result.scenarios:
        files[scenario_file.FILE_NAME] = partial(
            scenario_file.write_scenarios, scenarios=result.scenarios
        )
    return files


def _write_allocation(path: Path, travel: Travel, fids: NDArray[np.int64], kind: str) -> None:
    title = f"id in the layer facilities of the {kind} reached first"
    write_cog(path, draw_allocation(travel, fids), title)
