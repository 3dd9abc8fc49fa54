"""Programmes and proposals, and the places that they name."""
