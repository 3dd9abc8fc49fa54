"""What becomes of each need: items, their events, who may make which step (see README.md)."""
