"""Field cases: small inputs found in the field, run whole, with what is expected of each."""
