"""Answers that take work, made outside the process that holds the connections."""
