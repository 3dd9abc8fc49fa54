"""Where each value comes from: exactly the inputs, files and rows that made it."""
