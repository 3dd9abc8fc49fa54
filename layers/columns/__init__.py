"""Columns of a layer: the catalogue that names them, and how they are assembled."""
