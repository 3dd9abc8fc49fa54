"""Points (see the README of the package)."""
