"""How could the models of Au22 and Au21 be packed with the space groups and distances of the paper?

Nothing here is measured. The molecules are the models au22.xyz and au21.xyz beside this script. The paper,
doi 10.1038/s41467-025-65024-3, states the space groups, C2/c and Fddd, and two distances between
neighbouring clusters each, here taken between the centroids of the kernels. A search (``--search``, minutes;
the method is in crystal_search.py) draws random cells, places and turns and follows them until van der Waals
spheres overlap least at just these distances; pair_crystals.toml holds what it found. Chlorides balance the
charge, each where it touches most atoms; they are invented, as are all cells.

- au22: C2/c, the cluster on the two-fold axis that the model has, Z = 4, two Cl- for each cluster;
- au21: Fddd, the cluster, which has no two-fold axis, on the general position, Z = 32;
- au21_disordered: Fddd, the filled framework on a two-fold axis, Z = 16. One gold atom with its phosphine is
  there in one of two places that the axis exchanges: occupancy 1/2, PART -1. Its sites are those of
  au21_average.xyz (build_average_au21.py).

Run ``python structures/models/build_pair_crystals.py NAME`` to write the CIF beside this script.
"""

import argparse
import hashlib
import itertools
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template

import numpy as np
from crystal_molecules import choose_half, find_bonds, find_vacancy, label_atoms, read_atoms
from crystal_search import (
    C2C,
    FDDD,
    Body,
    Floats,
    Freedom,
    Group,
    Layout,
    Search,
    Terms,
    build_cell,
    find_pockets,
    list_images,
    measure_distances,
    measure_overlaps,
    refine_layout,
    search_layouts,
)
from scipy.spatial.transform import Rotation

__all__ = ["Crystal", "build_crystal", "find_layout", "main", "place_layout", "read_crystal"]

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "pair_crystal.cif.in"
TABLE = FOLDER / "pair_crystals.toml"

# Contact radii, Å: Bondi 1964, doi 10.1021/j100785a001 (P 1.80, S 1.80, Au 1.66, Cl 1.75).
RADII = {"H": 1.20, "C": 1.70, "N": 1.55, "P": 1.80, "S": 1.80, "Cl": 1.75, "Au": 1.66}
ON_AXIS = 1e-3  # Å; half a unit of the sixth decimal of the coordinates, and rounding
BURIED = 3.5  # Å; atoms of the kernel nearer than this to the centre touch no other molecule

# Searches: first soft spheres, so that a body can turn past its neighbours, then hard ones.
SOFT = {"scale": 0.93, "overlap": 30.0, "distance": 300.0, "volume": 0.2}
HARD = {"scale": 1.0, "overlap": 3000.0, "distance": 1e7, "volume": 0.2}
VOLUMES = (5300.0, 7500.0)  # Å3 for each cluster in the cells that are drawn
CANDIDATES = 30  # minima of soft spheres that are followed as hard ones
GRID = 0.5  # Å between the places where room for an anion is sought


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crystal:
    """What is wanted of a crystal, and where the search put cluster and anion: a table of the TOML file.

    On a two-fold axis the z axis of the molecule is laid along cell axis `axis`; then the molecule is turned
    about Cartesian x, y, z one after the other by `angles` (degrees). `centre` and `anion` are fractions.
    A search has a `seed` and ends after so many `minima` of soft spheres.
    """

    molecule: str
    kernel: int
    charge: int
    name: str
    comment: str
    group: str
    distances: tuple[float, float]
    vacancy: bool = False
    axis: int | None = None
    seed: int
    minima: int
    lengths: tuple[float, float, float]
    beta: float
    centre: tuple[float, float, float]
    angles: tuple[float, float, float]
    anion: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """One row of the atom-site list."""

    label: str
    element: str
    position: Floats
    occupancy: float


GROUPS = {"C 1 2/c 1": C2C, "F d d d :2": FDDD}
HEADINGS = {"C 1 2/c 1": ("monoclinic", "15", "-C 2yc"), "F d d d :2": ("orthorhombic", "70", "-F 2uv 2vw")}


