"""What a list of programmes or proposals says of each row beside its place."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from boundaries.findings.report import Finding
from layers.errors import InputError
from layers.finding_words.finding_kinds import declared_kind
from layers.tables.files import cell_texts, sheets
from layers.tables.plans.plan_codes import PlanPlaces
from layers.tables.rows import amount_cells, row_places, row_records, stated_years
from layers.workspace.plan_sections import PlannedSection, ProgrammeSection, ProposalSection

SERVICE_UNKNOWN = declared_kind("plan.service_unknown")


def optional_column(sheet: sheets.Sheet, name: str | None) -> list[object]:
    """Cells of a column that may not be declared; None everywhere where it is not."""
    return [None] * len(sheet) if name is None else sheet.column(name)


def read_columns(
    section: PlannedSection,
    sheet: sheets.Sheet,
    placed: PlanPlaces,
    services: Collection[str],
    aids: row_records.Aids,
    reasons: dict[int, row_places.Reason],
    findings: list[Finding],
) -> pd.DataFrame:
    """The columns of a list of plans, one row for each record; what is wrong goes to the lists.

    ``reasons`` gains rows without a year, ``findings`` unknown services and unreadable amounts.
    """
    opd = _texts(sheet, section.opd_column) if isinstance(section, ProgrammeSection) else None
    if isinstance(section, ProgrammeSection) and section.opd_column is None:
        opd = [section.opd] * len(sheet)
    state: list[str | None] = [None] * len(sheet)
    if isinstance(section, ProposalSection):
        state = _texts(sheet, section.status_column)
    amounts = amount_cells.AmountColumn.of("plan", section.amount_column, sheet, section.decimal)
    years = _years(section, sheet, aids, reasons)
    findings += [
        *stated_years.report_other_years(
            sheet, section, aids.default_year, filter(None, [section.amount_column])
        ),
        *amounts.tell(reasons),
    ]
    return pd.DataFrame(
        {
            "tingkat": np.array(placed.level, dtype=object),
            "kode": np.array(placed.kode, dtype=object),
            "tahun": pd.array(years, dtype="Int64"),
            "layanan": np.array(_services(section, sheet, services, findings), dtype=object),
            "kegiatan": np.array(_texts(sheet, section.activity_column), dtype=object),
            "opd": np.array(opd or [None] * len(sheet), dtype=object),
            "lokasi": np.array(_texts(sheet, section.place_column), dtype=object),
            "sumber": np.array(_texts(sheet, section.source_column), dtype=object),
            "keadaan": np.array(state, dtype=object),
            "anggaran_idr": amounts.amounts,
            "file": np.full(len(sheet), sheet.file, dtype=object),
            "row": np.asarray(sheet.rows, dtype=np.int64),
        }
    )


def _texts(sheet: sheets.Sheet, column: str | None) -> list[str | None]:
    return [cell_texts.cell_text(cell) or None for cell in optional_column(sheet, column)]


def _years(
    section: PlannedSection,
    sheet: sheets.Sheet,
    aids: row_records.Aids,
    reasons: dict[int, row_places.Reason],
) -> list[int | None]:
    if section.year_column is None:
        year = section.year or aids.default_year
        if year is not None:
            stated_years.refuse_other_years(sheet, year, reasons)
        return [year] * len(sheet)
    years = [stated_years.read_year(cell) for cell in sheet.column(section.year_column)]
    for row, cell in enumerate(sheet.column(section.year_column)):
        if years[row] is None and row not in reasons:
            text = "" if cell is None else str(cell)
            reasons[row] = row_places.Reason("table.year_unreadable", f"'{text}' is no year.", text)
    return years


def check_services(section: PlannedSection, services: Collection[str]) -> None:
    """Refuse a section whose words mean services that are not known.

    Raises
    ------
    InputError
        With the services that are known.
    """
    unknown = sorted({*section.services.values()} - set(services))
    if unknown:
        raise InputError(
            f"{section.path}: services names {', '.join(unknown)}, which is no service. Known: "
            f"{', '.join(sorted(services))}."
        )


def _services(
    section: PlannedSection,
    sheet: sheets.Sheet,
    service_names: Collection[str],
    findings: list[Finding],
) -> list[str | None]:
    words = {word.casefold(): service for word, service in section.services.items()}
    check_services(section, service_names)
    if section.service_column is None:
        texts = _texts(sheet, section.activity_column)
        return [words.get((text or "").casefold()) for text in texts]
    services: list[str | None] = []
    for row, text in enumerate(_texts(sheet, section.service_column)):
        folded = (text or "").casefold()
        named_service = words.get(folded, folded if folded in service_names else None)
        services.append(named_service)
        if named_service is None:
            message = (
                f"'{text or ''}' is no service; the row counts for none. Map the word under "
                f"services, or write one of: {', '.join(sorted(service_names))}."
            )
            findings.append(
                SERVICE_UNKNOWN.finding(
                    message,
                    sheet.file,
                    sheet.rows[row],
                    value=text,
                )
            )
    return services
