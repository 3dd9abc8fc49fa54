"""From somebody's polygons to a coverage one can trust (see README.md in this folder)."""
