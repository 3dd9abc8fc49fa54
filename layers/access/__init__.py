"""Who lives how far from which service, and what would change it (see README.md in this folder).

Import from the modules; ``layers.access.planning.whatif``, ``layers.access.planning.siting`` and
what they need import numpy and scipy only, so that the server may load them.
"""
