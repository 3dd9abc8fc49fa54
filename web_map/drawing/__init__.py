"""Maps, legends and plots as SVG, and the sheet of a picture."""
