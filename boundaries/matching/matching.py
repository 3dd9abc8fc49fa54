"""Tables without codes: which desa a row means, by kecamatan and desa name in the declared scope.

Equal names (after `normalise_name`) match by themselves and are logged.  Everything less is only
*proposed*: written to ``matches.csv`` (`boundaries.matching.matches_file`), decided there by a
person, and read back by the next build.  Names that two desa share are never guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from rapidfuzz import fuzz, process

from boundaries.codes import column, wilayah_names
from boundaries.findings.report import Severity

PROPOSAL_SCORE = 75.0
"""Least similarity (0-100) of what is proposed; below it a proposal wastes the reader's time."""


@dataclass(frozen=True, order=True, slots=True)
class Proposal:
    """A row that needs a person's decision, with the nearest desa.

    Parameters
    ----------
    kecamatan, name
        As the table writes them.
    reason
        ``kecamatan`` unknown, ``name`` unknown, ``same_name`` (several desa bear it), ``jenis``
        (the only one of that name is of the other jenis), ``name_differs`` (from the code beside
        it), ``area_differs`` (a plan's kecamatan by code and by words), ``kind_doubtful`` (a
        facility that may be another thing; ``kode`` is its kind); of polygons without codes
        ``name_differs``, ``overlap`` (equal names below the limit), ``half``, ``split``, ``tie``
        and ``merge`` (see `boundaries.polygons.same_place`).
    kode, nama, nama_kecamatan
        Nearest desa, None where nothing is near enough.
    score
        Similarity of the names, 0-100.
    """

    kecamatan: str
    name: str
    reason: str
    kode: str | None = None
    nama: str | None = None
    nama_kecamatan: str | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class NameMatches:
    """What was matched, one entry per row of the table.

    Parameters
    ----------
    codes
        Dotted Kemendagri code, or None.
    how
        ``exact``, ``decided`` (in ``matches.csv``) or None.
    problems
        One of severity ``warning`` for every row without a code.
    proposals
        One for each distinct undecided (kecamatan, name), sorted.
    """

    codes: list[str | None]
    how: list[str | None]
    problems: list[column.CodeProblem] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Desa:
    kode: str
    nama: str
    kode_kecamatan: str
    nama_kecamatan: str
    jenis: str | None


class NameIndex:
    """Desa of the scope by kecamatan and name.

    Parameters
    ----------
    desa
        Columns ``kode, nama, jenis, kode_kecamatan, nama_kecamatan, kode_kabupaten``.
    kabupaten
        Dotted codes of the kabupaten the table is declared to be about; all where empty.
    """

    def __init__(self, desa: pd.DataFrame, kabupaten: Sequence[str] = ()) -> None:
        if kabupaten:
            desa = desa[desa["kode_kabupaten"].isin(list(kabupaten))]
        self.by_kecamatan: dict[str, dict[str, list[_Desa]]] = {}
        self.kecamatan: dict[str, set[str]] = {}
        columns = ["kode", "nama", "kode_kecamatan", "nama_kecamatan", "jenis"]
        for cells in desa.sort_values("kode")[columns].itertuples(index=False, name=None):
            kode, nama, kode_kecamatan, nama_kecamatan, jenis = cells
            place = _Desa(
                str(kode),
                _text(nama),
                str(kode_kecamatan),
                _text(nama_kecamatan),
                _text(jenis) or None,
            )
            self.kecamatan.setdefault(
                wilayah_names.normalise_name(place.nama_kecamatan), set()
            ).add(place.kode_kecamatan)
            named = self.by_kecamatan.setdefault(place.kode_kecamatan, {})
            named.setdefault(wilayah_names.normalise_name(place.nama), []).append(place)

    def find(self, kecamatan: str, name: str, jenis: str | None) -> str | Proposal:
        """The code of the one desa of that name there, else what to ask a person."""
        places = self.kecamatan.get(wilayah_names.normalise_name(kecamatan), set())
        if len(places) != 1:
            reason = "same_name" if places else "kecamatan"
            return self._nearest(kecamatan, name, reason, self._all_desa(sorted(places)))
        place = self.by_kecamatan[next(iter(places))]
        namesakes = place.get(wilayah_names.normalise_name(name), [])
        required_jenis = jenis or wilayah_names.jenis_in_name(name)
        fitting = [
            candidate for candidate in namesakes if required_jenis in (None, candidate.jenis)
        ]
        if len(fitting) == 1:
            return fitting[0].kode
        if namesakes:
            only = namesakes[0] if len(namesakes) == 1 else None
            return _propose(kecamatan, name, "same_name" if only is None else "jenis", only, 100.0)
        in_kecamatan = [candidate for same in place.values() for candidate in same]
        return self._nearest(kecamatan, name, "name", in_kecamatan)

    def _all_desa(self, places: Sequence[str]) -> list[_Desa]:
        chosen = places or list(self.by_kecamatan)
        return [
            candidate
            for place in chosen
            for same in self.by_kecamatan[place].values()
            for candidate in same
        ]

    def _nearest(self, kecamatan: str, name: str, reason: str, desa: Sequence[_Desa]) -> Proposal:
        """The most similar desa; where two are equally near, none is singled out."""
        key, place = wilayah_names.normalise_name(name), wilayah_names.normalise_name(kecamatan)
        if not key:
            return _propose(kecamatan, name, reason, None, 0.0)
        hits = process.extract(
            key,
            [wilayah_names.normalise_name(candidate.nama) for candidate in desa],
            scorer=fuzz.ratio,
            score_cutoff=PROPOSAL_SCORE,
            limit=8,
        )
        if reason == "kecamatan":
            hits = [
                (
                    text,
                    (
                        score
                        + fuzz.ratio(
                            place, wilayah_names.normalise_name(desa[position].nama_kecamatan)
                        )
                    )
                    / 2,
                    position,
                )
                for text, score, position in hits
            ]
            hits = sorted(
                (hit for hit in hits if hit[1] >= PROPOSAL_SCORE), key=lambda hit: (-hit[1], hit[2])
            )
        if not hits or (len(hits) > 1 and hits[0][1] == hits[1][1]):
            return _propose(kecamatan, name, reason, None, 0.0)
        return _propose(kecamatan, name, reason, desa[hits[0][2]], hits[0][1])


