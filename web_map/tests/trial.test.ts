import { describe, expect, it, vi } from "vitest";
import { fromSheet, toSheet } from "../pages/trial/ground";
import { placeText, splitPlaces, trialAddress } from "../pages/trial/places";
import { askEffect, askPlace, BusyError, Latest } from "../pages/trial/preview";

describe("the places of a trial in the address", () => {
  it("are written to a metre and read back", () => {
    expect(placeText([122.9600049, -8.32])).toBe("122.96000,-8.32000");
    expect(splitPlaces("122.96,-8.32;53.06.13.2004")).toEqual(["122.96,-8.32", "53.06.13.2004"]);
    expect(splitPlaces("")).toEqual([]);
  });

  it("replace those before and leave the rest of the view", () => {
    const before = "http://x/kecamatan/1?layer=gaps.gap_count&coba=1,2&coba_desa=3&coba_titik=4&desa=5";
    const after = trialAddress(before, ["122.96,-8.32", "53.06"], "sd");
    expect(after).toBe("http://x/kecamatan/1?layer=gaps.gap_count&desa=5&coba=122.96,-8.32;53.06&coba_jenis=sd");
    expect(trialAddress(after, [], "sd")).toBe("http://x/kecamatan/1?layer=gaps.gap_count&desa=5&coba_jenis=sd");
  });
});

describe("the drawing", () => {
  const sheet = { bbox: [122, -9, 124, -8], width: 1000, height: 500 } as const;
  it.each([
    [[122, -8], [0, 0]],
    [[124, -9], [1000, 500]],
    [[122.5, -8.25], [250, 125]],
  ] as const)("has %j at %j", (place, spot) => {
    expect(toSheet(sheet, place)).toEqual(spot);
    expect(fromSheet(sheet, spot)).toEqual(place);
  });
});

describe("questions while a marker moves", () => {
  it("are asked one at a time, and of those meanwhile only the last", async () => {
    const waiting: ((answer: string) => void)[] = [];
    const asked: number[] = [];
    const told: unknown[] = [];
    const latest = new Latest<number, string>(
      (question) => {
        asked.push(question);
        return new Promise((resolve) => waiting.push(resolve));
      },
      (answer) => told.push(answer),
    );
    for (const question of [1, 2, 3]) latest.put(question);
    expect(asked).toEqual([1]);
    waiting[0]!("one");
    await vi.waitFor(() => expect(asked).toEqual([1, 3]));
    latest.end();
    waiting[1]!("three");
    await Promise.resolve();
    expect(told).toEqual(["one"]);
  });

  it("tell what failed, and go on", async () => {
    const told: unknown[] = [];
    const latest = new Latest<number, number>(
      (question) => (question === 1 ? Promise.reject(new Error("broken")) : Promise.resolve(question)),
      (answer) => told.push(answer instanceof Error ? answer.message : answer),
    );
    latest.put(1);
    await vi.waitFor(() => expect(told).toEqual(["broken"]));
    latest.put(2);
    await vi.waitFor(() => expect(told).toEqual(["broken", 2]));
  });

  it("know a busy server from one that refuses", async () => {
    const answer = (status: number): void =>
      void vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status })));
    answer(503);
    await expect(askEffect("/x", "sd", [[1, 2]])).rejects.toBeInstanceOf(BusyError);
    answer(400);
    await expect(askEffect("/x", "sd", [[1, 2]])).rejects.not.toBeInstanceOf(BusyError);
    vi.unstubAllGlobals();
  });
});

it("suggests the best place that lies in the wilayah, on top of what is tried", async () => {
  const asked: unknown[] = [];
  const sites = [
    { lon: 1, lat: 2, kode: "53.06.12.2001" },
    { lon: 3, lat: 4, kode: null },
    { lon: 5, lat: 6, kode: "53.06.13.2004" },
  ];
  vi.stubGlobal("fetch", (_: string, request: { body: string }) => {
    asked.push((JSON.parse(request.body) as { inputs: object }).inputs);
    return Promise.resolve(new Response(JSON.stringify({ sites })));
  });
  const area = { kode: "53.06.13", bbox: [1, 2, 3, 4] };
  expect(await askPlace("/p/", "sd", [], area)).toEqual([5, 6]);
  expect(await askPlace("/p/", "sd", [[7, 8]], { ...area, kode: "53.06.1" })).toBeNull();
  const wish = { kind: "sd", number: 5, effort: "explore", bbox: [1, 2, 3, 4] };
  expect(asked).toEqual([wish, { ...wish, decided: [[7, 8]] }]);
  vi.unstubAllGlobals();
});
