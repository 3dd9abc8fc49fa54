"""Exceptions of the layers stage: use and environment, never data (that is a finding).

LayersError
├── WorkspaceError     wilayah.toml is missing, malformed or has an unknown key
├── DefinitionError    a definition file is malformed
├── InputError         a declared input is missing, unreadable or lacks a column
│   └── ChangedInputError  an input changed while it was being read
├── ReleaseError       a release directory is missing, incomplete or altered
└── BlockedError       the data has findings of severity error; nothing was published
"""


class LayersError(Exception):
    """Base of all exceptions of this folder; the message says what to do."""


class WorkspaceError(LayersError):
    """The workspace's wilayah.toml is missing, malformed or has an unknown key."""


class DefinitionError(LayersError):
    """A definition file is malformed."""


class InputError(LayersError):
    """A declared input is missing, unreadable or lacks a declared column."""


class ChangedInputError(InputError):
    """An input changed between the moment it was hashed and the last time it was read."""


class ReleaseError(LayersError):
    """A release directory is missing, incomplete or altered."""


class BlockedError(LayersError):
    """The data has findings of severity ``error``; nothing was published."""
