"""Which release answers a request, and its tiles."""
