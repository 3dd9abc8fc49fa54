"""Pictures of a wilayah: classes, numbers as text, inline SVG, legend and PNG.

One classifier (`geo_service.render.classes`) serves all of them, so that the map, its legend, the
table and a downloaded picture never disagree.
"""
