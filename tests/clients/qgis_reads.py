"""Run by the QGIS interpreter: opens layers of a server and prints what it sees as JSON.

Usage: qgis_reads.py BASE_URL STYLE_URL TILE_TEMPLATE FGB_URL GPKG_URL
"""
# mypy: ignore-errors

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsDataSourceUri,
    QgsFeatureRequest,
    QgsMapBoxGlStyleConverter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize

base, style, template, fgb, gpkg = sys.argv[1:]
application = QgsApplication([], False)
application.initQgis()


def open_features(collection):
    uri = QgsDataSourceUri()
    uri.setParam("url", base + "/")
    uri.setParam("typename", collection)
    return QgsVectorLayer(uri.uri(False), collection, "OAPIF")


def describe(layer):
    if not layer.isValid():
        return {"error": layer.error().message() or layer.dataProvider().error().message()}
    extent = layer.extent()
    return {
        "count": layer.featureCount(),
        "kodes": sorted(feature["kode"] for feature in layer.getFeatures()),
        "types": {field.name(): field.typeName() for field in layer.fields()},
        "crs": layer.crs().authid(),
        "geometry": layer.wkbType(),
        "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
    }


desa = open_features("desa")
box = QgsFeatureRequest().setFilterRect(QgsRectangle(121.001, -8.499, 121.019, -8.481))
tile_uri = QgsDataSourceUri()
for name, value in {"type": "xyz", "url": template, "zmin": "0", "zmax": "12"}.items():
    tile_uri.setParam(name, value)
tiles = QgsVectorTileLayer(bytes(tile_uri.encodedUri()).decode(), "tiles")

import urllib.request  # noqa: E402

converter = QgsMapBoxGlStyleConverter()
with urllib.request.urlopen(style) as answer:
    converted = converter.convert(json.load(answer))
tiles.setRenderer(converter.renderer())

settings = QgsMapSettings()
settings.setLayers([tiles])
settings.setDestinationCrs(tiles.crs())
settings.setOutputSize(QSize(400, 200))
settings.setExtent(QgsRectangle(13469650, -949700, 13486350, -941300))
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
colours = {
    image.pixelColor(x, y).name() for x in range(0, image.width(), 4) for y in range(0, 200, 4)
}

print(
    json.dumps(
        {
            "desa": describe(desa),
            "boxed": sorted(feature["kode"] for feature in desa.getFeatures(box)),
            "facilities": describe(open_features("facilities")),
            "fgb": describe(QgsVectorLayer("/vsicurl/" + fgb, "fgb", "ogr")),
            "gpkg": describe(QgsVectorLayer("/vsicurl/" + gpkg + "|layername=desa", "gpkg", "ogr")),
            "tiles": tiles.isValid(),
            "style": [int(converted), len(converter.renderer().styles()), converter.warnings()],
            "colours": sorted(colours),
        }
    )
)
sys.stdout.flush()
import os  # noqa: E402

os._exit(0)  # QGIS 3.22 crashes in its own teardown without a display
