"""A letter that was sent: to print, as DOCX, and with its signed scan; and the list of letters."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from geo_service import errors
from geo_service.house import evidence_files, house, sent_letters
from geo_service.letters import letter as writing
from geo_service.register import records
from web_map.house.base.places import Labels
from web_map.house.base.visitors import AnyMember, Member, answer_house, lead_to, page_number
from web_map.views.readers import check_parameters
from web_map.words import Words

router = APIRouter(tags=["pages"])

ROWS = 20
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GOVERNMENT = "Pemerintah "


@router.get("/rumah/surat")
def letters(member: AnyMember) -> Response:
    """The letters of who is signed in, the newest first."""
    query = member.request.query_params
    check_parameters(query, ("halaman", "lang"))
    page = page_number(query)
    rows, total = sent_letters.list_letters(member.register, member.person, ROWS, (page - 1) * ROWS)
    pages = max(1, -(-total // ROWS))
    values = {"rows": rows, "total": total, "page": page, "pages": pages}
    return answer_house(member, "sent_letter/letters.html", values)


@router.get("/rumah/surat/{letter_id}")
def letter_page(member: AnyMember, letter_id: str) -> Response:
    """The letter as it is printed, with what was sent back signed."""
    return _answer(member, _read(member, letter_id))


@router.get("/rumah/surat/{letter_id}/surat.docx")
def letter_file(member: AnyMember, letter_id: str) -> Response:
    """The letter as a document of Word, by the kabupaten's template; for who sees all of it."""
    letter, files = _read(member, letter_id), house.files_of(member.request)
    if not letter.is_whole:
        raise errors.UnknownItemError(f"No document of {letter_id!r} for you.")
    template = None if files is None else files.template
    headers = {
        "Content-Disposition": f'attachment; filename="surat-{letter.id}.docx"',
        "Cache-Control": "private, no-store",
    }
    return Response(writing.write_letter(written(member, letter), template), 200, headers, DOCX)


@router.post("/rumah/surat/{letter_id}/berkas")
def attach_scan(member: AnyMember, letter_id: str) -> Response:
    """Keep the signed letter as evidence that each of its items was sent."""
    letter, files = _read(member, letter_id), house.files_of(member.request)
    body: bytes = member.request.state.file
    if files is None or not sent_letters.may_attach_scan(member.person, letter):
        raise errors.UnknownItemError(f"No files of {letter_id!r} are kept here for you.")
    try:
        file = files.keep(body)
    except errors.EvidenceRefusedError:
        return _answer(member, letter, member.words.say("files.refused"), HTTPStatus.BAD_REQUEST)
    title = Words("id").say("letter.scan_title", number=letter.sent.number)
    sent_letters.attach_scan(member.register, member.person, letter, file, title, member.moment)
    return lead_to(member, f"/rumah/surat/{letter.id}{member.lang}#berkas")


def written(member: Member, letter: sent_letters.ReadLetter) -> writing.Letter:
    """What the letter says; always in Indonesian, as the office writes."""
    labels = Labels(member.labels.release, Words("id"))
    sent, step = letter.sent, member.register.way.step("send")
    request = letter.note or (step.answers[0].id if step.answers else "")
    return writing.Letter(
        sent.number,
        letter.day,
        letter.due or letter.day,
        labels.title(sent.sender.area) if sent.sender.area else sent.sender.role,
        sent.addressee.nama,
        request,
        tuple(_line(labels, nr, entry.item) for nr, entry in enumerate(letter.entries, start=1)),
    )


def _line(labels: Labels, number: int, item: records.Item) -> writing.LetterLine:
    evidence, raised, words = item.evidence, item.raised, labels.words
    service, state, people = labels.need(raised.layanan, raised.ukuran), raised.title or "–", "–"
    if evidence is not None and evidence.value is not None:
        decimals = 0 if evidence.value == int(evidence.value) else 1
        state = words.value(evidence.value, evidence.unit, decimals)
        if evidence.norm is not None:
            state += f" (norma {words.value(evidence.norm, evidence.unit, 0)})"
    if evidence is not None and evidence.people is not None:
        people = words.number(evidence.people)
    return writing.LetterLine(number, item.kode, labels.place(item.kode), service, state, people)


def _read(member: Member, letter_id: str) -> sent_letters.ReadLetter:
    try:
        return sent_letters.read_letter(member.register, member.person, letter_id[:16])
    except errors.RegisterError as error:
        raise errors.UnknownItemError(f"No letter {letter_id!r} for you.") from error


def _answer(
    member: Member,
    letter: sent_letters.ReadLetter,
    message: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    files = house.files_of(member.request)
    sender = letter.sent.sender.area or ""
    labels = Labels(member.labels.release, Words("id"))
    may_attach = files is not None and sent_letters.may_attach_scan(member.person, letter)
    values = {
        "letter": letter,
        "written": written(member, letter),
        "government": GOVERNMENT + labels.title(sender[:5]) if len(sender) > 5 else "",
        "paper": Words("id"),
        "on_paper": writing.write_day,
        "message": message,
        "largest_file": evidence_files.LARGEST_FILE if may_attach else None,
        "may_attach": may_attach,
    }
    return answer_house(member, "sent_letter/sent_letter.html", values, status)
