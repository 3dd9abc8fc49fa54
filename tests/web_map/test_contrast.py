"""Every class stands out from its neighbours, from the border and from what has no value.

Neighbouring steps of a ramp cannot have 3:1 between them (five steps would need 81:1), so
WCAG 1.4.11 is met by the border: white under ink, one of which has 3:1 with any fill, and by
texture for what has no value.  Steps must still differ clearly, also to eyes that miss red or
green.
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

import web_map.drawing.choropleth as choropleth
from layers.columns.catalogue import RAMPS
from layers.release.class_styles import spread_colours
from web_map.drawing.classes import COLOURS, MOST_CLASSES
from web_map.house.response import response
from web_map.views.area_views import FALLBACK_RAMP

AA_GRAPHICS = 3.0
RAMP_LIST = sorted({tuple(ramp) for ramp in (*RAMPS.values(), FALLBACK_RAMP)})
# Machado et al. 2009, severity 1.0, on linear RGB.
BLIND = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast ratio.  Source: WCAG 2.2, relative luminance and contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab (D65) of linear RGB."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    scaled = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, eyes: str | None) -> float:
    """Distance in Lab, as seen with full colour or without red or green."""
    matrix = np.eye(3) if eyes is None else np.array(BLIND[eyes])
    return float(np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(other))))


@pytest.mark.parametrize("ramp", RAMP_LIST)
def test_a_border_stands_out_from_every_class(ramp: tuple[str, ...]) -> None:
    for colour in ramp:
        best = max(contrast(colour, choropleth.INK), contrast(colour, choropleth.PAPER))
        assert best >= AA_GRAPHICS, colour


@pytest.mark.parametrize("eyes", [None, "protan", "deutan"])
@pytest.mark.parametrize("ramp", RAMP_LIST)
def test_neighbouring_classes_are_told_apart(ramp: tuple[str, ...], eyes: str | None) -> None:
    for one, other in pairwise(ramp):
        assert apart(one, other, eyes) >= 9, (one, other)


@pytest.mark.parametrize("count", range(2, MOST_CLASSES + 1))
@pytest.mark.parametrize("ramp", RAMP_LIST)
def test_a_ramp_of_another_length_keeps_its_steps_apart(ramp: tuple[str, ...], count: int) -> None:
    for one, other in pairwise(spread_colours(ramp, count)):
        assert apart(one, other, None) >= 9, (one, other)


def test_the_nine_classes_of_both_are_told_apart() -> None:
    colours = [colour for row in COLOURS for colour in row]
    for at, one in enumerate(colours):
        for other in colours[at + 1 :]:
            assert apart(one, other, None) >= 9, (one, other)


@pytest.mark.parametrize("eyes", [None, "protan", "deutan"])
def test_states_of_response_are_told_apart(eyes: str | None) -> None:
    for one, other in combinations(response.COLOURS.values(), 2):
        assert apart(one, other, eyes) >= 15, (one, other)
        assert max(contrast(one, choropleth.INK), contrast(one, choropleth.PAPER)) >= AA_GRAPHICS


def strokes() -> dict[str, str]:
    """The ink of each mark of what has no value."""
    found = re.findall(r'<pattern id="p-(\w+)".*?</pattern>', choropleth.pattern_definitions())
    drawn = re.split(r'<pattern id="p-\w+"', choropleth.pattern_definitions())[1:]
    inks = [re.findall(r'(?:stroke|fill)="(#[0-9a-f]{6})"', one)[-1] for one in drawn]
    return dict(zip(found, inks, strict=True))


def test_each_mark_is_seen_on_its_ground() -> None:
    inks = strokes()
    assert set(inks) >= {"no_data", "unreachable", "not_applicable"}
    for ink in inks.values():
        assert contrast(ink, choropleth.PAPER) >= AA_GRAPHICS


def test_the_marks_of_the_live_map_have_the_inks_of_the_drawing() -> None:
    source = (Path(choropleth.__file__).parents[2] / "web_map/src/live/marks.ts").read_text()
    for ink in strokes().values():
        assert ink in source


def test_facilities_stand_out_from_their_rim_and_the_ground() -> None:
    assert contrast(choropleth.PLACE, choropleth.PAPER) >= AA_GRAPHICS
