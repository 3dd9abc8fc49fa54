"""The page and files of a follow-up list: every need once, under the one who acts next."""

from collections.abc import Iterable
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.errors import UnknownParameterError
from geo_service.http.live_states import need_states
from geo_service.ogc.params import View as RequestView
from geo_service.releases.release import Release
from layers.release import citation, manifest_file, provenance_file
from web_map.exports import table
from web_map.pages.base import answers
from web_map.pages.follow_up import follow_up_words
from web_map.sentences import text_of_message
from web_map.views import field_values, readers, shown_fields, sources
from web_map.words import parts_text, value_text, with_coverage

router = APIRouter(tags=["pages"])

LONGEST_NAME = 80
SYNCHRONISATION = "synchronisation"
COLUMNS = {
    "prioritas": ("priority", ""),
    "kode": ("", ""),
    "nama": ("", ""),
    "layanan": ("service", ""),
    "keadaan": ("state", ""),
    "penerima_jenis": ("state", "follow.addressee_kind"),
    "penerima": ("state", "follow.addressee"),
    "masalah": ("severity", "follow.problem"),
    "keparahan": ("severity", ""),
    "penduduk": ("people", ""),
    "langkah": ("state", "follow.step"),
    "dasar_hukum": ("", "follow.legal_basis"),
    "dana": ("state", "follow.money"),
    "bukti": ("state", "follow.evidence"),
    "tautan": ("", "follow.link"),
    "penduduk_dasar": ("people", "follow.people_basis"),
    "keadaan_sumber": ("state", "follow.state_rows"),
    "penduduk_sumber": ("people", "follow.people_rows"),
}
"""The columns of the file: the field of `synchronisation` that a column is made of, and the message
that is its title where that is not the field's own."""
HEAD = tuple(COLUMNS)
WIDTHS = (10, 16, 24, 22, 22, 22, 24, 50, 10, 10, 60, 36, 40, 60, 50, 14, 40, 40)


@router.get("/kecamatan/{kode}/tindak-lanjut")
def follow_up(request: Request, view: RequestView, kode: str) -> HTMLResponse:
    """Every need of a kecamatan, under the one who acts next."""
    query = request.query_params
    reader = readers.open_reader(view, query, ("penerima",)).about(readers.Level.KECAMATAN, kode)
    values = follow_up_values(reader, query.get("penerima", "")[:LONGEST_NAME])
    values["task_states"] = need_states(request, kode, is_pinned=view.is_pinned)
    return answers.answer_page(reader, "follow_up/follow_up.html", values)


@router.get("/kecamatan/{kode}/tindak-lanjut.{ending:table}")
def follow_up_file(
    request: Request, view: RequestView, kode: str, ending: answers.Ending
) -> Response:
    """The follow-up list of a kecamatan as a table."""
    reader = readers.open_reader(view, request.query_params, ()).about(
        readers.Level.KECAMATAN, kode
    )
    lang = "?lang=en" if reader.words.language == "en" else ""
    about = f"{view.root}/kecamatan/{kode}/tindak-lanjut.csv-metadata.json{lang}"
    return answers.download(write_follow_up(reader, ending), f"tindak-lanjut-{kode}", ending, about)


@router.get("/kecamatan/{kode}/tindak-lanjut.csv-metadata.json")
def follow_up_described(request: Request, view: RequestView, kode: str) -> Response:
    """The CSV of a follow-up list, described (CSV on the Web)."""
    reader = readers.open_reader(view, request.query_params, ()).about(
        readers.Level.KECAMATAN, kode
    )
    return answers.described(describe_follow_up(reader, f"tindak-lanjut-{kode}.csv"))


def follow_up_values(reader: readers.PlaceReader, addressee: str = "") -> dict[str, object]:
    """What ``follow_up.html`` shows: (addressee, tasks), offices first, then desa.

    Parameters
    ----------
    addressee
        Name of an office or desa: only its tasks are shown.

    Raises
    ------
    UnknownParameterError
        Nobody of that name has a task here.
    """
    release = reader.release
    tasks = _read(reader)
    groups = group_by_addressee(tasks.tasks)
    names = [name for (_, name), _ in groups]
    if addressee and addressee not in names:
        raise UnknownParameterError(
            f"penerima: nobody here is called {addressee!r}. There are: {', '.join(names)}."
        )
    groups = [group for group in groups if not addressee or group[0][1] == addressee]
    return {
        "wilayah": reader.place,
        "parents": reader.parents,
        "tahun": tasks.tahun,
        "groups": groups,
        "names": names,
        "addressee": addressee,
        "total": sum(len(group) for _, group in groups),
        "desa": len({task.kode for _, group in groups for task in group}),
        "area": tasks.area,
        "unknown": tasks.unknown,
        "services": release.services,
        "sources": sources.cite_pieces(release, follow_up_pieces(release, reader.place.kode)),
        "figures": _figures(reader),
        "has_spending": "anggaran_per_jiwa_idr" in shown_fields.fields_by_name(release, "spending"),
    }


