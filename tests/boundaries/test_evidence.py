"""A declaration that the codes contradict is refused, naming both kabupaten."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from boundaries.codes import CodeReference, CodeSystem, column_findings, read_code_column
from boundaries.codes.crosswalk import CodeBridge, join_bridges, read_bridge
from boundaries.codes.evidence import refuse_contradiction, weigh_code_systems

K, B = CodeSystem.KEMENDAGRI, CodeSystem.BPS

NAMES = ["Lamakera", "Watobuku", "Balaweling", "Motonwutun", "Waiburak", "Ritaebang"]
REFERENCE = CodeReference.of(
    K,
    {"53.06": "Kab. Flores Timur"}
    | {f"53.06.01.{2001 + place}": name for place, name in enumerate(NAMES)},
    ["53.06"],
)
BRIDGE = CodeBridge(
    {"5306": "5304", "5309": "5306", "5306012": "530401"},
    {"5306": "BELU", "5309": "FLORES TIMUR", "5306012": "RAIMANUK"},
    {"5304": "KAB. BELU", "5306": "KAB. FLORES TIMUR"},
)
OWN = [f"530601{2001 + place}" for place in range(6)]
FOREIGN = [f"5306012{place:03d}" for place in range(1, 7)]  # exist as Kemendagri codes too
STRANGERS = ["Faturika", "Leuntolu", "Mandeu", "Renrua", "Tasain", "Duakoran"]


def test_codes_of_the_declared_system_are_not_refused() -> None:
    evidence = weigh_code_systems(OWN, NAMES, REFERENCE, BRIDGE)
    assert evidence.verdict == "kemendagri"
    assert evidence.kemendagri.agreeing == evidence.kemendagri.compared > 0
    assert refuse_contradiction(evidence, K, "idm.csv") is None


def test_bps_codes_declared_as_kemendagri_are_refused_naming_both_kabupaten() -> None:
    evidence = weigh_code_systems(FOREIGN, STRANGERS, REFERENCE, BRIDGE)
    finding = refuse_contradiction(evidence, K, "belu.csv", "IDDESA")
    assert finding is not None
    assert finding.code == "codes.contradicted"
    assert "5306 is Kab. Belu in BPS codes" in finding.message
    assert "Kab. Flores Timur (53.06) in Kemendagri codes" in finding.message
    assert len(evidence.disagreeing) == 6


def test_both_are_named_even_if_no_row_can_be_a_kemendagri_code() -> None:
    evidence = weigh_code_systems([f"530601000{n}" for n in range(1, 7)], None, REFERENCE, BRIDGE)
    finding = refuse_contradiction(evidence, K, "belu.csv")
    assert finding is not None
    assert "Kab. Belu in BPS codes but Kab. Flores Timur (53.06) in Kemen" in finding.message


def test_kemendagri_codes_declared_as_bps_are_refused() -> None:
    evidence = weigh_code_systems(OWN, NAMES, REFERENCE, BRIDGE)
    finding = refuse_contradiction(evidence, B, "idm.csv")
    assert finding is not None
    assert "Kab. Belu" in finding.message
    assert "Flores Timur" in finding.message


def test_a_mixed_column_is_refused() -> None:
    rows = OWN + [f"5306010{place:03d}" for place in range(1, 7)]
    evidence = weigh_code_systems(rows, None, REFERENCE, BRIDGE)
    finding = refuse_contradiction(evidence, K, "t.csv")
    assert finding is not None
    assert finding.code == "codes.mixed"


def test_a_column_that_fits_both_systems_asks() -> None:
    both = CodeBridge({**{code: code[:6] + "2001" for code in FOREIGN}, **BRIDGE.targets})
    evidence = weigh_code_systems(FOREIGN[:3], NAMES[:3], REFERENCE, both, None)
    assert evidence.verdict == "kemendagri"  # the names tell
    bridge = CodeBridge({code: code for code in OWN}, dict(zip(OWN, NAMES, strict=True)))
    evidence = weigh_code_systems(OWN, NAMES, REFERENCE, bridge)
    finding = refuse_contradiction(evidence, K, "t.csv")
    assert finding is not None
    assert finding.code == "codes.ambiguous"


def test_codes_of_elsewhere_say_nothing() -> None:
    evidence = weigh_code_systems(["3205012001"], ["X"], REFERENCE, None)
    assert evidence.verdict == "silent"
    assert refuse_contradiction(evidence, K, "t.csv") is None
    assert weigh_code_systems([], [], REFERENCE).verdict == "silent"


def test_a_code_under_another_name_is_noticed() -> None:
    evidence = weigh_code_systems(OWN, [*NAMES[:5], "Sidomulyo"], REFERENCE, BRIDGE)
    assert [OWN[row] for row in evidence.disagreeing] == ["5306012006"]


def test_a_bridge_of_kecamatan_does_not_cross_desa(tmp_path: Path) -> None:
    path = tmp_path / "bridge.csv"
    path.write_text(
        "kode_bps;nama_bps;kode_dagri\n5306;BELU;53.04\n5309;A;53.06\n5310;B;53.06\n", "utf-8"
    )
    bridge, findings, _ = read_bridge(
        path, "bridge.csv", bps_column="kode_bps", kemendagri_column="kode_dagri"
    )
    assert bridge.targets == {"5306": "5304"}
    assert sorted({finding.code for finding in findings}) == [
        "crosswalk.conflict",
        "crosswalk.undated",
    ]
    crossed = bridge.cross(read_code_column(["5306", "5309", "5399"], B, "kabupaten"))
    assert crossed.written == ["53.04", None, None]
    assert [problem.reason for problem in crossed.problems] == ["several_pairs", "no_bridge"]
    assert "which has no code of BPS 5399" in crossed.problems[1].message
    assert {finding.code for finding in column_findings(crossed, "t.csv")} == {"codes.not_bridged"}


@pytest.fixture(scope="module")
def real_bridge(shared_data: Path) -> CodeBridge:
    bridges = []
    for name in ("kabkota.csv.gz", "kecamatan.csv.gz"):
        bridge, findings, _ = read_bridge(
            shared_data / "bridge_kecamatan" / name,
            name,
            bps_column="kode_bps",
            kemendagri_column="kode_dagri",
            bps_name_column="nama_bps",
            kemendagri_name_column="nama_dagri",
            date="2022-05",
        )
        assert findings == []
        bridges.append(bridge)
    return join_bridges(bridges)


def _desa(shared_data: Path, provinsi: str) -> pd.DataFrame:
    path = shared_data / "wilayah_boundaries" / f"kel_{provinsi}.parquet"
    return pd.read_parquet(path, columns=["kode", "nama"])


@pytest.mark.real
@pytest.mark.parametrize("has_names", [True, False])
def test_a_belu_table_in_bps_codes_is_refused_against_flores_timur(
    shared_data: Path, real_bridge: CodeBridge, has_names: bool
) -> None:
    desa = _desa(shared_data, "53")
    flores_timur = desa[desa["kode"].str.startswith("53.06.")]
    belu = [
        (f"{bps}{number:03d}", name)
        for bps, kecamatan in sorted(real_bridge.targets.items())
        if len(bps) == 7 and bps.startswith("5306")
        for number, name in enumerate(
            desa.loc[desa["kode"].str.replace(".", "").str[:6] == kecamatan, "nama"], start=1
        )
    ]
    names = dict(zip(flores_timur["kode"], flores_timur["nama"], strict=True))
    reference = CodeReference.of(K, names, ["53.06"])
    evidence = weigh_code_systems(
        [code for code, _ in belu],
        [name for _, name in belu] if has_names else None,
        reference,
        real_bridge,
    )
    assert len(belu) == 81
    assert evidence.rows == 81
    finding = refuse_contradiction(evidence, K, "belu.csv")
    assert finding is not None
    assert finding.code == "codes.contradicted"
    assert "5306 is Kab. Belu in BPS codes" in finding.message
    assert "Kab. Flores Timur (53.06) in Kemendagri codes" in finding.message


@pytest.mark.real
def test_every_idm_code_without_polygon_has_its_reason(shared_data: Path) -> None:
    """2,567 desa, 2,498 with a polygon; the 69 others, each with why.

    57 have kabupaten codes of the undivided Papua (91.01 Merauke is 93.01 since 2022, and so on).
    12 lie in a kecamatan that exists: 9 of Kota Bangun became Kota Bangun Darat (64.02.19), Urung
    moved to 81.05.16, and two of Sentani Timur are in no official list any more.
    """
    idm = pd.read_csv(shared_data / "idm_kemendesa" / "idm_summary.csv.gz", dtype=str)
    desa = idm.drop_duplicates("kode").sort_values("kode")
    files = sorted((shared_data / "wilayah_boundaries").glob("kel_*.parquet"))
    known = pd.concat([pd.read_parquet(f, columns=["kode", "nama"]) for f in files])
    names = dict(zip(known["kode"], known["nama"], strict=True))
    reference = CodeReference.of(K, names, ["indonesia"])
    unmatched = [code for code in desa["kode"] if code not in reference]
    assert (len(desa), len(unmatched)) == (2567, 69)
    reasons = Counter((reference.reason_unknown(code)[0], code[:4]) for code in unmatched)
    assert reasons == {
        ("kabupaten_unknown", "9101"): 16,
        ("kabupaten_unknown", "9104"): 5,
        ("kabupaten_unknown", "9107"): 15,
        ("kabupaten_unknown", "9108"): 6,
        ("kabupaten_unknown", "9109"): 15,
        ("desa_unknown", "6402"): 9,
        ("desa_unknown", "8105"): 1,
        ("desa_unknown", "9103"): 2,
    }
    evidence = weigh_code_systems(list(desa["kode"]), list(desa["nama_desa"]), reference)
    assert (evidence.verdict, evidence.kemendagri.existing) == ("kemendagri", 2498)
    assert len(evidence.disagreeing) == 7  # Panjoe / KAMPONG PANJOE and the like: no other desa


@pytest.mark.real
def test_no_column_of_a_whole_kabupaten_is_taken_for_the_other_system(
    shared_data: Path, real_bridge: CodeBridge
) -> None:
    """Each kabupaten of Nusa Tenggara Timur: its Kemendagri codes, and BPS codes of its number."""
    desa = _desa(shared_data, "53").assign(digits=lambda f: f["kode"].str.replace(".", ""))
    by_kecamatan = dict(list(desa.groupby(desa["digits"].str[:6])["digits"]))
    for kabupaten, rows in desa.groupby(desa["digits"].str[:4]):
        names = dict(zip(rows["digits"], rows["nama"], strict=True))
        reference = CodeReference.of(K, names, [str(kabupaten)])
        assert weigh_code_systems(list(rows["digits"]), None, reference).verdict == "kemendagri"
        bps = [
            f"{code}{number:03d}"
            for code, target in sorted(real_bridge.targets.items())
            if len(code) == 7 and code.startswith(str(kabupaten))
            for number in range(1, len(by_kecamatan.get(target, ())) + 1)
        ]
        assert weigh_code_systems(bps, None, reference).verdict in ("bps", "mixed", "silent")
