"""What findings and places are called."""
