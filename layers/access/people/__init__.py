"""People in cells: shared between desa, put on official totals, counted by reach."""
