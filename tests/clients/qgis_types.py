"""Run by the QGIS interpreter: the types that QGIS sees of layers of a server, as JSON.

Usage: qgis_types.py BASE_URL LAYER...
"""
# mypy: ignore-errors

import json
import os
import sys

from qgis.core import QgsApplication, QgsDataSourceUri, QgsVectorLayer

base, *collections = sys.argv[1:]
application = QgsApplication([], False)
application.initQgis()


def types_of(collection):
    uri = QgsDataSourceUri()
    uri.setParam("url", base + "/")
    uri.setParam("typename", collection)
    layer = QgsVectorLayer(uri.uri(False), collection, "OAPIF")
    if not layer.isValid():
        return {"error": layer.dataProvider().error().message()}
    return {field.name(): field.typeName().lower() for field in layer.fields()}


print(json.dumps({collection: types_of(collection) for collection in collections}))
sys.stdout.flush()
os._exit(0)  # QGIS 3.22 crashes in its own teardown without a display
