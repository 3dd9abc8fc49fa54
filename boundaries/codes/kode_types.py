"""One code of one wilayah: `KodeKemendagri` and `KodeBps`, two types that never compare equal."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal, Self

Level = Literal["provinsi", "kabupaten", "kecamatan", "desa"]
LEVELS: tuple[Level, ...] = ("provinsi", "kabupaten", "kecamatan", "desa")

JENIS = {"1": "kelurahan", "2": "desa", "3": "desa adat"}


class CodeSystem(StrEnum):
    """Who numbered the wilayah; declared for every input, never guessed."""

    KEMENDAGRI = "kemendagri"
    BPS = "bps"


class CodeError(ValueError):
    """A value is not one code of the system and level asked for.

    Parameters
    ----------
    reason
        Short slug of the kind of fault, one of those listed in ``boundaries/CODES.md``.
    message
        One sentence for the person who must mend the data.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, order=True, slots=True)
class Kode:
    """What both systems share: digits in parts of fixed width, each longer code inside a shorter.

    Parameters
    ----------
    digits
        The code without dots; its length says its level.
    """

    digits: str

    system: ClassVar[CodeSystem]
    widths: ClassVar[tuple[int, int, int, int]]
    ends: ClassVar[tuple[int, int, int, int]]
    pattern: ClassVar[re.Pattern[str]]

    def __post_init__(self) -> None:
        if not isinstance(self.digits, str) or not self.pattern.fullmatch(self.digits):
            raise CodeError("not_a_code", f"{self.digits!r} is not a code of {self.system.value}.")

    @classmethod
    def parse(cls, text: object) -> Self:
        """The code that the text or whole number spells, with or without dots.

        Spaces around it and a trailing dot are ignored; nothing else is repaired
        (`read_code_column` does that, with a log).

        Raises
        ------
        CodeError
            The text is not one code of this system.
        """
        if isinstance(text, bool) or not isinstance(text, str | int):
            raise CodeError("not_a_code", f"{text!r} is not text.")
        stripped = str(text).strip().rstrip(". \u00a0")
        parts = stripped.split(".")
        if len(parts) > 1 and tuple(map(len, parts)) != cls.widths[: len(parts)]:
            raise CodeError(
                "not_a_code", f"{text!r}: dots are not where {cls.system.value} has them."
            )
        return cls("".join(parts))

    @classmethod
    def trusted(cls, digits: str) -> Self:
        """The code of digits already known to match ``pattern``: not checked again, for speed."""
        code = object.__new__(cls)
        object.__setattr__(code, "digits", digits)
        return code

    @classmethod
    def length_of(cls, level: Level) -> int:
        """How many digits a code of that level has."""
        return cls.ends[LEVELS.index(level)]

    @property
    def level(self) -> Level:
        """What kind of wilayah the code names."""
        return LEVELS[self.ends.index(len(self.digits))]

    @property
    def parent(self) -> Self | None:
        """The code one level up **as written in this code**; None for a provinsi.

        Codes move, and old ones stay under a new provinsi: where the source has a column for the
        parent, that column counts and not this.
        """
        depth = self.ends.index(len(self.digits))
        return self.trusted(self.digits[: self.ends[depth - 1]]) if depth else None

    @property
    def provinsi(self) -> Self:
        """The provinsi written in the code."""
        return self.trusted(self.digits[:2])

    @property
    def kabupaten(self) -> Self | None:
        """The kabupaten or kota written in the code; None for a provinsi."""
        return self._cut(1)

    @property
    def kecamatan(self) -> Self | None:
        """The kecamatan written in the code; None above that level."""
        return self._cut(2)

    def _cut(self, depth: int) -> Self | None:
        end = self.ends[depth]
        return self.trusted(self.digits[:end]) if len(self.digits) >= end else None

    def __str__(self) -> str:
        return self.digits


@dataclass(frozen=True, order=True, slots=True)
class KodeKemendagri(Kode):
    """A code of the Ministry of Home Affairs: ``PP.KK.CC.DDDD``, 2, 4, 6 or 10 digits.

    The seventh digit of a desa code says its ``jenis``: 1 kelurahan, 2 desa, 3 desa adat; any
    other makes it no code of this system.

    Source
    ------
    Permendagri 58/2021 and its yearly code lists (Kepmendagri 300.2.2-2430/2025).

    Example
    -------
    >>> KodeKemendagri.parse("53.06.13.2001").jenis
    'desa'
    >>> KodeKemendagri.parse("5306").dotted
    '53.06'
    """

    system: ClassVar[CodeSystem] = CodeSystem.KEMENDAGRI
    widths: ClassVar[tuple[int, int, int, int]] = (2, 2, 2, 4)
    ends: ClassVar[tuple[int, int, int, int]] = (2, 4, 6, 10)
    pattern: ClassVar[re.Pattern[str]] = re.compile(
        r"[1-9][1-9](?:(?!00)[0-9]{2}(?:(?!00)[0-9]{2}(?:[123][0-9]{3})?)?)?"
    )

    @property
    def dotted(self) -> str:
        """The code as officially written, such as ``53.06.13.2001``."""
        return dot_kemendagri(self.digits)

    @property
    def jenis(self) -> str | None:
        """``kelurahan``, ``desa`` or ``desa adat``; None above the level of desa."""
        return JENIS[self.digits[6]] if len(self.digits) == 10 else None

    def __str__(self) -> str:
        return self.dotted


@dataclass(frozen=True, order=True, slots=True)
class KodeBps(Kode):
    """A code of the statistics office: 2, 4, 7 or 10 digits, written without dots.

    Source
    ------
    Peraturan Kepala BPS on kode dan nama wilayah kerja statistik (2 + 2 + 3 + 3 digits).

    Example
    -------
    >>> KodeBps.parse(5306012001).kecamatan
    KodeBps(digits='5306012')
    """

    system: ClassVar[CodeSystem] = CodeSystem.BPS
    widths: ClassVar[tuple[int, int, int, int]] = (2, 2, 3, 3)
    ends: ClassVar[tuple[int, int, int, int]] = (2, 4, 7, 10)
    pattern: ClassVar[re.Pattern[str]] = re.compile(
        r"[1-9][1-9](?:(?!00)[0-9]{2}(?:(?!000)[0-9]{3}(?:(?!000)[0-9]{3})?)?)?"
    )


def kode_type(system: CodeSystem) -> type[KodeKemendagri] | type[KodeBps]:
    """The type of the codes of a system; text that names none is refused."""
    return KodeKemendagri if CodeSystem(system) is CodeSystem.KEMENDAGRI else KodeBps


def dot_kemendagri(digits: str) -> str:
    """The digits of a Kemendagri code with its dots.

    Example
    -------
    >>> dot_kemendagri("530613")
    '53.06.13'
    """
    if len(digits) == 10:
        return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"
    parts = (digits[:2], digits[2:4], digits[4:6], digits[6:])
    return ".".join(part for part in parts if part)
