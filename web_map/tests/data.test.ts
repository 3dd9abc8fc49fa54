import { expect, it } from "vitest";
import { say, type ViewData } from "../src/data";

const DATA = { words: { rank: "peringkat {rank} dari {total}", plain: "ya" } } as unknown as ViewData;

it("fills names in", () => {
  expect(say(DATA, "rank", { rank: "2", total: "14" })).toBe("peringkat 2 dari 14");
});
it("leaves an unknown name as it is", () => {
  expect(say(DATA, "rank", { rank: "2" })).toBe("peringkat 2 dari {total}");
});
