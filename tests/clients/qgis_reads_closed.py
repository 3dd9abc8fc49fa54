"""Run by the QGIS interpreter: opens a layer that needs a token, in each way that QGIS knows.

Usage: qgis_reads_closed.py BASE_URL TOKEN FOLDER_OF_QGIS
"""
# mypy: ignore-errors

import json
import os
import sys

base, token, folder = sys.argv[1:]
os.environ["QGIS_AUTH_DB_DIR_PATH"] = folder
from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsAuthMethodConfig,
    QgsDataSourceUri,
    QgsVectorLayer,
)

application = QgsApplication([], False)
application.initQgis()


def read_features(query="", **parts):
    """The number of features as declared and as read, five at a time."""
    uri = QgsDataSourceUri()
    for name, value in {"url": f"{base}/{query}", "typename": "desa", **parts}.items():
        uri.setParam(name, value)
    uri.setParam("pageSize", "5")
    uri.setParam("maxNumFeatures", "1000")
    layer = QgsVectorLayer(uri.uri(False), "desa", "OAPIF")
    if not layer.isValid():
        return []
    return [layer.featureCount(), len({feature["kode"] for feature in layer.getFeatures()})]


manager = QgsApplication.authManager()
manager.setMasterPassword("of the test", True)
stored = QgsAuthMethodConfig("Basic")
stored.setName("geo-service")
stored.setConfig("username", "token")
stored.setConfig("password", token)
manager.storeAuthenticationConfig(stored)
seen = {
    "nothing": read_features(),
    "address": read_features(f"?token={token}"),
    "authcfg": read_features(authcfg=stored.id()),
    "wrong": read_features("?token=geo_invented"),
    "methods": sorted(manager.authMethodsKeys()),
}
if "APIHeader" in seen["methods"]:
    header = QgsAuthMethodConfig("APIHeader")
    header.setName("geo-service header")
    header.setConfig("Authorization", f"Bearer {token}")
    manager.storeAuthenticationConfig(header)
    seen["header"] = read_features(authcfg=header.id())
print(json.dumps(seen))
sys.stdout.flush()
os._exit(0)  # QGIS 3.22 crashes in its own teardown without a display
