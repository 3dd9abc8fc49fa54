"""The kinds of findings of this package: declarations in TOML, and their way into code."""
