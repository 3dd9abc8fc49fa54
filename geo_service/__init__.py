"""Bytes over HTTP: a read-only server over release directories (see README.md in this folder)."""
