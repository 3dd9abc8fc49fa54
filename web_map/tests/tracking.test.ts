import { describe, expect, it } from "vitest";
import { plainAddress } from "../src/tracking";

const PAGE = "http://x/kecamatan/99.01.01";

describe("an address without the way there", () => {
  it.each([
    ["?fbclid=IwAR1", ""],
    ["?utm_source=wa&utm_medium=grup", ""],
    ["?layer=desa.idm_skor&UTM_Source=wa&desa=99.01.01.2003", "?layer=desa.idm_skor&desa=99.01.01.2003"],
    ["?gclid=1&view=125.1,-5.6,11", "?view=125.1,-5.6,11"],
    ["?utm%5Fsource=wa&lang=en#tbl", "?lang=en#tbl"],
    ["?_ga=1&_gl=2&ref=portal&v=3", ""],
    ["?__cft__[0]=AZ&__cft__%5B1%5D=b&gad=1&gclid[]=2&desa=99.01.01.2003", "?desa=99.01.01.2003"],
  ])("of %s is %s", (query, plain) => {
    expect(plainAddress(PAGE + query)).toBe(PAGE + plain);
  });

  it.each(["", "?", "?layer=a&layer2=b", "?view=1,2,3&coba=1,2;3", "?utmost=1", "?desa=", "?layer[0]=a&gadget=1"])("of %s is the same, byte for byte", (query) => {
    expect(plainAddress(PAGE + query)).toBe(PAGE + query);
  });
});