def _read(reader: readers.PlaceReader) -> follow_up_words.FollowUp:
    follow_up = follow_up_words.read_follow_up(reader.release, reader.place.kode, reader.words)
    return follow_up or follow_up_words.FollowUp(0, (), (), ())


def follow_up_pieces(release: Release, kode: str) -> tuple[provenance_file.Piece, ...]:
    """The inputs behind the states of all services in the desa of a kecamatan."""
    if "unfunded_people" not in shown_fields.fields_by_name(release, "needs"):
        return ()
    entry = shown_fields.fields_by_name(release, "needs")["unfunded_people"]
    rows = field_values.rows_of(release, "needs", "kode_kecamatan", kode)
    return sources.find_pieces(release, "needs", entry, None, rows.tolist(), with_rows=False)


def _figures(reader: readers.PlaceReader) -> list[tuple[str, str]]:
    """What the needs of the kecamatan come to: title and value of each total that there is."""
    release, words = reader.release, reader.words
    if "kecamatan" not in release.layers:
        return []
    rows = field_values.rows_of(release, "kecamatan", "kode", reader.place.kode)[:1]
    figures = []
    for name in ("need_count", "unfunded_count", "unfunded_people", "without_need_idr"):
        if not len(rows) or name not in shown_fields.fields_by_name(release, "kecamatan"):
            continue
        entry = shown_fields.fields_by_name(release, "kecamatan")[name]
        values = field_values.read_values(release, "kecamatan", name, None, rows)
        text = value_text(float(values.values[0]), values.statuses[0], entry, words)
        counting = shown_fields.words_of_field(release, words, "kecamatan", entry.name)
        text = with_coverage(text, parts_text(values.shown_coverage(0), counting))
        figures.append((words.text(entry.title), text))
    return figures


AddresseeTasks = tuple[tuple[str, str], list[follow_up_words.Task]]


def group_by_addressee(tasks: Iterable[follow_up_words.Task]) -> list[AddresseeTasks]:
    """Tasks by (kind, name) of who acts: offices of the kabupaten, the provinsi, then desa.

    Inside a kind those with the most priority behind them come first; ties by name.
    """
    groups: dict[tuple[str, str], list[follow_up_words.Task]] = {}
    for task in tasks:
        groups.setdefault((task.addressee_kind, task.addressee), []).append(task)
    order = ("kabupaten", "provinsi", "desa")

    def weight(group: AddresseeTasks) -> tuple[int, float, str]:
        (kind, name), own_tasks = group
        return order.index(kind), -sum(task.priority or 0 for task in own_tasks), name

    return sorted(groups.items(), key=weight)


def map_link(reader: readers.PlaceReader, task: follow_up_words.Task) -> str:
    """Where the map opens at that desa and service."""
    query = {"layer": f"needs.{task.service}_state", "desa": task.kode}
    if reader.words.language != "id":
        query["lang"] = reader.words.language
    return f"{reader.address.root}/kecamatan/{reader.place.kode}?{urlencode(query)}"


def task_sources(release: Release, kode: str) -> dict[tuple[str, str], list[citation.Cell]]:
    """By (kode, service) of a kecamatan: the inputs and rows of the state and of its people.

    Empty for a release that does not say where single values come from.
    """
    if SYNCHRONISATION not in release.layers or release.provenance is None:
        return {}
    features = release.features(SYNCHRONISATION)
    entries = [
        shown_fields.fields_by_name(release, SYNCHRONISATION)[name] for name in ("state", "people")
    ]
    columns = [features.property_column(name) for name in ("kode", "service")]
    cited: dict[tuple[str, str], list[citation.Cell]] = {}
    for row in features.select(equals={"kode_kecamatan": kode}).tolist():
        of_desa, service = (str(column.value(row)) for column in columns)
        cited[of_desa, service] = [
            sources.piece_text(sources.find_pieces(release, SYNCHRONISATION, entry, None, [row]))
            or None
            for entry in entries
        ]
    return cited


