"""The job of ``clustermodel mass`` as the command line calls it."""

import json

import pytest
from typer.testing import CliRunner

from clustermodel.cli.mass import MassRequest, SearchRequest, show_masses
from clustermodel.errors import ClusterModelError, InputError
from clustermodel.massspec.formula import read_ion
from clustermodel.massspec.ion import measure_ion
from clustermodel.pipeline.analyze import analyze
from clustermodel.pipeline.cluster_ion import build_cluster_ions

MODEL = "model:au25_sch3_18_nme4"
AU21 = "[Au21(AdmS)12(PPh2py)3(CH3OH)Cs]2+"


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")  # tables are not broken into lines


def run(capsys, ion, **options):
    """Run the job and return the one document that stands on standard output."""
    show_masses(ion, MassRequest(**options), "-", None)
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert document["schema"] == "clustermodel.mass/1"
    return document


def test_document(capsys):
    document = run(
        capsys,
        "[Au22(AdmS)12(PPh2py)4]2+",
        printed=("3696.34",),
        found=("3696.46",),
        resolving_power=17_000.0,
        search=SearchRequest(adducts=("Cs",)),
    )
    (ion,) = document["ions"]
    assert ion["formula"] == "C188H236Au22N4P4S12"
    assert ion["electrons"] == 8
    assert ion["mz"]["most_abundant"] == pytest.approx(3696.3434, abs=5e-4)  # the requirement
    assert ion["printed"][0]["verdict"] == "most abundant"
    assert ion["found"][0]["verdict"] == "none"
    assert ion["envelope"]["is_resolved"] is True
    assert ion["search"][0]["candidates"] == []
    assert sum(row["share"] for row in ion["isotopologues"]) == pytest.approx(1, abs=1e-4)  # traces left out


def test_printed_mass_that_nothing_gives(capsys):
    (ion,) = run(capsys, AU21, printed=("3549.68",))["ions"]
    assert ion["printed"][0]["verdict"] == "none"


def test_ion_of_a_structure(capsys):
    (ion,) = run(capsys, MODEL)["ions"]
    assert (ion["ion"], ion["charge"], ion["electrons"]) == ("[Au25(SCH3)18]-", -1, 8)
    (other,) = run(capsys, MODEL, charge=1)["ions"]
    assert (other["charge"], other["electrons"]) == (1, 6)


def test_structure_has_the_mass_of_its_notation():
    (ion,) = build_cluster_ions(analyze(MODEL)[0])
    written = measure_ion(read_ion("[Au25(SCH3)18]-"))
    assert measure_ion(ion).monoisotopic == pytest.approx(written.monoisotopic, abs=1e-9)  # the same atoms


def test_structure_without_charge_is_refused():
    molecules = analyze(MODEL)[0]
    with pytest.raises(InputError, match="--charge"):
        build_cluster_ions(molecules, charge=0)


def test_folder(capsys, tmp_path):
    spectrum = tmp_path / "a.csv"
    masses = measure_ion(read_ion(AU21))
    rows = [f"{mz:.5f},{share:.6f}" for mz, share in zip(masses.mz, masses.shares, strict=True)]
    spectrum.write_text("mz,intensity\n" + "\n".join(rows) + "\n")
    request = MassRequest(printed=("3549.68",), found=("3549.67",), resolving_power=2e4, spectrum=spectrum)
    show_masses(AU21, request, None, tmp_path / "out")
    shown = capsys.readouterr().out
    for text in ("reproduced by no convention", "most abundant", "n* = 8", "agrees with no isotopologue"):
        assert text in " ".join(shown.split())
    assert (
        json.loads((tmp_path / "out" / "mass.json").read_text())["ions"][0]["spectrum"]["similarity"] > 0.999
    )
    figure = (tmp_path / "out" / "figures" / "mass-envelope.svg").read_text()
    for text in ("m/z", "measured", "isotopologues", "printed 3549.68"):
        assert text in figure
    names = {path.stem for path in (tmp_path / "out" / "tables").glob("*.csv")}
    assert {"mass-conventions", "mass-isotopologues", "mass-printed-1", "mass-found-1", "mass-peaks"} <= names


def test_figure_is_the_same_every_time(capsys, tmp_path):
    for name in ("a", "b"):
        show_masses(AU21, MassRequest(resolving_power=2e4), None, tmp_path / name)
    first, second = ((tmp_path / n / "figures" / "mass-envelope.svg").read_bytes() for n in ("a", "b"))
    assert first == second


@pytest.mark.parametrize(
    ("ion", "options", "words"),
    [
        ("[Au25(PET)18]-", {"search": SearchRequest()}, "--found"),
        ("[Au25(PET)18]-", {"found": ("x",)}, "found m/z"),
        ("[Au25(PET)18]-", {"ligands": ("x",)}, "NAME=FORMULA"),
        ("[Au25(PET)18]-", {"found": ("7000",), "search": SearchRequest(vary=("Au",))}, "PART=LOW:HIGH"),
        ("[Au25(PET)18]-", {"found": ("7000",), "search": SearchRequest(electrons="x")}, "--electrons"),
        ("[Au25(PET)18]", {}, "no charge"),
        ("model:nothing", {}, "nothing"),
    ],
)
def test_bad_input_is_refused_in_one_line(ion, options, words):
    with pytest.raises(ClusterModelError, match=words) as caught:
        show_masses(ion, MassRequest(**options), "-", None)
    assert "\n" not in str(caught.value)


def test_ligand_of_the_user(capsys):
    (ion,) = run(capsys, "[Au25(SR)18]-", ligands=("SR=SC8H9",))["ions"]
    assert ion["formula"] == "C144H162Au25S18"


def test_search_without_an_electron_count_says_so(capsys):
    document = run(capsys, "[PPN]+", found=("538.18",), search=SearchRequest(adducts=("Cs",)))
    assert any("not filtered" in note for note in document["notes"])


def test_place_that_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        show_masses(AU21, MassRequest(), str(tmp_path / "no" / "a.json"), None)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        show_masses(AU21, MassRequest(), None, tmp_path / "file")


def test_the_command_ends_with_2_and_one_line():
    from clustermodel.cli.main import app

    if "mass" not in {command.callback.__name__ for command in app.registered_commands}:
        pytest.skip("the command is not registered")
    done = CliRunner().invoke(app, ["mass", "[Au25(SR)18]-"])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
