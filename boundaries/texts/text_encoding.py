"""In which encoding a text is, where its file does not say so or says it wrongly.

UTF-8 proves itself: text of another encoding that is not plain ASCII is hardly ever valid UTF-8.
What is not UTF-8 is read as the file says, else as Windows-1252, which is what Windows programs in
Indonesia write; that is an assumption, so there is a finding.
"""

import codecs
import re
from collections.abc import Iterable, Sequence

from boundaries.errors import InputUndeclaredError, InputUnreadableError
from boundaries.findings import report

MOJIBAKE = report.declared_kind("text.mojibake")
ODD_SIGNS = report.declared_kind("text.odd_signs")
ENCODING_DEDUCED = report.declared_kind("text.encoding_deduced")

WINDOWS = "cp1252"
DECLARE = 'Declare encoding, such as encoding = "utf-8" or "cp1252".'
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SUSPECT = re.compile("[\xc2-\xf4][^\x00-\x7f]")
_LOST = "\ufffd"
LONGEST_TEXT = 5_000
"""Letters of a cell: a name has at most some sixty, a description at most a page or two."""
_ODD = {
    "tags of HTML": r"</?[A-Za-z][^<>]*>|<!--|&(?:#x?[0-9A-Fa-f]+|lt|gt|amp|quot);",
    "marks of the direction of writing": "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]",
    "control characters": "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]",
    "signs without width": "[\xad\u200b\u2060\ufeff]",
    f"more than {LONGEST_TEXT} letters": rf"[\s\S]{{{LONGEST_TEXT + 1}}}",
}
"""What no name holds, each as an expression that finds it."""
_ANY_ODD = re.compile("|".join(list(_ODD.values())[:-1]))


def find_codec(name: str) -> str | None:
    """The codec that a name stands for (``65001``, ``ANSI 1252``, ``ISO 88591``), None if unknown.

    >>> find_codec("UTF-8"), find_codec("ANSI 1252"), find_codec("88591"), find_codec("Big6")
    ('utf-8', 'cp1252', 'iso8859-1', None)
    """
    text = re.sub(r"^(?:ANSI|OEM|LDID|CP)[\s/-]*", "", name.strip(), flags=re.IGNORECASE)
    text = {"65001": "utf-8", "UTF": "utf-8"}.get(text, text)
    iso = re.fullmatch(r"(?:ISO[\s-]*)?8859[\s-]*(\d{1,2})", text, re.IGNORECASE)
    spellings = (f"iso8859-{iso[1]}",) if iso else (f"cp{text}" if text.isdigit() else text,)
    for spelling in spellings:
        try:
            codec = codecs.lookup(spelling)
            b"a".decode(codec.name)
        except (LookupError, ValueError):
            continue
        return codec.name
    return None


def decode_text(
    content: bytes, label: str, declared: str | None = None
) -> tuple[str, list[report.Finding]]:
    """The text of a file that is text as a whole, without byte order mark.

    Findings
    --------
    text.encoding_deduced
        It is not UTF-8, and was read as Windows-1252 (note).

    Raises
    ------
    InputUndeclaredError
        It is not in the declared encoding.
    InputUnreadableError
        It is no text.
    """
    if declared is not None:
        try:
            return content.decode(declared).removeprefix("\ufeff"), []
        except (UnicodeError, LookupError) as error:
            raise InputUndeclaredError(
                f"{label}: not in the declared encoding {declared} ({error})."
            ) from error
    mark = next((codec for start, codec in _MARKS if content.startswith(start)), None)
    try:
        return content.decode(mark or "utf-8"), []
    except UnicodeDecodeError:
        pass
    try:
        if b"\0" in content:
            raise UnicodeError("NUL")
        text = content.decode(WINDOWS)
    except UnicodeError as error:
        raise InputUnreadableError(f"{label}: not a text file in UTF-8. {DECLARE}") from error
    message = f"The text is not UTF-8; it was read as Windows-1252. If names look wrong: {DECLARE}"
    return text, [ENCODING_DEDUCED.finding(message, file=label)]


def meant_by(text: str) -> str | None:
    """What a text was before a program read its UTF-8 as Windows-1252 and saved that; else None.

    >>> meant_by("WaÃ« Riâ€™i"), meant_by("Waë Ri’i"), meant_by("Oesao")
    ('Waë Ri’i', None, None)
    """
    if _SUSPECT.search(text) is None:
        return None
    try:
        # Windows-1252 has five gaps; programs let these bytes pass as they are.
        raw = b"".join(
            bytes([ord(sign)]) if ord(sign) < 256 else sign.encode(WINDOWS) for sign in text
        )
        return raw.decode("utf-8")
    except UnicodeError:
        return None


def check_texts(
    columns: Iterable[Sequence[object]], rows: Sequence[int], label: str
) -> list[report.Finding]:
    """Texts that were spoilt before they came here, or hold what no name holds.

    They are used as they stand: pages show tags as text, and keep each name in its own direction.

    Findings
    --------
    text.odd_signs
        Tags of HTML, marks of direction, control characters, signs without width, or far too many
        letters (warning, once a file and kind); ``measure`` is the number of such texts.
    text.mojibake
        UTF-8 that a program took for Windows-1252, or signs that are lost (warning, once a file
        with the first row); ``measure`` is the number of such texts.
    """
    written = [
        (row, text)
        for texts in columns
        for row, text in zip(rows, texts, strict=True)
        if isinstance(text, str)
    ]
    return [*_check_encoding(written, label), *_check_signs(written, label)]


def _check_signs(written: list[tuple[int, str]], label: str) -> list[report.Finding]:
    """One finding for each kind of what no name holds, with the first text that holds it."""
    suspects = [
        (row, text)
        for row, text in written
        if len(text) > LONGEST_TEXT or _ANY_ODD.search(text) is not None
    ]
    findings = []
    for kind, pattern in _ODD.items():
        odd = [(row, text) for row, text in suspects if re.search(pattern, text) is not None]
        if odd:
            row, text = min(odd)
            message = (
                f"{len(odd)} texts hold {kind}, such as {text[:60]!r}. They are used as they "
                "stand; take these signs out at the source."
            )
            findings.append(
                ODD_SIGNS.finding(
                    message, file=label, row=row, value=repr(text[:60]), measure=len(odd)
                )
            )
    return findings


def _check_encoding(written: list[tuple[int, str]], label: str) -> list[report.Finding]:
    spoilt = [
        (row, text)
        for row, text in written
        if not text.isascii() and (_LOST in text or meant_by(text) is not None)
    ]
    if not spoilt:
        return []
    row, text = min(spoilt)
    meant = meant_by(text)
    reason = f"was probably '{meant}'" if meant else "has lost letters"
    message = (
        f"{len(spoilt)} texts were spoilt by a wrong encoding before: '{text}' {reason}. They are "
        f"used as they stand. Mend them at the source, or, if this file reads so: {DECLARE}"
    )
    return [
        MOJIBAKE.finding(
            message,
            file=label,
            row=row,
            value=text,
            measure=len(spoilt),
        )
    ]
