import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PatientSource } from "../src/live/source";

const part = (bytes: Uint8Array<ArrayBuffer>): Response => new Response(bytes, { status: 206, headers: { "content-length": "728" } });
const answer = (): Response => part(new Uint8Array(728));
const asked = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  asked.mockReset();
});

async function bytes(signal?: AbortSignal, offset = 48_971, length = 728): Promise<number> {
  const source = new PatientSource("https://peta.go.id/tiles.pmtiles");
  const part = source.getBytes(offset, length, signal);
  part.catch(() => undefined);
  await vi.runAllTimersAsync();
  return (await part).data.byteLength;
}

test("a range that got no answer is asked once more, past the cache", async () => {
  asked.mockRejectedValueOnce(new TypeError("Failed to fetch")).mockResolvedValueOnce(answer());
  expect(await bytes()).toBe(728);
  expect(asked.mock.calls.map(([, options]) => options?.cache)).toEqual([undefined, "reload"]);
});

test("a range that twice got no answer has failed", async () => {
  asked.mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(bytes()).rejects.toThrow("Failed to fetch");
  expect(asked).toHaveBeenCalledTimes(2);
});

test("what the server answered is not asked again", async () => {
  asked.mockResolvedValueOnce(new Response("", { status: 503 }));
  await expect(bytes()).rejects.toThrow("503");
  expect(asked).toHaveBeenCalledTimes(1);
});

test("what was broken off is not asked again", async () => {
  const abort = new AbortController();
  asked.mockImplementationOnce(() => {
    abort.abort();
    return Promise.reject(new TypeError("Failed to fetch"));
  });
  await expect(bytes(abort.signal)).rejects.toThrow("Failed to fetch");
  expect(asked).toHaveBeenCalledTimes(1);
});

test("a range that the cache cut short is asked once more, past the cache", async () => {
  asked.mockResolvedValueOnce(part(new Uint8Array(181))).mockResolvedValueOnce(answer());
  expect(await bytes()).toBe(728);
  expect(asked.mock.calls.map(([, options]) => options?.cache)).toEqual([undefined, "reload"]);
});

test("a range that stays short has failed, with what came of it", async () => {
  asked.mockImplementation(() => Promise.resolve(part(new Uint8Array(181))));
  await expect(bytes()).rejects.toThrow("181 of 728 bytes");
});

/** The beginning of an archive that is so long, of which so much came. */
function beginning(size: number, came: number): Response {
  const bytes = new Uint8Array(came);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(56, 1000n, true);
  view.setBigUint64(64, BigInt(size - 1000), true);
  return part(bytes);
}

test("the beginning of a small archive ends where the archive does", async () => {
  asked.mockResolvedValueOnce(beginning(5000, 5000));
  expect(await bytes(undefined, 0, 16_384)).toBe(5000);
  expect(asked).toHaveBeenCalledTimes(1);
});

test.each([
  [50_000, 5000],
  [5000, 4096],
])("the beginning of an archive of %i bytes of which %i came is asked once more", async (size, came) => {
  asked.mockResolvedValueOnce(beginning(size, came)).mockResolvedValueOnce(beginning(size, Math.min(size, 16_384)));
  expect(await bytes(undefined, 0, 16_384)).toBe(Math.min(size, 16_384));
});
