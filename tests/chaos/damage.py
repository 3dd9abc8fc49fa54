"""Files that were whole before they were damaged, as strategies of Hypothesis."""

from __future__ import annotations

import io
import zipfile

from hypothesis import strategies as st

_EXTREMES = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1]
Edit = tuple[str, float, int, bytes]
EDITS: st.SearchStrategy[Edit] = st.tuples(
    st.sampled_from(["byte", "number", "insert", "remove", "repeat", "cut"]),
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.integers(0, 255), st.sampled_from(_EXTREMES)),
    st.binary(max_size=12),
)


def damage(whole: bytes, edits: list[Edit]) -> bytes:
    """The bytes after some edits, each at a share of their length."""
    content = bytearray(whole)
    for act, share, number, text in edits:
        place = int(share * len(content))
        length = number % 64
        if act == "byte":
            content[place : place + 1] = bytes([number & 0xFF])
        elif act == "number":
            content[place : place + 4] = (number & 0xFFFFFFFF).to_bytes(4, "little")
        elif act == "insert":
            content[place:place] = text
        elif act == "remove":
            del content[place : place + length]
        elif act == "repeat":
            content[place:place] = content[place : place + length] * (length % 5)
        elif share > 0.5:
            del content[place:]
    return bytes(content)


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """A file, damaged in a few places."""
    return st.builds(damage, st.just(whole), st.lists(EDITS, max_size=4))


def damaged_inside(whole: bytes) -> st.SearchStrategy[bytes]:
    """An archive of which one member is damaged, packed again as if it were sound."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def pack(name: str, edits: list[Edit]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, damage(content, edits) if member == name else content)
        return stream.getvalue()

    return st.builds(
        pack, st.sampled_from(sorted(members)), st.lists(EDITS, min_size=1, max_size=4)
    )
