import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Row, ViewData } from "../src/data";
import { pauseMs, Poll } from "../src/poll";
import { fill, respondingView, stateIn, type States } from "../src/responses";

const states: States = {
  keadaan: [
    { id: "overdue", judul: "Lewat", warna: "#d55e00" },
    { id: "done", judul: "Selesai", warna: "#00734f" },
    { id: "none", judul: "Tidak ada", warna: null },
  ],
  layanan: [{ id: "air", judul: "Air" }],
  wilayah: {
    a: { keadaan: "overdue", layanan: { air: "done" } },
    b: { keadaan: "done", layanan: {} },
    c: { keadaan: "none", layanan: {} },
  },
};
const row = (kode: string): Row => ({ id: 1, kode, nama: kode, k: 4, s: "part", t: "12 %", c: "x", r: 1, q: "y", y: 2024, p: null });
const data = { colours: ["#ffffff"], rows: ["a", "b", "c", "d"].map(row) } as unknown as ViewData;

test("a child has the colour, mark and words of its state, and one that nobody knows those of nothing sent", () => {
  const view = respondingView(data, states, "");
  expect(view.colours).toEqual(["#d55e00", "#00734f"]);
  expect(view.rows.map(({ k, s, t }) => [k, s, t])).toEqual([
    [0, "overdue", "Lewat"],
    [1, "ok", "Selesai"],
    [-1, "no_data", "Tidak ada"],
    [-1, "no_data", "Tidak ada"],
  ]);
});

test("of a chosen service only its own state counts", () => {
  expect(["a", "b"].map((kode) => stateIn(states, kode, "air"))).toEqual(["done", "none"]);
});

test("what is not known is a dash in a sentence", () => {
  expect(fill("{n} dari {m}", { n: 0, m: null })).toBe("0 dari –");
});

test("after each failure the next question waits twice as long, at most five minutes", () => {
  expect([0, 1, 2, 9].map((failures) => pauseMs(20_000, failures))).toEqual([20_000, 40_000, 80_000, 300_000]);
});

const page = { hidden: false, seen: (): void => {} };

beforeEach(() => {
  vi.useFakeTimers();
  page.hidden = false;
  vi.stubGlobal("document", {
    get hidden() { return page.hidden; },
    addEventListener: (_: string, seen: () => void) => (page.seen = seen),
    removeEventListener: () => {},
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const answer = (status: number, etag = ""): Response =>
  new Response(status === 304 ? null : '{"n": 1}', { status, headers: { etag } });

test("the last ETag is sent, and an answer that says nothing new is not told", async () => {
  const asked = vi.fn().mockResolvedValueOnce(answer(200, '"1"')).mockResolvedValue(answer(304));
  vi.stubGlobal("fetch", asked);
  const changed = vi.fn();
  const poll = new Poll("/x.json", 1000, { changed, failing: vi.fn() });
  await vi.advanceTimersByTimeAsync(1500);
  expect(asked.mock.calls.map(([, options]) => options.headers["if-none-match"])).toEqual([undefined, '"1"']);
  expect(changed).toHaveBeenCalledTimes(1);
  poll.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveBeenCalledTimes(2);
});

test("a page that nobody sees asks nothing, and asks at once when it is seen again", async () => {
  const asked = vi.fn().mockImplementation(async () => answer(200));
  vi.stubGlobal("fetch", asked);
  const poll = new Poll("/x.json", 1000, { changed: vi.fn(), failing: vi.fn() });
  await vi.advanceTimersByTimeAsync(100);
  page.hidden = true;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toHaveBeenCalledTimes(1);
  page.hidden = false;
  page.seen();
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toHaveBeenCalledTimes(2);
  poll.stop();
});

test("failures are told, asked again more seldom, and told to be over", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const asked = vi.fn().mockResolvedValueOnce(answer(503)).mockRejectedValueOnce(new TypeError("net")).mockResolvedValue(answer(200));
  vi.stubGlobal("fetch", asked);
  const failing = vi.fn();
  const poll = new Poll("/x.json", 1000, { changed: vi.fn(), failing });
  await vi.advanceTimersByTimeAsync(1900);
  expect(asked).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(4100);
  expect(asked).toHaveBeenCalledTimes(3);
  expect(failing.mock.calls).toEqual([[true], [true], [false]]);
  poll.stop();
});