def follow_up_rows(
    reader: readers.PlaceReader, tasks: follow_up_words.FollowUp
) -> list[list[citation.Cell]]:
    """The list as a table: numbers as numbers, needs that are not known at its end."""
    words = reader.words
    cited = task_sources(reader.release, reader.place.kode)
    rows: list[list[citation.Cell]] = [
        [
            task.priority,
            task.kode,
            task.nama,
            task.title,
            task.state_text,
            words.say(f"addressee.{task.addressee_kind}"),
            task.addressee,
            "; ".join(task.problems),
            task.severity,
            task.people,
            task.step,
            task.legal_basis,
            "; ".join(
                f"{label}: {words.say('follow.no_amount') if amount is None else amount}"
                f"{f', {rest}' if rest else ''}"
                for label, amount, rest in task.amounts
            ),
            "; ".join(task.evidence),
            map_link(reader, task),
            words.say(f"follow.basis.{task.people_basis}") if task.people_basis else None,
            *cited.get((task.kode, task.service), [None, None]),
        ]
        for task in tasks.tasks
    ]
    unknown = words.say("state.unknown")
    rows += [
        [None, None, nama, titles, unknown, None, None, why or None, *[None] * (len(HEAD) - 8)]
        for nama, titles, why in tasks.unknown
    ]
    return rows


MONEY_ROLES = ("budget", "programme", "proposal")


def named_pieces(reader: readers.PlaceReader) -> list[tuple[str, provenance_file.Piece]]:
    """Each input behind a list with what it gave: a state, people or money, in a word of its role.

    An input that gave no number of its own (a list of facilities, a way, a bridge of codes) is
    named by its role beside the column that rests on it.
    """
    words, pieces = reader.words, list[tuple[str, provenance_file.Piece]]()
    for column in ("keadaan", "penduduk"):
        for piece in column_pieces(reader.release, reader.place.kode, COLUMNS[column][0]):
            if piece.role in MONEY_ROLES:
                label = "dana"
            elif piece.role in ("value", "people"):
                label = column
            else:
                label = f"{column} ({words.say(f'origin.role.{piece.role}').lower()})"
            pieces.append((label, piece))
    return pieces


def column_pieces(release: Release, kode: str, field: str) -> tuple[provenance_file.Piece, ...]:
    """The inputs behind the values of a field of `synchronisation` in a kecamatan."""
    entry = shown_fields.fields_by_name(release, SYNCHRONISATION).get(field)
    if entry is None:
        return ()
    rows = field_values.rows_of(release, SYNCHRONISATION, "kode_kecamatan", kode).tolist()
    return sources.find_pieces(release, SYNCHRONISATION, entry, None, rows, with_rows=False)


def write_follow_up(reader: readers.PlaceReader, ending: answers.Ending) -> bytes:
    """The list of a kecamatan as CSV or XLSX."""
    release, words, place = reader.release, reader.words, reader.place
    tasks = _read(reader)
    rows = follow_up_rows(reader, tasks)
    if ending is answers.Ending.CSV:
        return table.csv_of(HEAD, rows)
    notes: list[list[citation.Cell]] = [
        [words.say("follow.title"), tasks.tahun],
        [place.nama, place.kode],
        ["release", release.id],
        ["url", f"{reader.address.root}/kecamatan/{place.kode}/tindak-lanjut"],
        ["", words.say("follow.note")],
        ["", words.say("follow.people_note")],
        ["", words.say("foot.disclaimer")],
    ]
    notes += [[words.say("follow.area"), line] for line in tasks.area]
    pieces = named_pieces(reader)
    notes += [list(note) for note in table.cited_inputs(release, pieces, words)]
    return table.xlsx_of(HEAD, rows, notes, tasks.tahun or 2000, WIDTHS)


def describe_follow_up(reader: readers.PlaceReader, name: str) -> dict[str, object]:
    """The CSV of a kecamatan's list described as CSV on the Web.

    Each column cites what its values in this kecamatan were made of.
    """
    release, place = reader.release, reader.place
    _read(reader)
    columns = [_column(release, place.kode, column) for column in HEAD]
    title = f"{reader.words.say('follow.title')} \N{EN DASH} {place.nama}"
    return citation.describe_csv(name, title, columns, release.manifest.inputs)


def _column(release: Release, kode: str, column: str) -> manifest_file.FieldEntry:
    """The entry of one column: title, type, and the inputs of its values in this kecamatan."""
    field, message = COLUMNS[column]
    title = text_of_message(message) if message else None
    if not field:
        return table.known_columns(release, []).get(column) or table.plain_column(column, title)
    if field not in shown_fields.fields_by_name(release, SYNCHRONISATION):
        return table.plain_column(column, title)
    entry = shown_fields.fields_by_name(release, SYNCHRONISATION)[field]
    pieces = column_pieces(release, kode, field)
    update: dict[str, object] = {"name": column}
    if title is not None:
        update |= {"title": title, "type": "string"}
    return table.citing(entry.model_copy(update=update), pieces)
