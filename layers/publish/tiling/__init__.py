"""Polygons to the pieces of vector tiles, by the arcs that neighbours share (see README.md)."""
