"""How much of a declaration ``init`` proposes right: its proposal against a written one.

Counted are the keys that a file can say: which section it is for, its columns, what its columns
and words mean, its code system, its year.  Not counted are what no file says (source, licence,
date, supplier, legal status, ids), decisions of persons (services, sebutan, allow), and keys of
reading (sheet, header row, delimiter, encoding) that the reader finds by itself.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from layers.facilities.importers import adapt_facilities
from layers.proposal.template import write_template
from layers.tables.files.sheets import read_section
from layers.tables.importers import adapt_section, adapt_spending
from layers.workspace.sections import FacilitySection, SpendingSection, TableSection

Sections = Mapping[str, object]
NOT_SAID = {"source", "licence", "date", "supplier", "legal_status", "id", "path", "supply_unit"}
READING = {"sheet", "header_row", "header_rows", "delimiter", "encoding", "decimal", "layer"}
GROUPS = (
    "boundaries",
    "names",
    "crosswalks",
    "tables",
    "spending",
    "facilities",
    "roads",
    "programmes",
    "proposals",
    "population",
    "land_cover",
)


@dataclass(frozen=True, slots=True)
class Measure:
    """How many keys of a declaration are proposed as they stand there, and which are not."""

    right: int
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        """Right keys of all, 0 to 1."""
        return self.right / (self.right + len(self.wrong))


def proposed_for(declaration: Path, folder: Path, without: str = r"(?!)") -> Path:
    """A folder with the declared files and what ``init`` writes for them.

    Files whose name has the pattern ``without`` are left out.
    """
    folder.mkdir(parents=True)
    declared = tomllib.loads(declaration.read_text(encoding="utf-8"))
    paths = {path for path in _paths(declared) if not re.search(without, Path(path).name)}
    for path in sorted(paths):
        source = (declaration.parent / path).resolve()
        if not (folder / source.name).exists():
            shutil.copy(source, folder / source.name)
    return write_template(folder)[0]


def uncommented(text: str) -> str:
    """The text with the sections that are comments, for what a file does not say, as sections."""
    blocks = text.split("\n# ---- Known")[0].split("\n\n")
    return "\n\n".join(
        re.sub("^# ", "", block, flags=re.MULTILINE).replace("the file does", "# the file does")
        if block.lstrip().startswith("# the file does not say")
        else block
        for block in blocks
    )


def _paths(declared: object) -> Iterator[str]:
    if isinstance(declared, list):
        for entry in declared:
            yield from _paths(entry)
    elif isinstance(declared, dict):
        for key, value in declared.items():
            if key == "path" and isinstance(value, str):
                yield value
            else:
                yield from _paths(value)


def measure(declaration: Path, proposal: Path) -> Measure:
    """The proposal, comments taken for declarations, against the declaration."""
    truth = tomllib.loads(declaration.read_text(encoding="utf-8"))
    given = tomllib.loads(uncommented(proposal.read_text(encoding="utf-8")))
    right, wrong = 0, []
    scope = cast("Sections", truth["wilayah"])["scope"]
    pairs = [("wilayah.scope", scope, cast("Sections", given["wilayah"])["scope"])]
    for group in GROUPS:
        for section in _sections(truth, group):
            name = Path(str(section["path"])).name
            matches = [
                entry for entry in _sections(given, group) if Path(str(entry["path"])).name == name
            ]
            pairs.append((f"{group} {name}", True, bool(matches)))
            effective: dict[str, object] = {}
            if matches:
                effective.update(_flat(_effective(group, matches[0], proposal.parent)))
            pairs += [
                (f"{group} {name} {key}", value, effective.get(key))
                for key, value in _flat(section)
                if _counts(group, key, effective)
            ]
    for label, value, other in pairs:
        right += value == other
        wrong += [] if value == other else [f"{label}: {other!r}, not {value!r}"]
    return Measure(right, tuple(wrong))


def _counts(group: str, key: str, effective: Sections) -> bool:
    if key.split(".")[-1] in NOT_SAID or (group == "boundaries" and key == "year"):
        return key.startswith("codes_from.")
    return key not in READING or key in effective


def _sections(document: Mapping[str, object], group: str) -> list[dict[str, object]]:
    sections = document.get(group, [])
    return cast("list[dict[str, object]]", sections if isinstance(sections, list) else [sections])


def _flat(section: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif before == "codes_from." and key == "path":
            yield f"{before}{key}", Path(str(value)).name
        else:
            yield f"{before}{key}", value


def _effective(group: str, section: dict[str, object], folder: Path) -> dict[str, object]:
    """The section with what its importer fills in, as a build would read it."""
    if "importer" not in section:
        return section
    if group == "tables":
        table = TableSection.model_validate(section)
        return adapt_section(table, read_section(table, folder / table.path)).model_dump()
    if group == "spending":
        money = SpendingSection.model_validate(section)
        return adapt_spending(money, read_section(money, folder / money.path)).model_dump()
    return adapt_facilities(FacilitySection.model_validate(section), folder).model_dump()
