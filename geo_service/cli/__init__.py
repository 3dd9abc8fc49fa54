"""The command line; each command imports its stage when it runs."""
