"""Reading and repairing the tables that offices send (see README.md in this folder)."""
