"""Rasters one travels over: friction, least travel time, and its isochrones."""
