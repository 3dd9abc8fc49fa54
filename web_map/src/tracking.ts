// Parameters that others append to a link of ours: they say how the reader came, not what is shown.

/** Who appends what to a link that is shared; as the server's list (`geo_service/http/parameter_names.py`). */
const TRACKING =
  /^(?:amp;)?(?:(?:utm|mtm|matomo|pk|piwik|hsa|gad|fb)_.*|fbclid|igshid|igsh|mibextid|rdid|__tn__|sfnsn|gclid|gclsrc|gbraid|wbraid|dclid|srsltid|_ga|_gl|_gac|msclkid|yclid|ysclid|_openstat|ttclid|twclid|ref_src|ref_url|__twitter_impression|li_fat_id|epik|rdt_cid|scclid|s_kwcid|mc_cid|mc_eid|_hsenc|_hsmi|hsctatracking|mkt_tok|vero_id|vero_conv|oly_anon_id|oly_enc_id|ml_subscriber|ml_subscriber_hash|ck_subscriber_id|wickedid|_branch_match_id|dm_i|elqtrack|elqtrackid|hss_channel|_ke|_kx|xtor|ref|si|v|_|spm|trk)$/i;

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
