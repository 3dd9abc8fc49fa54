"""Run by the system's Python: open a GeoPackage as a reader does, and draw it; print what is seen.

Arguments: GeoPackage, layer, PNG of the default style, PNG of the last style.
"""

# QGIS brings its own Python and no types.
# mypy: ignore-errors
import json
import os
import sys
from collections import Counter

from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsVectorLayer
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

path, name, default_png, last_png = sys.argv[1:]
application = QgsApplication([], False)
application.initQgis()


def draw(layer, png):
    settings = QgsMapSettings()
    settings.setDestinationCrs(layer.crs())
    extent = layer.extent()
    extent.scale(1.05)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(900, 600))
    settings.setBackgroundColor(QColor("white"))
    settings.setLayers([layer])
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(png)
    return Counter(
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    ).most_common(30)


def legend(layer):
    return [item.label() for item in layer.renderer().legendSymbolItems()]


layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
assert layer.isValid(), "the layer is not valid"
own, ids, names, _, error = layer.listStylesInDatabase()
seen = {
    "styles": names[:own],
    "default": legend(layer),
    "colours": draw(layer, default_png),
    "aliases": {
        field.name(): layer.attributeDisplayName(number)
        for number, field in enumerate(layer.fields())
    },
    "others": {},
}
for number, title in zip(ids, names, strict=True):
    text, error = layer.getStyleFromDatabase(number)
    document = QDomDocument()
    document.setContent(text)
    loaded, error = layer.importNamedStyle(document)
    seen["others"][title] = [loaded, error, legend(layer)]
seen["last"] = draw(layer, last_png)
seen["aliases_after"] = layer.attributeDisplayName(layer.fields().indexOf("idm_skor"))
print(json.dumps(seen))
sys.stdout.flush()
os._exit(0)
