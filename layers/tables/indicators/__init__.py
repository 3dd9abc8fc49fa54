"""Indicator values joined to desa: keys, years, sums, hidden counts."""
