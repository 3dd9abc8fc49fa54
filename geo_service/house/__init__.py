"""The register on the web below ``/rumah``: people, their forms, what they see (see README.md)."""
