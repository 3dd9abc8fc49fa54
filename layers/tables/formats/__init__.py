"""What workbooks know of a cell beside its value: number formats, formulas, errors."""
