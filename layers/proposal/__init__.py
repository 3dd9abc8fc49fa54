"""What ``init`` writes: each file of a folder proposed for the section that fits it."""
