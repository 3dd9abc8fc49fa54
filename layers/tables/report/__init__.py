"""The join report as a workbook and a page, for the people who keep the tables."""
