"""Layers that are not for everybody: tokens, what they open, and a release without the rest."""
