// Parameters that others append to a link of ours: they say how the reader came, not what is shown.

/** Who appends what to a link that is shared; as the server's list (`geo_service/http/parameter_names.py`). */
const TRACKING =
  /^(?:amp;)?(?:(?:utm_|mtm_|matomo_|pk_|piwik_|hsa_|gad_|fb_|__cft__|__hs|_x_tr_).*|(?:_|__s|__tn__|__twitter_impression|_branch_match_id|_ga|_gac|_gcl_au|_gl|_hsenc|_hsmi|_ke|_kx|_openstat|action_object_map|action_ref_map|action_type_map|at_campaign|at_medium|bta_c|bta_tid|ck_subscriber_id|dclid|dm_i|ef_id|elqtrack|elqtrackid|epik|fbadid|fbclid|fref|gad|gbraid|gclid|gclsrc|gs_lcrp|guccounter|guce_referrer|hc_location|hc_ref|hsctatracking|hss_channel|igsh|igshid|irclickid|is_from_webapp|li_fat_id|lipi|mc_cid|mc_eid|mibextid|mkt_tok|ml_subscriber|ml_subscriber_hash|msclkid|oly_anon_id|oly_enc_id|rb_clickid|rdid|rdt_cid|ref|ref_src|ref_url|refsrc|s_kwcid|sc_cid|scclid|sender_device|sfnsn|si|soc_src|soc_trk|spm|srsltid|trk|trk_contact|trk_module|trk_msg|trk_sid|tt_content|tt_medium|ttclid|twclid|v|vero_conv|vero_id|wbraid|wickedid|wt_mc|xtor|yclid|ysclid|zanpid)(?:\[.*)?)$/i;

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
