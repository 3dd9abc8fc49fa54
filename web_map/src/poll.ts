// Asks one address again and again for what changes, as little as can be: only while the page is seen,
// with the ETag of the last answer, and after failures ever more seldom.

const LONGEST_MS = 300_000;

interface Told {
  /** What came; an answer that says nothing new is not told. */
  readonly changed: (body: unknown) => void;
  /** The last try failed (true), or one succeeded after that (false). */
  readonly failing: (isFailing: boolean) => void;
}

/** How long to wait after so many failures, in milliseconds: twice as long after each, at most five minutes. */
export function pauseMs(everyMs: number, failures: number): number {
  return Math.max(everyMs, Math.min(everyMs * 2 ** failures, LONGEST_MS));
}

export class Poll {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private etag = "";
  private failures = 0;
  private isOn = true;
  private isDue = false;
  private readonly seen = (): void => {
    if (this.isDue && !document.hidden) this.ask();
  };

  constructor(
    private readonly address: string,
    private readonly everyMs: number,
    private readonly told: Told,
  ) {
    document.addEventListener("visibilitychange", this.seen);
    this.ask();
  }

  /** Ask no more; an answer that is under way is dropped. */
  stop(): void {
    this.isOn = false;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }

  private ask(): void {
    // A page that nobody sees asks nothing; it asks as soon as it is seen again.
    this.isDue = document.hidden;
    if (this.isDue) return;
    void this.fetchOnce()
      .then(() => this.succeed())
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        if (this.isOn) this.timer = setTimeout(() => this.ask(), pauseMs(this.everyMs, this.failures));
      });
  }

  private async fetchOnce(): Promise<void> {
    const headers = { accept: "application/json", ...(this.etag ? { "if-none-match": this.etag } : {}) };
    const answer = await fetch(this.address, { headers, cache: "no-store", signal: AbortSignal.timeout(15_000) });
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(String(answer.status));
    const body: unknown = await answer.json();
    this.etag = answer.headers.get("etag") ?? "";
    if (this.isOn) this.told.changed(body);
  }

  private succeed(): void {
    if (this.failures > 0 && this.isOn) this.told.failing(false);
    this.failures = 0;
  }

  private fail(error: unknown): void {
    console.warn("responses:", error);
    this.failures += 1;
    if (this.isOn) this.told.failing(true);
  }
}
