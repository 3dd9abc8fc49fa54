"""Reading and repairing the tables that offices send (see README.md in this folder)."""

from layers.tables.join import TableResult, join_table
from layers.tables.places import Places
from layers.tables.records import Aids
from layers.tables.sheets import Sheet, read_sheet

__all__ = ["Aids", "Places", "Sheet", "TableResult", "join_table", "read_sheet"]