def read_crystal(name: str) -> Crystal:
    """Return the table of a crystal."""
    return Crystal(**tomllib.loads(TABLE.read_text(encoding="utf-8"))[name])


def read_molecule(crystal: Crystal) -> tuple[list[str], Floats]:
    """Return elements and positions about the centroid of the kernel."""
    elements, positions = read_atoms(FOLDER / crystal.molecule)
    return elements, positions - positions[: crystal.kernel].mean(axis=0)


def place_layout(crystal: Crystal) -> Layout:
    """Return the stored numbers as a layout."""
    base = np.eye(3) if crystal.axis is None else np.roll(np.eye(3), crystal.axis - 2, axis=0)  # cyclic
    turn = Rotation.from_euler("xyz", crystal.angles, degrees=True).as_matrix() @ base
    return Layout(
        lengths=np.array(crystal.lengths), beta=crystal.beta, centre=np.array(crystal.centre), turn=turn
    )


def build_body(crystal: Crystal, *, rim: bool) -> Body:
    """Return the molecule as a rigid body, on request without what cannot touch another molecule."""
    elements, positions = read_molecule(crystal)
    radii = np.array([RADII[element] for element in elements])
    kept = np.linalg.norm(positions, axis=1) > (BURIED if rim else -1.0)
    return Body(atoms=positions[kept], radii=radii[kept])


def list_sites(crystal: Crystal, layout: Layout) -> list[Site]:
    """Return the symmetry-unique atoms of the cluster, with fractions, and the anion."""
    elements, positions = read_molecule(crystal)
    chosen = list(range(len(elements))) if crystal.axis is None else choose_half(elements, positions)
    if crystal.axis is not None:
        positions[np.hypot(*positions.T[:2]) < ON_AXIS, :2] = 0.0
    elements, positions = [elements[atom] for atom in chosen], positions[chosen]
    neighbours = find_bonds(elements, positions)
    half = set(find_vacancy(elements, neighbours)) if crystal.vacancy else set()
    fractions = np.linalg.solve(build_cell(layout), layout.turn @ positions.T).T + layout.centre
    labels = label_atoms(elements, neighbours)
    sites = [
        Site(label=label, element=element, position=fraction, occupancy=0.5 if atom in half else 1.0)
        for atom, (label, element, fraction) in enumerate(zip(labels, elements, fractions, strict=True))
    ]
    order = {element: place for place, element in enumerate(("Au", "S", "P", "N", "C", "H"))}
    sites.sort(key=lambda site: order[site.element] if site.element in {"Au", "S", "P"} else 3)
    return [*sites, Site(label="Cl1", element="Cl", position=np.array(crystal.anion), occupancy=1.0)]


def count_copies(group: Group, place: Floats) -> int:
    """Return the number of places in the cell that are equivalent to one."""
    copies = np.round((group.signs * place + group.quarters / 4) % 1.0, 5) % 1.0
    return len(np.unique(copies, axis=0))


def format_formula(counts: dict[str, float], charge: str = "") -> str:
    """Return a formula in the order of Hill, with an optional charge."""
    order = sorted(counts, key=lambda element: (element not in {"C", "H"}, element))
    parts = [f"{element}{counts[element]:.0f}" if counts[element] > 1 else element for element in order]
    return " ".join([*parts, charge]).strip()


def format_operation(signs: list[int], quarters: list[int]) -> str:
    """Return a symmetry operation as text, such as ``'-x+1/2, y, -z'``."""
    names = {0: "", 1: "+1/4", 2: "+1/2", 3: "+3/4"}
    parts = [
        "-" * (sign < 0) + axis + names[part] for axis, sign, part in zip("xyz", signs, quarters, strict=True)
    ]
    return f"'{', '.join(parts)}'"


def format_site(site: Site, copies: int) -> str:
    """Return a row of the atom-site list."""
    x, y, z = np.round(site.position, 6) + 0.0  # -0.0 becomes 0.0
    whole = site.occupancy == 1.0
    where = f"{x:10.6f}{y:10.6f}{z:10.6f} {'1  ' if whole else '0.5'} {copies:<2}"
    return f"{site.label:<6}{site.element:<3}{where} calc {'. .' if whole else 'A -1'}"


