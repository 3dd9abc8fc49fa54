"""Pages of the register, below ``/rumah``: loaded only where a register is set (see README.md)."""
