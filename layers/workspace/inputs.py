"""Every file a workspace declares: does it exist, and which bytes is it."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from boundaries.bounds import declared_sizes, input_limits
from boundaries.findings.report import Finding
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.release.manifest_file import InputEntry
from layers.workspace import input_bytes, sections
from layers.workspace.section import InputSection

IDENTICAL = declared_kind("input.identical")


def list_inputs(workspace: sections.Workspace) -> Iterator[tuple[str, InputSection]]:
    """Name and section of every declared input, in the order of ``wilayah.toml``."""
    groups = (
        ("boundaries", workspace.boundaries),
        ("names", workspace.names),
        ("crosswalks", workspace.crosswalks),
        ("tables", workspace.tables),
        ("spending", workspace.spending),
        ("facilities", workspace.facilities),
        ("roads", workspace.roads),
        ("barriers", workspace.barriers),
        ("programmes", workspace.programmes),
        ("proposals", workspace.proposals),
    )
    for group, declared in groups:
        for number, section in enumerate(declared, start=1):
            yield f"{group}.{getattr(section, 'id', number)}", section
    for name in ("population", "friction", "land_cover", "elevation", "speeds"):
        section = getattr(workspace, name)
        if section is not None:
            yield name, section


def leave_out(workspace: sections.Workspace, paths: Collection[str]) -> sections.Workspace:
    """The workspace without the sections that declare one of these files."""
    dropped = {id(section) for _, section in list_inputs(workspace) if {*paths} & {*section.paths}}
    changed: dict[str, object] = {}
    for name, value in workspace:
        if isinstance(value, tuple):
            changed[name] = tuple(section for section in value if id(section) not in dropped)
        elif id(value) in dropped:
            changed[name] = None
    return workspace.model_copy(update=changed) if dropped else workspace


def hash_inputs(
    workspace: sections.Workspace, folder: Path, files: input_bytes.InputBytes | None = None
) -> tuple[InputEntry, ...]:
    """One entry per declared input file and its companions, sorted by name and path.

    Companions are read with a file: the ``.dbf`` and ``.prj`` of a Shapefile, the world file of a
    raster.  ``files`` remembers what was hashed, to be verified after the last reading.

    Raises
    ------
    InputError
        Files are missing; the message lists all of them.
    ChangedInputError
        A file changed while it was hashed.
    """
    files = input_bytes.InputBytes() if files is None else files
    entries: list[InputEntry] = []
    missing: list[str] = []
    for name, section in list_inputs(workspace):
        for reference in section.paths:
            path = folder / reference
            if not path.exists():
                missing.append(f"  {name}: {reference}")
                continue
            declared_sizes.check_size(input_limits.InputFile(path, reference), workspace.limits)
            entries.append(_entry(name, reference, files.hash(path), section))
            for companion in input_bytes.find_companions(path):
                beside = Path(reference).with_name(companion.name).as_posix()
                entries.append(_entry(name, beside, files.hash(companion), section))
    if missing:
        listed = "\n".join(missing)
        raise InputError(
            f"{folder}: {len(missing)} declared files do not exist:\n{listed}\n"
            "Paths are relative to the workspace folder."
        )
    return tuple(sorted(entries, key=lambda entry: (entry.input, entry.path)))


def _entry(
    name: str, reference: str, state: input_bytes.HashedInput, section: InputSection
) -> InputEntry:
    return InputEntry(
        input=name,
        path=reference,
        sha256=state.sha256,
        size=state.size,
        source=section.source,
        licence=section.licence,
        date=section.date,
        supplier=section.supplier,
        code_system=getattr(section, "code_system", None),
    )


def check_identical_files(inputs: Sequence[InputEntry]) -> list[Finding]:
    """The files that are the same bytes as another one under another name.

    The entries are sorted by input, as `hash_inputs` gives them.  What is one input in several
    files is compared as a whole: two Shapefiles with the same shapes and other attributes are two
    inputs, and the ``.prj`` of most are the same.

    Findings
    --------
    input.identical
        A file is a copy of another input (warning): one year or sheet was sent twice, perhaps.
    """
    copies: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    files_of = {name: [*files] for name, files in groupby(inputs, lambda entry: entry.input)}
    for entry in inputs:
        files = files_of[entry.input]
        beside = [other for other in files if _is_beside(entry, other)]
        if any(_is_beside(other, entry) for other in files):
            continue
        copies.setdefault(_content(entry, beside), {}).setdefault(entry.path, entry.input)
    findings = []
    for inputs_by_path in copies.values():
        (first, first_input), *others = sorted(inputs_by_path.items())
        findings += [
            IDENTICAL.finding(
                f"'{path}' ({name}) is byte for byte the file '{first}' ({first_input}); was "
                "it sent twice?",
                path,
            )
            for path, name in others
        ]
    return findings


def _is_beside(declared: InputEntry, other: InputEntry) -> bool:
    """Whether the other file of an input belongs to this one."""
    path, beside = Path(declared.path), Path(other.path)
    is_same_place = path.parent == beside.parent and path != beside
    return is_same_place and input_bytes.is_companion(path, beside.name)


def _content(entry: InputEntry, beside: Sequence[InputEntry]) -> tuple[tuple[str, str], ...]:
    """The hashes of a file and of those beside it that hold data, by what they are."""
    stem = Path(entry.path).stem
    data = {
        Path(other.path).name.removeprefix(stem).lower(): other.sha256
        for other in beside
        if Path(other.path).suffix.lower() not in input_bytes.INDEXES
    }
    return (("", entry.sha256), *sorted(data.items()))
