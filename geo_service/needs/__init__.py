"""From the needs of a release to items of the register."""
