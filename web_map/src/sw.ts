// The service worker: what was seen of a kecamatan stays usable offline.
//
// Pages are asked of the server first and kept; built files and what belongs to one release never
// change and are taken from the cache first, parts of tile archives included.

// With a copy of its own: a service worker loads no further script.
import { plainAddress } from "./tracking?own";

const worker = self as unknown as ServiceWorkerGlobalScope;

const PAGES = "pages-1";
const FILES = "files-1";
const MOST_PAGES = 40;
const MOST_FILES = 400;
// Longer than a page waits, so that the page can say what it waited for.
const PATIENCE_MS = 20_000;

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(takeOver()));
worker.addEventListener("message", (event) => event.waitUntil(keepSeen(event.data as unknown)));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (isForever(url.pathname)) event.respondWith(answerFile(request));
  else if (request.mode === "navigate" || request.headers.get("accept") === "text/html") event.respondWith(answerPage(request));
});

/** Files whose name holds the hash of their content, or the release they belong to. */
function isForever(path: string): boolean {
  return /\/assets\/.+-[\w-]{8,}\.\w+$/.test(path) || /\/releases\/[^/]+\/files\//.test(path);
}

async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) if (name !== PAGES && name !== FILES) await caches.delete(name);
  await worker.clients.claim();
}

/** Keep what the first page had before this worker was there. */
async function keepSeen(told: unknown): Promise<void> {
  if (!Array.isArray(told)) return;
  for (const url of told.filter((one): one is string => typeof one === "string")) {
    const request = new Request(url, { headers: { accept: "text/html" } });
    try {
      if (isForever(new URL(url).pathname)) await answerFile(request);
      else await askPage(request);
    } catch {
      // Not reachable now: the next visit keeps it.
    }
  }
}

/** A page under the address that says which it is: a look of the map is no other page, nor is the way there. */
function pageKey(url: string): string {
  const key = new URL(plainAddress(url));
  for (const name of ["view", "desa"]) key.searchParams.delete(name);
  return key.href;
}

async function askPage(request: Request): Promise<Response> {
  const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.ok) await keep(PAGES, pageKey(request.url), answer.clone(), MOST_PAGES);
  return answer;
}

async function answerPage(request: Request): Promise<Response> {
  try {
    return await askPage(request);
  } catch (error) {
    const kept = await (await caches.open(PAGES)).match(pageKey(request.url));
    if (!kept) return request.mode === "navigate" ? nothingKept(request.url) : Promise.reject(error as Error);
    const text = (await kept.text()).replace("<html ", '<html data-offline="1" ');
    return new Response(text, { status: 200, headers: headersOf(kept) });
  }
}

/** Headers of a kept page without those that speak of its packed bytes. */
function headersOf(kept: Response): Headers {
  const headers = new Headers(kept.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  return headers;
}

/** The last pages that are kept, as links: better than the browser's own page of failure. */
async function nothingKept(url: string): Promise<Response> {
  const isEnglish = new URL(url).searchParams.get("lang") === "en";
  const kept = [...(await (await caches.open(PAGES)).keys())].reverse();
  const links = kept.slice(0, 12).map((one) => `<li><a href="${escapeText(one.url)}">${escapeText(decodeURI(new URL(one.url).pathname))}</a></li>`);
  const title = isEnglish ? "No connection" : "Tidak ada sambungan";
  const told = isEnglish ? "This page was not opened before. Kept on this device:" : "Halaman ini belum pernah dibuka. Tersimpan di perangkat ini:";
  const body = `<!doctype html><html lang="${isEnglish ? "en" : "id"}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1><p>${told}</p><ul>${links.join("")}</ul></html>`;
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" };
  return new Response(body, { status: 503, headers });
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}

async function answerFile(request: Request): Promise<Response> {
  const range = request.headers.get("range");
  const key = range === null ? request.url : `${request.url}?range=${encodeURIComponent(range)}`;
  // Who asks past the cache of the browser asks past this one, too.
  const kept = request.cache === "reload" ? undefined : await (await caches.open(FILES)).match(key);
  if (kept) return range === null ? kept : asPart(kept);
  const answer = await fetch(request);
  if (answer.status === 200 && range === null) await keep(FILES, key, answer.clone(), MOST_FILES);
  if (answer.status === 206) {
    const whole = await asWhole(answer.clone());
    if (whole) await keep(FILES, key, whole, MOST_FILES);
  }
  return answer;
}

/** A part of a file as a cache can hold it, which takes no 206; null for one that was cut short (see `PatientSource`). */
async function asWhole(part: Response): Promise<Response | null> {
  const bytes = await part.arrayBuffer();
  const length = part.headers.get("content-length");
  return length === null || bytes.byteLength === Number(length) ? new Response(bytes, { status: 200, headers: part.headers }) : null;
}

async function asPart(kept: Response): Promise<Response> {
  return new Response(await kept.arrayBuffer(), { status: 206, headers: kept.headers });
}

/**
 * Put an answer into a cache, and let go of the oldest; a full disk is no failure of the page.
 *
 * What a token opened, and what is not known to be sound, is `no-store`: no copy stays on the device.
 */
async function keep(name: string, key: string, answer: Response, most: number): Promise<void> {
  if (answer.headers.get("cache-control")?.includes("no-store")) return;
  try {
    const cache = await caches.open(name);
    await cache.delete(key);
    await cache.put(key, answer);
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length - most))) await cache.delete(old);
  } catch {
    // The page was answered; only a later visit offline misses this.
  }
}
