"""Exceptions of the boundaries stage: use and environment, never data (that is a finding).

BoundariesError
├── InputMissingError      the declared file does not exist
├── InputUnreadableError   the file exists but is not what it claims to be
├── InputBeyondLimitError  reading it would take more than one input may; holds the finding
├── InputUndeclaredError   something must be said in wilayah.toml first (CRS, column, layer)
│   └── NothingInScopeError    no polygon has a code of the scope; holds the codes to decide
└── CodeSystemError        the codes contradict the declared code system
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boundaries.findings.report import Finding
    from boundaries.matching.matching import Proposal


class BoundariesError(Exception):
    """Base of all exceptions of this folder; the message says what to do."""


class InputMissingError(BoundariesError):
    """The declared file does not exist."""


class InputUnreadableError(BoundariesError):
    """The file exists but cannot be read as the format its name claims."""


class InputBeyondLimitError(BoundariesError):
    """Reading an input, or working on it, would take more than one input may; see the finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding

    def __str__(self) -> str:
        """The finding as one message."""
        return ": ".join(filter(None, (self.finding.file, self.finding.message)))


class InputUndeclaredError(BoundariesError):
    """The workspace must first say something the file does not (CRS, column, layer)."""


class NothingInScopeError(InputUndeclaredError):
    """No polygon has a code of the scope.

    Parameters
    ----------
    proposals
        Codes of polygons that a person may decide in ``matches.csv``, by input.
    elsewhere
        The kabupaten (dotted) that the codes are of.
    """

    def __init__(
        self,
        message: str,
        proposals: Mapping[str, tuple[Proposal, ...]],
        elsewhere: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.proposals = proposals
        self.elsewhere = elsewhere

    def __reduce__(self) -> tuple[type[NothingInScopeError], tuple[object, ...]]:
        """All arguments, so that it comes out of another process whole."""
        return type(self), (*self.args, self.proposals, self.elsewhere)


class CodeSystemError(BoundariesError):
    """The codes in the file contradict the code system declared for it."""
