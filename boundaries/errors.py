"""Exceptions of the boundaries stage: use and environment, never data (that is a finding).

BoundariesError
├── InputMissingError      the declared file does not exist
├── InputUnreadableError   the file exists but is not what it claims to be
├── InputUndeclaredError   something must be said in wilayah.toml first (CRS, column, layer)
└── CodeSystemError        the codes contradict the declared code system
"""

from __future__ import annotations


class BoundariesError(Exception):
    """Base of all exceptions of this folder; the message says what to do."""


class InputMissingError(BoundariesError):
    """The declared file does not exist."""


class InputUnreadableError(BoundariesError):
    """The file exists but cannot be read as the format its name claims."""


class InputUndeclaredError(BoundariesError):
    """The workspace must first say something the file does not (CRS, column, layer)."""


class CodeSystemError(BoundariesError):
    """The codes in the file contradict the code system declared for it."""
