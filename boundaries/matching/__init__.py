"""Names to codes, with every open question left to a decision."""
