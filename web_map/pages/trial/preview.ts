// What a place would change while its marker is still moving: one question at a time, the latest wins.

import type { Place } from "./places";

/** The parts of an answer of `new-facility` that are shown on the way; people, and who was covered before, may be unknown. */
export interface Effect {
  readonly people: { readonly newly_covered: number | null } | null;
  readonly gaps: { readonly closed: number };
}

/** The server is busy; it may answer later. */
export class BusyError extends Error {}

/** The effect of facilities of a kind at places; rejects when the server cannot say. */
export async function askEffect(processes: string, kind: string, points: readonly Place[]): Promise<Effect> {
  return (await execute(`${processes}new-facility/execution`, { kind, points })) as Effect;
}

interface Site {
  readonly lon: number;
  readonly lat: number;
  readonly kode: string | null;
}

/** The best further place in a wilayah, found in its box; null where none gains anything. */
export async function askPlace(
  processes: string,
  kind: string,
  decided: readonly Place[],
  area: { readonly kode: string; readonly bbox: readonly number[] },
): Promise<Place | null> {
  // The box reaches into the neighbours, so the best of some that lies in the wilayah is taken.
  const wish = { kind, number: 5, effort: "explore", bbox: area.bbox };
  const inputs = decided.length > 0 ? { ...wish, decided } : wish;
  const found = (await execute(`${processes}siting/execution`, inputs)) as { readonly sites: readonly Site[] };
  const site = found.sites.find((one) => one.kode?.startsWith(`${area.kode}.`));
  return site ? [site.lon, site.lat] : null;
}

async function execute(url: string, inputs: object): Promise<unknown> {
  const headers = { "content-type": "application/json", accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ inputs }) });
  if (answer.status === 503) throw new BusyError();
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Asks one question at a time; of those that come meanwhile only the last is asked. */
export class Latest<Question, Answer> {
  private next: Question | null = null;
  private isAsking = false;
  private isOver = false;

  constructor(
    private readonly ask: (question: Question) => Promise<Answer>,
    private readonly tell: (answer: Answer | Error) => void,
  ) {}

  /** Ask, now or when the one before is answered. */
  put(question: Question): void {
    this.next = question;
    if (!this.isAsking) void this.run();
  }

  /** Nothing is reported any more. */
  end(): void {
    this.isOver = true;
    this.next = null;
  }

  private async run(): Promise<void> {
    this.isAsking = true;
    while (this.next !== null) {
      const question = this.next;
      this.next = null;
      const answer = await this.ask(question).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      );
      if (!this.isOver) this.tell(answer);
    }
    this.isAsking = false;
  }
}
