"""Budget lines: activities, amounts, sources, earmarks."""
