"""Rows to desa: by code or by name, with a reason for each that is not used."""
