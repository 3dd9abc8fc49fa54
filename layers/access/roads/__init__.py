"""Roads as a graph, who joins it where, and what is reached first."""
