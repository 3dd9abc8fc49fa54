// Parameters that others append to a link of ours: they say how the reader came, not what is shown.

/** Who appends what to a link that is shared; as the server's list (`geo_service/http/parameter_names.py`). */
const TRACKING =
  /^(?:(?:utm|mtm|pk|hsa)_.*|fbclid|igshid|igsh|mibextid|gclid|gclsrc|gbraid|wbraid|dclid|gad_source|gad_campaignid|srsltid|_ga|_gl|msclkid|yclid|ttclid|twclid|li_fat_id|epik|rdt_cid|scclid|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|vero_id|oly_anon_id|oly_enc_id|ref|v|_)$/i;

/** The same address without the parameters that only say how the reader came. */
export function plainAddress(address: string): string {
  const url = new URL(address);
  const query = url.search.slice(1).split("&");
  const others = query.filter((part) => !TRACKING.test(nameOf(part)));
  if (others.length === query.length) return address;
  url.search = others.join("&");
  return url.href;
}

function nameOf(part: string): string {
  return [...new URLSearchParams(part).keys()][0] ?? "";
}
