"""``wilayah.toml``: its sections, reading it, and the files it declares."""
