"""Plain functions, one module a kind of resource; ``geo_service.app`` wires them."""
