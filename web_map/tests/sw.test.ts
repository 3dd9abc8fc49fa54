import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

const SITE = "https://peta.go.id";
const PAGE = `${SITE}/kecamatan/99.01.01`;
const FILE = `${SITE}/releases/r-0123456789abcdef/files/layers/desa/style.json`;

const listeners: Record<string, (event: unknown) => void> = {};
const kept = new Map<string, string>();

function cache() {
  return {
    delete: (key: string) => Promise.resolve(kept.delete(key)),
    keys: () => Promise.resolve([...kept.keys()].map((url) => ({ url }))),
    match: () => Promise.resolve(undefined),
    put: async (key: string, answer: Response) => void kept.set(key, await answer.text()),
  };
}

/** What the service worker keeps of addresses that the first page had. */
async function keptOf(urls: string[], cacheControl: string): Promise<string[]> {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("isi", { headers: { "cache-control": cacheControl } })));
  const waits: Promise<unknown>[] = [];
  listeners["message"]?.({ data: urls, waitUntil: (work: Promise<unknown>) => waits.push(work) });
  await Promise.all(waits);
  return [...kept.keys()];
}

describe("the service worker", () => {
  beforeAll(async () => {
    const addEventListener = (name: string, listener: (event: unknown) => void) => void (listeners[name] = listener);
    vi.stubGlobal("self", { addEventListener, location: { origin: SITE } });
    vi.stubGlobal("caches", { open: () => Promise.resolve(cache()) });
    await import("../src/sw");
  });
  beforeEach(() => kept.clear());

  it.each(["public, no-cache", "public, max-age=31536000, immutable"])("keeps what is %s", async (cacheControl) => {
    expect(await keptOf([PAGE, FILE], cacheControl)).toEqual([PAGE, FILE]);
  });

  it.each(["private, no-store", "no-store"])("keeps nothing that is %s", async (cacheControl) => {
    expect(await keptOf([`${PAGE}?token=geo_x`, FILE], cacheControl)).toEqual([]);
  });
});
