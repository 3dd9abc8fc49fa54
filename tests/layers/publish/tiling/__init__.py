"""Tests of how polygons become the pieces of tiles."""
