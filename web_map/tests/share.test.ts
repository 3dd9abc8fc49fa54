import { expect, it } from "vitest";
import { sharedAddress } from "../src/share";

const PAGE = "https://peta.go.id/kecamatan/99.01.01";

it.each([
  ["?token=geo_x", ""],
  ["?layer=desa.idm_skor&token=geo_x&view=125.1,-5.6,11#tbl", "?layer=desa.idm_skor&view=125.1,-5.6,11#tbl"],
  ["?coba=1,2;3&tokens=2", "?coba=1,2;3&tokens=2"],
  ["", ""],
])("a link for others of %s is %s", (query, shared) => {
  expect(sharedAddress(PAGE + query)).toBe(PAGE + shared);
});
