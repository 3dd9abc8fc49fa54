"""What the processes are asked and answer, as JSON Schema: no arrays are read for it.

The shape is that of OGC API - Processes - Part 1: Core 1.0 (18-062r2, December 2021), section 7.10.
Needs the standard library only, so a server can describe what it does not yet need to do.
"""

from typing import Any

Schema = dict[str, Any]

NEW_FACILITY, SITING = "new-facility", "siting"
MOST_POINTS = 5
MOST_CANDIDATES = 500
MOST_SITES = 20
METHODS = ("straight_line",)
GOALS = ("cover", "distance")
EFFORTS = ("prove", "explore")


def describe_processes(kinds: tuple[str, ...]) -> tuple[Schema, ...]:
    """Descriptions of both processes, for the kinds of facility that are known."""
    kind = _input("Kind of facility", {"type": "string", "enum": list(kinds)})
    method = _input(
        "How distance is measured", {"type": "string", "enum": list(METHODS)}, METHODS[0]
    )
    return (
        _describe(
            NEW_FACILITY,
            "What new facilities would change",
            "People within the norm and gaps of desa, before and after, in a straight line.",
            {"kind": kind, "points": _input("Places", _places(MOST_POINTS)), "method": method},
            _CHANGE,
        ),
        _describe(
            SITING,
            "Where new facilities should stand",
            "The best of the candidate places: most people newly within the norm (cover), or "
            "least distance summed over people (distance); where no population raster was given, "
            "desa are counted instead of people.",
            {
                "kind": kind,
                "number": _input(
                    "How many to choose", {"type": "integer", "minimum": 1, "maximum": MOST_SITES}
                ),
                "goal": _input("What is best", _one_of(GOALS), GOALS[0]),
                "effort": _input(
                    "prove: HiGHS, with the gap stated, within a time limit; explore: greedy "
                    "choice with swaps, at once",
                    _one_of(EFFORTS),
                    EFFORTS[0],
                ),
                "candidates": _optional(
                    "Places to choose from; none: origins of desa and the most populated cells",
                    _places(MOST_CANDIDATES),
                ),
                "bbox": _optional("Propose candidates in this box only", _BOX),
                "decided": _optional(
                    "New facilities already decided; the answer is what comes on top",
                    _places(MOST_POINTS),
                ),
            },
            _SITES,
        ),
    )


def _one_of(values: tuple[str, ...]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _places(most: int) -> Schema:
    pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    return {
        "type": "array",
        "items": pair | {"description": "lon, lat in degrees (CRS84)"},
        "minItems": 1,
        "maxItems": most,
    }


def _input(title: str, schema: Schema, default: str | None = None) -> Schema:
    if default is None:
        return {"title": title, "schema": schema}
    return _optional(title, schema | {"default": default})


def _optional(title: str, schema: Schema) -> Schema:
    return {"title": title, "minOccurs": 0, "schema": schema}


def _describe(
    name: str, title: str, description: str, inputs: dict[str, Schema], result: Schema
) -> Schema:
    return {
        "id": name,
        "version": "1.0.0",
        "title": title,
        "description": description,
        "jobControlOptions": ["sync-execute"],
        "outputTransmission": ["value"],
        "inputs": inputs,
        "outputs": {"result": {"title": title, "schema": result}},
    }


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _text(description: str, *, nullable: bool = False) -> Schema:
    return {"type": "string", "description": description, **_null(nullable)}


def _number(description: str, *, nullable: bool = False) -> Schema:
    return {"type": "number", "description": description, **_null(nullable)}


def _whole(description: str, *, nullable: bool = False) -> Schema:
    return {"type": "integer", "description": description, **_null(nullable)}


def _null(nullable: bool) -> Schema:
    return {"nullable": True} if nullable else {}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_BOX = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 4,
    "description": "west, south, east, north in degrees (CRS84)",
}
_POINT = {
    "lon": _number("degrees"),
    "lat": _number("degrees"),
    "kode": _text("desa in which it stands; null outside every desa", nullable=True),
    "nama": _text("name of that desa", nullable=True),
}
_PEOPLE = _object(
    total=_number("people"),
    known_desa=_whole("desa whose people are counted; null: not written down", nullable=True),
    total_desa=_whole("all desa of the release"),
    covered_before=_number("within the norm now; null: no facility is known", nullable=True),
    covered_after=_number("people within the norm then"),
    newly_covered=_number("people; null: no facility is known now", nullable=True),
    mean_distance_before_m=_number("null: no facility is known", nullable=True),
    mean_distance_after_m=_number("metres", nullable=True),
)
_GAPS = _object(
    known_desa=_whole("desa with a known origin"),
    total_desa=_whole("all desa of the release; gaps are those of the known ones"),
    before=_whole("desa beyond the norm now; null: no facility is known", nullable=True),
    after=_whole("desa beyond the norm then"),
    closed=_whole("desa known to be beyond the norm now that come within it"),
    first_known=_whole("desa of unknown distance now; none of them is a gap that closes"),
)
_STATUS = {"type": "string", "enum": ["ok", "gap", "no_data"]}
_DESA = _object(
    kode=_text("code of the desa"),
    nama=_text("its name", nullable=True),
    distance_before_m=_number("null: no facility is known", nullable=True),
    distance_after_m=_number("metres"),
    gap_before_m=_number("metres beyond the norm", nullable=True),
    gap_after_m=_number("metres beyond the norm"),
    status_before=_STATUS,
    status_after=_STATUS,
)
_EFFECT = {
    "kind": _text("kind of facility"),
    "method": {"type": "string", "enum": list(METHODS)},
    "norm_m": _number("metres"),
    "people": _PEOPLE | {"nullable": True, "description": "null: no population raster was given"},
    "gaps": _GAPS,
    "desa_changed": _whole("desa that come nearer to a facility"),
    "desa": _list(_DESA),
}
_CHANGE = _object(**_EFFECT, points=_list(_object(**_POINT)))
_SITES = _object(
    **_EFFECT,
    sites=_list(
        _object(
            **_POINT,
            candidate=_whole("row of the candidates, from 0"),
            source={"type": "string", "enum": ["given", "desa", "cell"]},
            gain=_number("what it adds to the sites before it"),
        )
    ),
    goal=_one_of(GOALS),
    gain=_number("what all sites together gain"),
    gain_unit={"type": "string", "enum": ["people", "people x m", "desa", "desa x m"]},
    solver={"type": "string", "enum": ["highs", "greedy_swap"]},
    status={"type": "string", "enum": ["optimal", "time_limit", "explored"]},
    gap=_number("share by which the best possible may be better, at most"),
    candidates=_whole("how many places were chosen from"),
    candidates_rule=_text("how they were found"),
    places=_whole("groups of people that were weighed"),
    grouped_to_m=_number("side of the squares people were grouped to; null: cells", nullable=True),
)