def format_moiety(contents: dict[str, float], charge: int) -> str:
    """Return the formula of the cluster with its charge, and its chlorides."""
    cluster = {element: count for element, count in contents.items() if element != "Cl"}
    chlorides = round(contents["Cl"])
    return f"{format_formula(cluster, f'{charge}+')}, {'Cl 1-' if chlorides == 1 else f'{chlorides}(Cl 1-)'}"


def build_crystal(name: str) -> str:
    """Return the text of the CIF of a model crystal."""
    crystal = read_crystal(name)
    group, layout = GROUPS[crystal.group], place_layout(crystal)
    sites = list_sites(crystal, layout)
    copies = [count_copies(group, np.round(site.position, 6)) for site in sites]
    clusters = count_copies(group, layout.centre)
    contents: Counter[str] = Counter()
    for site, number in zip(sites, copies, strict=True):
        contents[site.element] += site.occupancy * number / clusters
    system, number, hall = HEADINGS[crystal.group]
    a, b, c = crystal.lengths
    return Template(TEMPLATE.read_text(encoding="ascii")).substitute(
        script=Path(__file__).name,
        block=name,
        name=crystal.name,
        moiety=format_moiety(contents, crystal.charge),
        formula=format_formula(contents),
        comment=crystal.comment.strip(),
        distances="{:.2f} and {:.2f} A".format(*crystal.distances),
        system=system,
        number=number,
        symbol=crystal.group.replace(" :", ":"),
        hall=hall,
        operations="\n".join(map(format_operation, group.signs.tolist(), group.quarters.tolist())),
        a=f"{a:.3f}",
        b=f"{b:.3f}",
        c=f"{c:.3f}",
        beta=f"{crystal.beta:.2f}",
        z=clusters,
        sites="\n".join(map(format_site, sites, copies)),
    )


def build_freedom(crystal: Crystal) -> Freedom:
    """Return what a search may change: on a two-fold axis only the place on it and the turn about it."""
    cell = (0, 1, 2, 3) if crystal.group.startswith("C") else (0, 1, 2)
    free = (0, 1, 2) if crystal.axis is None else (crystal.axis,)
    return Freedom(cell=cell, centre=free, turn=free)


def forget_place(crystal: Crystal) -> Crystal:
    """Return the crystal without what a search found before, so that the search does not depend on it."""
    centre = np.where(np.isin(range(3), build_freedom(crystal).centre), 0.0, crystal.centre)
    return replace(crystal, lengths=(1.0, 1.0, 1.0), beta=90.0, centre=centre, angles=(0.0, 0.0, 0.0))


def find_layout(crystal: Crystal) -> Layout:
    """Repeat the search: of the best minima of soft spheres the one that is best when they are hard."""
    group, body, freedom = GROUPS[crystal.group], build_body(crystal, rim=True), build_freedom(crystal)
    clusters = count_copies(group, place_layout(crystal).centre)
    start = place_layout(forget_place(crystal))
    share = len(group.signs) / clusters  # the energy counts the volume of one symmetry operation
    soft = Terms(distances=crystal.distances, **SOFT | {"volume": SOFT["volume"] * share})
    hard = Terms(distances=crystal.distances, **HARD | {"volume": HARD["volume"] * share})
    volumes = (VOLUMES[0] * clusters, VOLUMES[1] * clusters)
    search = Search(group=group, body=body, start=start, freedom=freedom, terms=soft, volumes=volumes)
    found = itertools.islice(search_layouts(search, crystal.seed), crystal.minima)
    minima = sorted(found, key=lambda one: one[0])
    refined = [refine_layout(group, body, layout, freedom, hard, 400) for _, layout in minima[:CANDIDATES]]
    return min(refined, key=lambda one: one[0])[1]


