// The ranked table, sortable by every column: its headings become buttons.

export type Direction = "ascending" | "descending";

/** Order of two cells; cells without a value come last in both directions. */
export function compareCells(one: string, other: string, kind: string, direction: Direction): number {
  if (one === "" || other === "") return Number(one === "") - Number(other === "");
  const sign = direction === "ascending" ? 1 : -1;
  if (kind === "text") return sign * one.localeCompare(other, "id", { numeric: true });
  return sign * (Number(one) - Number(other));
}

/** The direction after a press: the other one, or for a new column the one that puts most on top. */
export function nextDirection(kind: string, now: string | null): Direction {
  if (now === "ascending") return "descending";
  if (now === "descending") return "ascending";
  return kind === "number" ? "descending" : "ascending";
}

function cellValue(row: HTMLTableRowElement, column: number, kind: string): string {
  const cell = row.cells[column];
  if (!cell) return "";
  if (kind === "text") return cell.textContent?.trim() ?? "";
  if (kind === "rank") return /^\d+$/.test(cell.textContent?.trim() ?? "") ? cell.textContent!.trim() : "";
  return cell.dataset["value"] ?? "";
}

function sortBy(table: HTMLTableElement, heading: HTMLTableCellElement): void {
  const body = table.tBodies[0];
  const kind = heading.dataset["sort"] ?? "text";
  if (!body) return;
  const direction = nextDirection(kind, heading.getAttribute("aria-sort"));
  const column = heading.cellIndex;
  const rows = [...body.rows].sort((one, other) =>
    compareCells(cellValue(one, column, kind), cellValue(other, column, kind), kind, direction),
  );
  body.append(...rows);
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction);
}

/** Make the headings of a table sort it. */
export function makeSortable(table: HTMLTableElement): void {
  for (const heading of table.querySelectorAll<HTMLTableCellElement>("thead th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(table, heading));
  }
}
