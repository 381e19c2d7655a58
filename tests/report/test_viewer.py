"""Does the scene show the cluster as it is: distances, hand, roles, colours that everybody can tell apart?"""

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

from clustermodel.cluster.roles import DONOR_ROLES, METAL_ROLES, ROLES
from clustermodel.elements import find_element
from clustermodel.report.picture import draw_structure
from clustermodel.report.viewer import build_scene, list_elements, list_roles, load_styles
from tests.report.report_documents import HOSTILE, hostile_document, model_document

ROUNDED = 0.002  # Å; coordinates of the scene are rounded to 0.001 Å at both ends of a distance


@pytest.fixture(scope="module")
def cluster():
    return model_document()["clusters"][0]


def positions(scene):
    return np.array(scene["xyz"]).reshape(-1, 3)


def test_scene_keeps_every_distance_and_bond(cluster):
    scene = build_scene(cluster)
    expected = np.array([atom["xyz"] for atom in cluster["atoms"]])
    np.testing.assert_allclose(pdist(positions(scene)), pdist(expected), atol=ROUNDED)
    assert scene["bonds"] == [end for i, j, _ in cluster["bonds_list"] for end in (i, j)]
    assert scene["labels"] == [atom["label"] for atom in cluster["atoms"]]


@given(st.integers(0, 2**32 - 1))
def test_scene_is_never_the_mirror_image(seed):
    """A cluster in any orientation and its mirror image keep their hands."""
    rng = np.random.default_rng(seed)
    xyz = Rotation.random(random_state=rng).apply(rng.normal(size=(8, 3)) * [3.0, 2.0, 1.0])
    base = {"id": "1", "metals": {"Au": 8}, "ligands": [], "bonds_list": []}
    atom = {
        "label": "Au1",
        "element": "Au",
        "role": "kernel",
        "symop": "x,y,z",
        "shift": [0, 0, 0],
        "occupancy": 1.0,
    }
    for mirror in (1.0, -1.0):
        placed = xyz * [1.0, 1.0, mirror]
        shown = positions(build_scene({**base, "atoms": [{**atom, "xyz": row.tolist()} for row in placed]}))
        volumes = [np.linalg.det(p[1:4] - p[0]) for p in (placed, shown)]
        assert volumes[0] == pytest.approx(
            volumes[1], abs=0.1 + 0.01 * abs(volumes[0])
        )  # rounding to 0.001 Å


def test_metals_and_donors_are_balls_and_the_rest_sticks(cluster):
    scene = build_scene(cluster)
    for role, radius in zip(scene["roles"], scene["radii"], strict=True):
        assert (radius > 0) == (role in METAL_ROLES or role in DONOR_ROLES)


def test_scene_of_few_atoms():
    atom = {
        "label": "Au1",
        "element": "Au",
        "role": "staple",
        "symop": "x,y,z",
        "shift": [1, 0, 0],
        "occupancy": None,
    }
    cluster = {
        "id": "1",
        "metals": {"Au": 1},
        "ligands": [],
        "bonds_list": [],
        "atoms": [{**atom, "xyz": [5.0, 5.0, 5.0]}],
    }
    scene = build_scene(cluster)
    assert scene["xyz"] == [0.0, 0.0, 0.0]
    assert scene["places"] == ["x+1,y,z"]


def test_legends_count_every_atom(cluster):
    total = len(cluster["atoms"])
    assert sum(row["count"] for row in list_roles(cluster)) == total
    assert sum(row["count"] for row in list_elements(cluster)) == total
    assert list_elements(cluster)[0]["name"] == "Au"


def test_every_role_has_a_style_and_a_meaning():
    roles = load_styles()["roles"]
    assert set(roles) == set(ROLES)
    for name, style in roles.items():
        group = "metal" if name in METAL_ROLES else "donor" if name in DONOR_ROLES else "rest"
        assert style["group"] == group
        assert re.fullmatch(r"#[0-9a-f]{6}", style["colour"])
        assert style["meaning"]


def test_coloured_elements_exist():
    elements = load_styles()["elements"]
    assert all(find_element(symbol) is not None for symbol in elements)
    assert {"Au", "Ag", "Cu", "Pt", "Pd", "S", "Se", "P", "C", "N", "O", "Cl", "Br", "I"} <= set(elements)


# Linear RGB as seen without one kind of cone: Machado, Oliveira and Fernandes, IEEE Trans. Vis. Comput.
# Graph. 2009, 15, 1291, severity 1.0.
SIGHTS = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def see(colour, sight):
    """Return the CIELAB coordinates of a colour for one kind of sight."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    ratio = TO_XYZ @ np.clip(np.array(SIGHTS[sight]) @ linear, 0, 1) / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("group", ["metal", "donor"])
def test_role_colours_differ_for_every_reader(group, sight):
    colours = {name: s["colour"] for name, s in load_styles()["roles"].items() if s["group"] == group}
    seen = {name: see(colour, sight) for name, colour in colours.items()}
    distances = {
        pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in itertools.combinations(seen, 2)
    }
    # 2.3 is just noticeable side by side; 15 can be told on shaded balls apart from one another.
    assert {pair: d for pair, d in distances.items() if d < 15} == {}


# ------------------------------------------------------------------------------------- the still picture


def test_picture_is_well_formed_and_shows_every_ball(cluster):
    scene = build_scene(cluster)
    root = ET.fromstring(draw_structure(scene, title="a < b"))
    circles = [e for e in root.iter() if e.tag.endswith("circle")]
    assert len(circles) == 2 * sum(radius > 0 for radius in scene["radii"])  # ball and mist
    shades = {e.get("id") for e in root.iter() if e.tag.endswith("radialGradient")}
    used = {e.get("fill")[5:-1] for e in circles if e.get("fill").startswith("url(")}
    assert used <= shades
    half = float(root.get("viewBox").split()[2]) / 2
    for circle in circles:
        assert all(abs(float(circle.get(key))) + float(circle.get("r")) <= half for key in ("cx", "cy"))


def test_picture_of_hostile_names_is_well_formed():
    cluster = hostile_document()["clusters"][0]
    root = ET.fromstring(draw_structure(build_scene(cluster), title=HOSTILE.replace("\n", " ")))
    assert {e.tag.partition("}")[2] for e in root.iter()} <= {
        "svg", "title", "defs", "radialGradient", "stop", "g", "path", "circle",
    }  # fmt: skip
