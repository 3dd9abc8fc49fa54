"""What reading one input may cost, and the process in which it is read."""
