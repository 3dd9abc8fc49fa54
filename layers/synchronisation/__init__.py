"""Demand meets supply: which desa needs which basic service, who pays for it, who acts next."""
