"""What is observed about the data: kinds of findings, the report, how it is read."""
