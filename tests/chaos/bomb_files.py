"""What harmful files of several kinds are made of, and the sections that declare them.

A writer fills a folder and gives back the sections of ``wilayah.toml`` that declare its file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

TABLE = """[[tables]]
id = "bom"
path = "{name}"
code_system = "kemendagri"
code_column = "kode"
year = 2024
columns = {{ "nilai" = "idm_skor" }}
"""
BOUNDARY = """[[boundaries]]
path = "{name}"
code_system = "kemendagri"
code_column = "kode"
"""
POPULATION = '[population]\npath = "{name}"\nyear = 2024\n'
ROADS = '[[roads]]\npath = "{name}"\nclass_column = "kelas"\n'
NAMES = """[[names]]
path = "{name}"
code_system = "kemendagri"
code_column = "kode"
name_column = "nama"
"""
KML = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KODE = "53.06.01.2001"

Writer = Callable[[Path], str]


def write(path: Path, content: str | bytes, section: str) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return section.format(name=path.name)
