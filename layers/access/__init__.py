"""Who lives how far from which service, and what would change it (see README.md in this folder).

Import from the modules; ``layers.access.whatif``, ``layers.access.siting`` and what they need
import numpy and scipy only, so that the server may load them.
"""
