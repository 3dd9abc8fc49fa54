"""What can be wrong with a release that is read, or with what it is asked.

ReleaseError (`layers.errors`)
├── ReleaseUnusableError   a release directory is missing, incomplete or not understood
└── MalformedValueError    a value that no property of that type can have
"""

from layers.errors import ReleaseError


class ReleaseUnusableError(ReleaseError):
    """A release directory is missing, incomplete or not understood."""


class MalformedValueError(ReleaseError):
    """A value given to compare with a property is not of the property's type."""
