"""Letters of the register, with their list of needs attached."""
