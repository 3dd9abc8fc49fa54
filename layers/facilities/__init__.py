"""Places of service: lists read and checked, kinds, positions, twins."""
