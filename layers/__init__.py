"""From boundaries and tables to a published release (see README.md in this folder)."""
