"""From computed layers to a release directory and its publication (see README.md here)."""
