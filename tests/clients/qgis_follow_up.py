"""Run by the QGIS interpreter: what QGIS sees of the collection ``tindak-lanjut``, as JSON.

Usage: qgis_follow_up.py BASE_URL CSV_FILE
"""
# mypy: ignore-errors

import json
import os
import sys

from qgis.core import QgsApplication, QgsDataSourceUri, QgsFeatureRequest, QgsVectorLayer

base, table = sys.argv[1:]
application = QgsApplication([], False)
application.initQgis()

uri = QgsDataSourceUri()
uri.setParam("url", base + "/")
uri.setParam("typename", "tindak-lanjut")
layer = QgsVectorLayer(uri.uri(False), "tindak-lanjut", "OAPIF")
refused = QgsFeatureRequest().setFilterExpression("\"keadaan\" = 'refused'")
extent = layer.extent()
rows = QgsVectorLayer(
    f"file://{table}?type=csv&xField=lon&yField=lat&crs=EPSG:4326&detectTypes=yes",
    "table",
    "delimitedtext",
)
seen = {
    "is_valid": layer.isValid(),
    "ids": sorted(feature["id"] for feature in layer.getFeatures()),
    "refused": sorted(feature["id"] for feature in layer.getFeatures(refused)),
    "points": sum(feature.hasGeometry() for feature in layer.getFeatures()),
    "extent": [extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum()],
    "types": {field.name(): field.typeName().lower() for field in layer.fields()},
    "table": sorted(feature["id"] for feature in rows.getFeatures()),
    "table_points": sum(feature.hasGeometry() for feature in rows.getFeatures()),
}
print(json.dumps(seen))
sys.stdout.flush()
os._exit(0)  # QGIS 3.22 crashes in its own teardown without a display