def find_anion(crystal: Crystal, layout: Layout) -> tuple[int, Floats]:
    """Return the place where Cl touches most atoms, of those that are in the cell as often as needed."""
    group = GROUPS[crystal.group]
    needed = crystal.charge * count_copies(group, layout.centre)
    if needed == len(group.signs):  # both groups have a centring that halves the cell along a
        steps = [
            np.arange(0.0, end, GRID / length)
            for end, length in zip((0.5, 1, 1), layout.lengths, strict=True)
        ]
        places = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    else:
        lines = np.full((3, 1000, 3), 0.125)  # the two-fold axes of Fddd through (1/8, 1/8, 1/8)
        for axis in range(3):
            lines[axis, :, axis] = np.arange(1000) / 1000
        places = lines.reshape(-1, 3)
    for touched, place in find_pockets(group, build_body(crystal, rim=False), layout, places, RADII["Cl"]):
        if count_copies(group, place) == needed and measure_gap(group, layout, place) > 2.0 * RADII["Cl"]:
            return touched, place
    msg = "no room for the anion"
    raise ValueError(msg)


def measure_gap(group: Group, layout: Layout, place: Floats) -> float:
    """Return the distance in Å from a place to the nearest other one that is equivalent to it."""
    steps = list_images(group, replace(layout, centre=place)).steps
    return float(np.linalg.norm(steps, axis=1).min(initial=np.inf))


def measure_angles(turn: Floats, axis: int | None) -> Floats:
    """Return the three angles in degrees of a rotation; about an axis of the cell there is only one."""
    rotation = Rotation.from_matrix(turn)
    if axis is None:
        return np.asarray(rotation.as_euler("xyz", degrees=True))
    return np.asarray(np.degrees(rotation.as_rotvec()) * (np.arange(3) == axis) + 0.0)


def search_crystal(name: str) -> str:
    """Return the lines of the TOML file that a search finds for a crystal, with what they mean."""
    crystal = read_crystal(name)
    found = find_layout(crystal)
    base = place_layout(forget_place(crystal)).turn
    numbers = {
        "lengths": np.round(found.lengths, 3).tolist(),
        "beta": round(found.beta, 2),
        "centre": np.round(found.centre % 1.0, 5).tolist(),
        "angles": np.round(measure_angles(found.turn @ base.T, crystal.axis), 2).tolist(),
    }
    crystal = replace(crystal, **numbers)
    return "\n".join([*(f"{key} = {value}" for key, value in numbers.items()), describe_crystal(crystal)])


def describe_crystal(crystal: Crystal) -> str:
    """Return the place of the anion, and what a crystal is like, as comments."""
    group, layout = GROUPS[crystal.group], place_layout(crystal)
    touched, place = find_anion(crystal, layout)
    apart = measure_distances(group, layout)[:4]
    depths = measure_overlaps(group, build_body(crystal, rim=True), layout, 1.0)
    volume = np.linalg.det(build_cell(layout)) / count_copies(group, layout.centre)
    return "\n".join(
        [
            f"anion = {np.round(place, 5).tolist()}  # Cl touches {touched} atoms",
            f"# distances {' '.join(f'{one:.3f}' for one in apart)} Å; {volume:.0f} Å3 for each cluster",
            f"# overlap of Bondi's spheres at {len(depths)} pairs, at most {depths.max(initial=0.0):.3f} Å",
        ]
    )


def main() -> None:
    """Write the file of a crystal, or search for its cell anew."""
    parser = argparse.ArgumentParser(description="Write a model crystal of Au22 or Au21.")
    parser.add_argument("name", choices=list(tomllib.loads(TABLE.read_text(encoding="utf-8"))))
    parser.add_argument("--output", type=Path, help="file to write, by default NAME.cif beside this script")
    parser.add_argument(
        "--search", action="store_true", help="write nothing; search the cell and show its numbers"
    )
    options = parser.parse_args()
    if options.search:
        sys.stdout.write(search_crystal(options.name) + "\n")
        return
    path: Path = options.output or FOLDER / f"{options.name}.cif"
    content = build_crystal(options.name).encode("ascii")
    path.write_bytes(content)
    sys.stdout.write(f"{path} sha256 {hashlib.sha256(content).hexdigest()}\n")


if __name__ == "__main__":
    main()
