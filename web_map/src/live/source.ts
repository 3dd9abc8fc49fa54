// Ranges of an archive over HTTP, asked once more where the browser failed one or cut it short.

import { FetchSource, type RangeResponse } from "pmtiles";

const PAUSE_MS = 200;
const HEADER_BYTES = 127;

/** A source that asks again, past the browser's cache, when a range came in part or not at all.

Chromium keeps ranges in pieces of a kilobyte and gives only the first of them where a range that it
kept ends within another (seen at 156: 181 of 728 bytes, under a status and a length that say all is
there); a slow line drops one now and then.  What the server answered, and what was broken off here,
is not asked again. */
export class PatientSource extends FetchSource {
  override async getBytes(offset: number, length: number, signal?: AbortSignal, etag?: string): Promise<RangeResponse> {
    try {
      const part = await super.getBytes(offset, length, signal, etag);
      if (isWhole(part.data, offset, length)) return part;
    } catch (error) {
      if (!(error instanceof TypeError) || signal?.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const again = new FetchSource(this.url, this.customHeaders, this.credentials);
    again.mustReload = true;
    const part = await again.getBytes(offset, length, signal, etag);
    if (!isWhole(part.data, offset, length)) throw new Error(`${part.data.byteLength} of ${length} bytes of ${this.url}`);
    return part;
  }
}

/** Whether a range is what was asked: only the first of an archive, which begins with its header, may
reach beyond its end. */
function isWhole(data: ArrayBuffer, offset: number, length: number): boolean {
  if (data.byteLength >= length) return true;
  return offset === 0 && data.byteLength >= HEADER_BYTES && data.byteLength >= sizeOf(data);
}

/** Bytes of an archive, by its header: where the last of its four sections ends. */
function sizeOf(header: ArrayBuffer): number {
  const view = new DataView(header);
  const number = (place: number): number => Number(view.getBigUint64(place, true));
  return Math.max(...[8, 24, 40, 56].map((place) => number(place) + number(place + 8)));
}
