"""CQL2 filters: parsed by a library, evaluated over the columns of a layer."""
