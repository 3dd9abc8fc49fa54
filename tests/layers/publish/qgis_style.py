"""Run by the system's Python: draw a layer's tiles in QGIS with its style; print what was drawn.

Arguments: tile directory URL template, layer id, style file, bbox (west south east north), PNG.
"""

# QGIS brings its own Python and no types.
# mypy: disable-error-code="import-not-found"
import json
import os
import sys
from collections import Counter
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapBoxGlStyleConverter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

template, layer_id, style_path, west, south, east, north, png = sys.argv[1:]
application = QgsApplication([], False)
application.initQgis()
layer = QgsVectorTileLayer(f"type=xyz&url={template}&zmin=4&zmax=12", layer_id)
assert layer.isValid(), "the tile layer is not valid"
converter = QgsMapBoxGlStyleConverter()
result = converter.convert(json.loads(Path(style_path).read_text(encoding="utf-8")))
layer.setRenderer(converter.renderer())
settings = QgsMapSettings()
mercator = QgsCoordinateReferenceSystem("EPSG:3857")
lonlat = QgsCoordinateReferenceSystem("EPSG:4326")
transform = QgsCoordinateTransform(lonlat, mercator, QgsProject.instance())
box = QgsRectangle(float(west), float(south), float(east), float(north))
settings.setDestinationCrs(mercator)
settings.setExtent(transform.transformBoundingBox(box))
settings.setOutputSize(QSize(900, 600))
settings.setBackgroundColor(QColor("white"))
settings.setLayers([layer])
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
image.save(png)
colours = Counter(
    image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
)
rules = [rule.styleName() for rule in layer.renderer().styles()]
print(
    json.dumps(
        {
            "result": int(result),
            "warnings": converter.warnings(),
            "rules": rules,
            "colours": colours.most_common(40),
        }
    )
)
sys.stdout.flush()
os._exit(0)
