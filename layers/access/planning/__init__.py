"""What new facilities would change and where they should stand."""
