"""OGC API routes: features, tiles, processes, and the documents that describe them."""
