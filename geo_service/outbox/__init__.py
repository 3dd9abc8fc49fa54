"""Word gets out: who is told of what happens in the register, by mail, webhook and calendar."""
