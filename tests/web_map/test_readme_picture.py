"""The picture of the README is there, and small."""

from __future__ import annotations

from tests.web_map.readme_picture import MOST_BYTES, PICTURE, SIZE


def test_the_picture_of_the_readme_is_small() -> None:
    content = PICTURE.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = (int.from_bytes(content[start : start + 4]) for start in (16, 20))
    assert (width, height) == SIZE
    assert len(content) <= MOST_BYTES
    text = (PICTURE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert f"(web_map/{PICTURE.name})" in text
