"""``python -m geo_service``: the same as the command ``geo-service``."""

from geo_service.cli.main import main

main()
