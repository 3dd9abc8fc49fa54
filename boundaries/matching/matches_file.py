"""``matches.csv``: proposals of name matches, decided by a person, read by the next build.

Columns ``input, kecamatan, nama, alasan, usulan_kode, usulan_nama, usulan_kecamatan, skor,
keputusan``.  In ``keputusan`` the person writes ``ya`` (the proposal is right), the code of the
desa that is meant, or ``tidak`` (no desa of the scope); where ``alasan`` is ``area_differs`` the
code may be of a kecamatan, where it is ``kind_doubtful`` proposal and decision are kinds of
facility.  Decided lines stay; open ones are renewed.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from boundaries.codes import CodeError, CodeSystem, lists, read_code_column
from boundaries.findings.report import Finding, declared_kind
from boundaries.matching.matching import Proposal

CONTRADICTION = declared_kind("matches.contradiction")
NOT_UNDERSTOOD = declared_kind("matches.not_understood")

MATCHES_NAME = "matches.csv"
POLYGONS = "boundaries."
AREA_DIFFERS = "area_differs"
"""Why a plan of a kecamatan is asked about: its code names another than its words."""
KIND_DOUBTFUL = "kind_doubtful"
"""Why a facility is asked about: it may be another thing by its name; its kind is the code."""
_KIND = re.compile(r"[a-z][a-z0-9_]{0,62}")
COLUMNS = (
    "input",
    "kecamatan",
    "nama",
    "alasan",
    "usulan_kode",
    "usulan_nama",
    "usulan_kecamatan",
    "skor",
    "keputusan",
)


@dataclass(frozen=True, order=True, slots=True)
class MatchLine:
    """One line of the file, all as text."""

    input: str
    kecamatan: str
    nama: str
    alasan: str = ""
    usulan_kode: str = ""
    usulan_nama: str = ""
    usulan_kecamatan: str = ""
    skor: str = ""
    keputusan: str = ""


Decisions = Mapping[tuple[str, str], str | None]
"""Code (of a facility: kind) by (kecamatan, name) as written; None: no desa of the scope, or no
facility."""
Answers = dict[tuple[str, str], set[str | None]]
"""What all lines of one input answer about each (kecamatan, name)."""


def read_matches(
    path: Path,
    existing_codes: Collection[str],
    label: str = MATCHES_NAME,
    today: Callable[[str], str | None] | None = None,
) -> tuple[list[MatchLine], dict[str, Decisions], list[Finding]]:
    """The lines of the file and the decisions in them, by input.

    Parameters
    ----------
    existing_codes
        Dotted codes of desa and kecamatan that exist; a decision for another is a finding and stays
        open.
    today
        The code of today of a former one, so that what was decided before a change still counts.

    Returns
    -------
    tuple
        Empty where there is no file: nothing was proposed yet.

    Findings
    --------
    matches.not_understood
        A decision that is neither ``ya``, ``tidak`` nor a code of the scope, or a ``ya`` without
        proposal (warning); the row stays unmatched.
    matches.contradiction
        Two lines decide the same row differently (warning); neither counts.
    """
    if not path.is_file():
        return [], {}, []
    listed = lists.read_list(path, label, COLUMNS)
    lines = [MatchLine(*row) for row in listed.rows]
    answers: dict[str, Answers] = {}
    findings: list[Finding] = [*listed.findings]
    for line, number in zip(lines, listed.numbers, strict=True):
        # Codes of polygons are decided before it is known which desa there are.
        if not line.keputusan or line.input.startswith(POLYGONS):
            continue
        try:
            kode = _decide(line, existing_codes, today)
        except CodeError as error:
            findings.append(
                NOT_UNDERSTOOD.finding(
                    str(error),
                    file=label,
                    row=number,
                    value=line.keputusan,
                )
            )
            continue
        answers.setdefault(line.input, {}).setdefault((line.kecamatan, line.nama), set()).add(kode)
    for name, rows in sorted([*answers.items(), *_polygon_answers(lines).items()]):
        findings += [
            CONTRADICTION.finding(
                f"{name}: {row[1]} in {row[0]} is decided in two ways; neither counts.",
                file=label,
                value=row[1],
            )
            for row, kinds in sorted(rows.items())
            if len(kinds) > 1
        ]
    return lines, _agreed(answers), findings


def read_polygon_decisions(path: Path, label: str = MATCHES_NAME) -> dict[str, Decisions]:
    """The codes decided for polygons without codes, by input, as their reference writes them.

    What two lines decide differently is not decided; `read_matches` has the finding.
    """
    if not path.is_file():
        return {}
    lines = [MatchLine(*row) for row in lists.read_list(path, label, COLUMNS).rows]
    return _agreed(_polygon_answers(lines))


def _polygon_answers(lines: Sequence[MatchLine]) -> dict[str, Answers]:
    answers: dict[str, Answers] = {}
    for line in lines:
        answer = line.keputusan.strip().lower()
        if not answer or not line.input.startswith(POLYGONS):
            continue
        kode: str | None = line.keputusan.strip()
        if answer in {"ya", "yes"}:
            kode = line.usulan_kode or answer
        if answer in {"tidak", "bukan", "no"}:
            kode = None
        answers.setdefault(line.input, {}).setdefault((line.kecamatan, line.nama), set()).add(kode)
    return answers


def _agreed(answers: Mapping[str, Answers]) -> dict[str, Decisions]:
    return {
        name: {row: next(iter(kinds)) for row, kinds in rows.items() if len(kinds) == 1}
        for name, rows in sorted(answers.items())
    }


def _decide(
    line: MatchLine,
    existing_codes: Collection[str],
    today: Callable[[str], str | None] | None = None,
) -> str | None:
    answer = line.keputusan.strip().lower()
    if answer in {"tidak", "bukan", "no"}:
        return None
    text = line.usulan_kode if answer in {"ya", "yes"} else line.keputusan
    if not text:
        raise CodeError("empty", "There is no proposal to say 'ya' to; write the code.")
    if line.alasan == KIND_DOUBTFUL:
        return _decide_kind(text)
    is_area = line.alasan == AREA_DIFFERS
    level = lists.level_of(text, CodeSystem.KEMENDAGRI) if is_area else "desa"
    kode = read_code_column([text], CodeSystem.KEMENDAGRI, level).written[0]
    if kode is None:
        raise CodeError("not_a_code", "Write 'ya', 'tidak' or the code of a desa.")
    if kode not in existing_codes and today is not None:
        kode = today(kode) or kode
    if kode not in existing_codes:
        what = "desa or kecamatan" if is_area else "desa"
        raise CodeError("unknown", f"{kode} is not a {what} of the scope.")
    return kode


def _decide_kind(text: str) -> str:
    kind = text.strip().lower()
    if _KIND.fullmatch(kind) is None:
        raise CodeError("not_a_kind", "Write 'ya', 'tidak' or a kind such as 'apotek'.")
    return kind


def write_matches(
    path: Path, proposals: Mapping[str, Sequence[Proposal]], earlier_lines: Sequence[MatchLine] = ()
) -> None:
    """Write the open proposals by input; nothing that was decided is lost.

    The file is replaced in one step, sorted; the same proposals give the same bytes.

    Parameters
    ----------
    earlier_lines
        Lines of the file as read; those with a decision stay as they are.
    """
    decided = [line for line in earlier_lines if line.keputusan]
    keys = {(line.input, line.kecamatan, line.nama) for line in decided}
    lines = set(decided)
    for name, open_ones in proposals.items():
        for proposal in open_ones:
            if (name, proposal.kecamatan, proposal.name) not in keys:
                lines.add(_line(name, proposal))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(line) for line in sorted(lines))
    hidden = path.with_name(f".{path.name}.new")
    hidden.write_bytes(text.getvalue().encode("utf-8-sig"))
    hidden.replace(path)


def _line(name: str, proposal: Proposal) -> MatchLine:
    return MatchLine(
        name,
        proposal.kecamatan,
        proposal.name,
        proposal.reason,
        proposal.kode or "",
        proposal.nama or "",
        proposal.nama_kecamatan or "",
        f"{proposal.score:.1f}" if proposal.kode else "",
    )
