"""Splits, merges and recodes of wilayah, and when a code was valid."""
