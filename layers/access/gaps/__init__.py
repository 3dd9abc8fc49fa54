"""Which desa are farther from a service than its norm, and the people behind each gap."""
