"""One coverage: polygons repaired, overlaps settled, slivers merged, with their parents."""