def _propose(kecamatan: str, name: str, reason: str, desa: _Desa | None, score: float) -> Proposal:
    if desa is None:
        return Proposal(kecamatan, name, reason)
    return Proposal(
        kecamatan, name, reason, desa.kode, desa.nama, desa.nama_kecamatan, round(score, 1)
    )


def match_names(
    kecamatan: Sequence[object],
    names: Sequence[object],
    index: NameIndex,
    *,
    jenis: Sequence[str | None] | None = None,
    decisions: Mapping[tuple[str, str], str | None] | None = None,
) -> NameMatches:
    """The desa that each row means.

    Parameters
    ----------
    kecamatan, names
        Cells of the table.
    jenis
        What the table says each row is; else a prefix in the name counts (``Kel. Oesao``).
    decisions
        From `boundaries.matching.matches_file.read_matches`: code by (kecamatan, name) as written,
        None where the person decided that the row is no desa of the scope.

    Returns
    -------
    NameMatches
        Reasons of problems: those of `Proposal`, ``empty``, and ``rejected`` by a decision.
    """
    result = NameMatches([], [])
    answers: dict[tuple[str, str, str | None], str | Proposal] = {}
    proposals: set[Proposal] = set()
    for row, (place_cell, name_cell) in enumerate(zip(kecamatan, names, strict=True)):
        place, name = _text(place_cell), _text(name_cell)
        if decisions and (place, name) in decisions:
            _add(result, row, name, decisions[place, name], "decided", "rejected")
            continue
        if not name:
            _add(result, row, name, None, None, "empty")
            continue
        key = (place, name, jenis[row] if jenis is not None else None)
        if key not in answers:
            answers[key] = index.find(*key)
        hit = answers[key]
        if isinstance(hit, Proposal):
            proposals.add(hit)
            _add(result, row, name, None, None, hit.reason, hit)
        else:
            _add(result, row, name, hit, "exact", "")
    result.proposals.extend(
        sorted(proposals, key=lambda proposal: (proposal.kecamatan, proposal.name, str(proposal)))
    )
    return result


_SENTENCES = {
    "kecamatan": "There is no kecamatan of that name in the declared kabupaten.",
    "name": "There is no desa of that name in that kecamatan.",
    "same_name": "Several bear that name; which one is meant is not guessed.",
    "jenis": "The only one of that name is of the other jenis (desa or kelurahan).",
    "empty": "No name.",
    "rejected": "matches.csv says that this row is no desa of the scope.",
}


def _add(
    result: NameMatches,
    row: int,
    name: str,
    kode: str | None,
    how: str | None,
    reason: str,
    proposal: Proposal | None = None,
) -> None:
    result.codes.append(kode)
    result.how.append(how if kode is not None else None)
    if kode is not None:
        return
    message = _SENTENCES[reason]
    if proposal is not None and proposal.kode is not None:
        message += (
            f" Nearest: {proposal.nama} in {proposal.nama_kecamatan} ({proposal.kode}, "
            f"{proposal.score:.0f} of 100); decide in matches.csv."
        )
    result.problems.append(column.CodeProblem(row, name, reason, message, Severity.WARNING))


def _text(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ""
    text = " ".join(str(cell).split())
    return "" if text.lower() in {"nan", "none", "<na>"} else text
