"""Straight lines on the ellipsoid: nearest facilities, and the land they lie on."""
