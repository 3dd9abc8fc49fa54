"""Numbers, rupiah and coordinates out of what people type."""
