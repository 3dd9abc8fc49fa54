"""A raster's place on the earth: cell to lon/lat and back, and how long a step between cells is."""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer

from layers.access.straight.geodesy import Floats, measure_degree_lat, measure_degree_lon

MARGIN = 2
"""Cells around a grid in memory, so that no neighbour of a cell falls outside."""
ROOK = ((-1, 0), (1, 0), (0, -1), (0, 1))
DIAGONAL = ((-1, -1), (-1, 1), (1, -1), (1, 1))
KNIGHT = ((-2, -1), (-2, 1), (2, -1), (2, 1), (-1, -2), (1, -2), (-1, 2), (1, 2))
Move = tuple[int, int]
Cell = TypeVar("Cell", bound=np.generic)


def list_moves(directions: int) -> tuple[Move, ...]:
    """Steps (down, right) of 8 or 16 directions, rook moves first, then diagonals, then knights'.

    Raises
    ------
    ValueError
        Another number of directions.
    """
    if directions not in (8, 16):
        raise ValueError(f"directions must be 8 or 16, not {directions}")
    return (*ROOK, *DIAGONAL, *(KNIGHT if directions == 16 else ()))


def list_sides(move: Move) -> tuple[Move, Move]:
    """The two cells beside a move: the corners of a diagonal, those a knight's move crosses."""
    down, right = move
    if abs(down) == 2:
        return (down // 2, 0), (down // 2, right)
    if abs(right) == 2:
        return (0, right // 2), (down, right // 2)
    return (down, 0), (0, right)


@dataclass(frozen=True, slots=True)
class Grid:
    """North-up cells: west and north edge, cell width and height, rows and columns.

    Lengths are degrees of EPSG:4326 when ``is_lonlat``, else metres of a projected CRS, of which
    one is ``stretch`` metres on the ground (to the east, to the north) in the middle of the grid.
    """

    west: float
    north: float
    cell_width: float
    cell_height: float
    rows: int
    columns: int
    is_lonlat: bool = True
    stretch: tuple[float, float] = field(default=(1.0, 1.0), compare=False)

    @property
    def row_cells(self) -> int:
        """Cells in a row of the grid as it lies in memory, margin included."""
        return self.columns + 2 * MARGIN

    @property
    def cell_km2(self) -> float:
        """Area of a cell; in degrees that of one half way down the grid."""
        square = self.cell_width * self.cell_height / 1e6
        if not self.is_lonlat:
            return square * self.stretch[0] * self.stretch[1]
        lat = np.clip(self.north - self.rows * self.cell_height / 2, -90, 90)
        return float(square * measure_degree_lon(lat) * measure_degree_lat(lat))

    def lay(self, values: NDArray[np.generic], around: float) -> NDArray[np.float32]:
        """Values of the grid, flat, with ``around`` in the margin."""
        laid = np.full((self.rows + 2 * MARGIN, self.row_cells), around, np.float32)
        laid[MARGIN:-MARGIN, MARGIN:-MARGIN] = values
        return laid.reshape(-1)

    def unroll(self, flat: NDArray[Cell]) -> NDArray[Cell]:
        """The grid of a flat array, without the margin: a view."""
        laid = flat.reshape(self.rows + 2 * MARGIN, self.row_cells)
        return laid[MARGIN:-MARGIN, MARGIN:-MARGIN]

    def locate(self, row: NDArray[np.integer], column: NDArray[np.integer]) -> NDArray[np.int32]:
        """Where cells lie in the flat array."""
        place = (np.asarray(row, np.int64) + MARGIN) * self.row_cells + column + MARGIN
        return np.asarray(place, np.int32)

    def shift(self, moves: tuple[Move, ...]) -> NDArray[np.int64]:
        """How far in the flat array each move leads, shape (k,)."""
        return np.array([down * self.row_cells + right for down, right in moves], np.int64)

    def find_cells(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column of each point; both -1 outside the grid."""
        column = np.floor((np.asarray(x) - self.west) / self.cell_width)
        row = np.floor((self.north - np.asarray(y)) / self.cell_height)
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        return (
            np.where(inside, row, -1).astype(np.int64),
            np.where(inside, column, -1).astype(np.int64),
        )

    def find_centres(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> Floats:
        """Coordinates of the middle of cells, shape (n, 2)."""
        x = self.west + (np.asarray(column) + 0.5) * self.cell_width
        y = self.north - (np.asarray(row) + 0.5) * self.cell_height
        return np.stack([x, y], axis=-1)

    def measure_steps(self, directions: int) -> NDArray[np.float32]:
        """Metres of each move by row, margin included, shape (rows + 2 margins, directions).

        In lon/lat the length is taken at the latitude half way, so a step is as long as the step
        back: at 11 degrees south one to the east is 1.8 % shorter than at the equator.
        """
        moves = list_moves(directions)
        rows = self.rows + 2 * MARGIN
        middle = np.arange(rows) - MARGIN + 0.5
        length = np.empty((rows, len(moves)))
        for k, (down, right) in enumerate(moves):
            if self.is_lonlat:
                lat = np.clip(self.north - (middle + down / 2) * self.cell_height, -90, 90)
                east = right * self.cell_width * measure_degree_lon(lat)
                north = down * self.cell_height * measure_degree_lat(lat)
            else:
                east = np.full(rows, right * self.cell_width * self.stretch[0])
                north = np.full(rows, down * self.cell_height * self.stretch[1])
            length[:, k] = np.hypot(east, north)
        return length.astype(np.float32)


def measure_stretch(grid: Grid, crs: CRS) -> tuple[tuple[float, float], float]:
    """Metres on the ground of a metre of a projected CRS, east and north, and how far it bends.

    The stretch is that in the middle of the grid.  The bend is the largest share by which a step
    elsewhere on the grid is longer or shorter, or by which one aslant is where east and north do
    not stand at a right angle: 0 for a map that measures true, about 0.15 for the sinusoidal one of
    MODIS in Flores.
    """
    east, south = grid.columns * grid.cell_width, grid.rows * grid.cell_height
    across, down = np.meshgrid((0.5, 0.0, 1.0), (0.5, 0.0, 1.0))
    x, y = grid.west + across.ravel() * east, grid.north - down.ravel() * south
    transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    start = transformer.transform(x, y)
    beside = transformer.transform(x + grid.cell_width, y)
    above = transformer.transform(x, y + grid.cell_height)
    if not np.isfinite([*start, *beside, *above]).all():
        return (1.0, 1.0), np.inf
    geod = Geod(ellps="WGS84")
    azimuth_east, _, step_east = geod.inv(*start, *beside)
    azimuth_north, _, step_north = geod.inv(*start, *above)
    steps = np.array([step_east / grid.cell_width, step_north / grid.cell_height])
    middle = steps[:, :1]
    slant = np.abs(np.cos(np.radians(azimuth_east - azimuth_north))) / 2
    bend = max(float(np.abs(steps / middle - 1).max()), float(slant.max()))
    return (float(middle[0, 0]), float(middle[1, 0])), bend
