"""Which arrangement is the model of Au22 built in? All that meet the published counts, ranked and relaxed.

``python structures/models/rank_au22.py fit`` lists every arrangement (`arrangements`), fits each
(`fit_arrangements`) and writes the ranking to ``rank_au22.json``: some five minutes of an idle processor.
``... relax`` relaxes the best of each kind, the best of the centred ones and the chosen pair with GFN1-xTB
(`relax_gfn1`) and adds the results to that file and the geometries to ``rank_au22_gfn1.xyz``: some minutes
each; ``... relax NAME`` does so for one arrangement or for ``au21``, ``au22``. A relaxation goes on from the
stored geometry where there is one, and from the restrained fit with ``--afresh``. The geometries of the pair
itself are ``au21_sh_gfn1.xyz`` and ``au22_sh_gfn1.xyz``.

Nothing here is measured, and the ranking proves no structure: it says which arrangements the published counts
and lengths allow, and which of them a semi-empirical method finds stable.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
from arrangements import (
    BRIDGE_SPAN,
    LEAST_ORDER,
    MOST_DONORS,
    STAPLE_SPAN,
    Arrangement,
    declare_topology,
    list_arrangements,
    list_kernels,
)
from fit_arrangements import (
    EXTENT_WIDTH,
    STARTS,
    TARGETS,
    FittedArrangement,
    describe_fit,
    refine_fit,
    screen_fit,
)
from pair import read_pair_topology
from relax_gfn1 import SETTINGS, describe_relaxed, relax_molecule
from skeleton_measures import ACROSS, CUTOFF, LENGTH, MEAN, WIDTH

from clustermodel.cluster.models.build import build_from_topology
from clustermodel.cluster.models.skeleton import build_skeleton
from clustermodel.cluster.models.topology import Topology
from clustermodel.io.xyz import format_xyz
from clustermodel.structure.molecule import Molecule, molecule_from_atoms

__all__ = ["KINDS", "OUTPUT", "choose_relaxed", "find_chosen", "main"]

FOLDER = Path(__file__).parent
OUTPUT = FOLDER / "rank_au22.json"
FRAMES = FOLDER / "rank_au22_gfn1.xyz"
REFINED = (
    30  # arrangements that are fitted again, of all and of the centred ones, besides the best of each kind
)
RELAXED = 12  # arrangements that are relaxed, the best of each kind among them

Row = dict[str, Any]


def _is_straight(row: Row, kernel: str) -> bool:
    return bool(
        row["kernel"] == kernel
        and row["staples_join"] == "4 over a vacant corner"
        and row["bridges_join"] == "4 straight between the units"
        and not row["hubs"]
    )


def _is_hub_of_bridges(row: Row) -> bool:
    bridged = Counter(atom for pair in row["bridges"] for atom in pair)
    return len(row["hubs"]) == 2 and all(bridged[hub] == 2 for hub in row["hubs"])


KINDS: dict[str, Callable[[Row], bool]] = {
    "crossed, staples over the vacant corners, straight bridges": lambda row: _is_straight(row, "crossed"),
    "eclipsed, staples over the vacant corners, straight bridges": lambda row: _is_straight(row, "eclipsed"),
    "two hub Au between two bridges each, Au16 + 6 Au(SR)2": _is_hub_of_bridges,
    "hollow units": lambda row: row["kernel"].startswith("hollow"),
    "adjacent vacant corners": lambda row: row["kernel"].startswith("adjacent"),
    "eclipsed": lambda row: row["kernel"] == "eclipsed",
    "twisted by 10° or more": lambda row: min(abs(twist) for twist in row["twists"]) >= 10,
}
"""Kinds of arrangement of which the best is fitted again and relaxed, whatever its rank."""


def find_chosen(arrangements: Sequence[Arrangement]) -> Arrangement:
    """Return the arrangement that ``au22.toml`` declares: the one with the same joins but for names.

    Parameters
    ----------
    arrangements : sequence of Arrangement
        Arrangements on the crossed kernel.

    Returns
    -------
    Arrangement
        That with the same staples, bridges and hubs.
    """
    goal = _draw_skeleton(read_pair_topology("au22"))
    return next(a for a in arrangements if _is_same(_draw_skeleton(declare_topology(a)), goal))


def _draw_skeleton(topology: Topology) -> nx.Graph:
    """Return metal and donor atoms with their bonds: one graph for topologies that differ by names alone."""
    skeleton = build_skeleton(topology)
    graph = nx.Graph()
    for atom, element in enumerate(skeleton.elements):
        graph.add_node(atom, kind=(element, atom < skeleton.kernel))
    graph.add_edges_from((*bond, {"kind": kind}) for bond, kind in skeleton.bonds.items())
    return graph


def _is_same(one: nx.Graph, two: nx.Graph) -> bool:
    def match(first: Row, second: Row) -> bool:
        return bool(first["kind"] == second["kind"])

    return bool(nx.is_isomorphic(one, two, node_match=match, edge_match=match))


def choose_relaxed(rows: Sequence[Row]) -> dict[str, str]:
    """Return the arrangements to relax: the best of each kind, then the best centred ones up to `RELAXED`.

    Parameters
    ----------
    rows : sequence of dict
        Fits in the order of their score.

    Returns
    -------
    dict of str to str
        Why it is relaxed, by name.
    """
    chosen: dict[str, str] = {}
    for kind, is_of_kind in KINDS.items():
        best = next((row["name"] for row in rows if is_of_kind(row)), None)
        if best is not None:
            chosen.setdefault(best, kind)
    centred = [row for row in rows if not row["kernel"].startswith("hollow")]
    for place, row in enumerate(centred, start=1):
        if len(chosen) >= RELAXED:
            break
        chosen.setdefault(row["name"], f"rank {place} of the centred ones")
    return chosen


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fit_all() -> Row:
    """Fit every arrangement and return the ranking as a document."""
    listed: dict[str, Row] = {}
    quick: list[FittedArrangement] = []
    everything: dict[str, Arrangement] = {}
    for kernel in list_kernels():
        arrangements = list_arrangements(kernel)
        lower = list_arrangements(kernel, least_order=2)
        plain = sum(not a.hubs for a in arrangements)
        listed[kernel.name] = {
            "arrangements": plain,
            "with_hub_readings": len(arrangements),
            "of_lower_symmetry_not_fitted": sum(not a.hubs for a in lower) - plain,
        }
        quick += [screen_fit(a) for a in arrangements]
        everything |= {a.name: a for a in arrangements}
        _say(f"{kernel.name}: {listed[kernel.name]}")
    quick.sort(key=lambda f: (round(f.score, 2), f.arrangement.name))
    rough = [describe_fit(f) for f in quick]
    centred = [row for row in rough if not row["kernel"].startswith("hollow")]
    names = [row["name"] for row in (*rough[:REFINED], *centred[:REFINED])]
    names += list(choose_relaxed(rough))
    chosen = find_chosen([a for a in everything.values() if a.kernel.name == "crossed"])
    names += [chosen.name, chosen.name.rstrip("h")]
    rows = [describe_fit(refine_fit(everything[name])) for name in dict.fromkeys(names)]
    rows.sort(key=lambda row: (row["score"], row["name"]))
    own = describe_fit(refine_fit(chosen, read_pair_topology("au22").targets)) | {"name": "au22"}
    return {
        "schema": "clustermodel.model-ranking/1",
        "statement": "MODEL: every number here is computed; none is measured but those under 'published'.",
        "published": {"doi": "10.1038/s41467-025-65024-3", "length": LENGTH, "width": WIDTH, "mean": MEAN},
        "settings": {
            "staple_span": list(STAPLE_SPAN),
            "bridge_span": BRIDGE_SPAN,
            "most_sulfur_on_one_atom": MOST_DONORS,
            "least_symmetry": LEAST_ORDER,
            "targets": TARGETS,
            "starts": STARTS,
            "extent_width": EXTENT_WIDTH,
            "mean_cutoff": CUTOFF,
            "degrees_between_length_and_width": ACROSS,
        },
        "listed": listed,
        "chosen": {"name": chosen.name, "with_its_own_targets": own},
        "fits": rows,
        "relaxed": [],
    }


def _start(name: str, rows: Sequence[Row]) -> Molecule:
    """Build the SH/PH3 form that a relaxation starts from."""
    if name in {"au21", "au22"}:
        topology = read_pair_topology(name).with_ligands(thiolate="SH", phosphine="PH3")
        return build_from_topology(topology, starts=2).molecule
    if not any(row["name"] == name for row in rows):
        msg = f"no fitted arrangement is called {name!r}; expected au21, au22 or one in {OUTPUT.name}"
        raise SystemExit(msg)
    kernel = next(k for k in list_kernels() if k.name == name.rpartition("-")[0])
    arrangement = next(a for a in list_arrangements(kernel) if a.name == name)
    return build_from_topology(declare_topology(arrangement, TARGETS), starts=STARTS).molecule


def relax_some(document: Row, names: Sequence[str], *, afresh: bool, steps: int) -> None:
    """Relax arrangements and put the results into the document and the geometries into files."""
    for name in names or ["au22", "au21", *choose_relaxed(document["fits"])]:
        stored = None if afresh else _read_stored(name)
        molecule = stored or _start(name, document["fits"])
        charge, kernel = (1, 17) if name == "au21" else (2, 18)
        relaxed = relax_molecule(molecule, charge, steps=steps)
        row = {"name": name} | describe_relaxed(relaxed, kernel)
        document = read_document()  # another run may have written since
        document["settings"]["relaxation"] = SETTINGS
        document["relaxed"] = [r for r in document["relaxed"] if r["name"] != name] + [row]
        comment = (
            f"MODEL, not measured: {name}, {molecule.formula} {charge}+, GFN1-xTB, "
            f"largest force {relaxed.largest_force:.2f} eV/Å"
        )
        text = format_xyz(relaxed.molecule, comment)
        if name in {"au21", "au22"}:
            (FOLDER / f"{name}_sh_gfn1.xyz").write_text(text, encoding="utf-8")
        else:
            _keep_frame(name, text)
        write_document(document)
        _say(json.dumps(row))


def _read_stored(name: str) -> Molecule | None:
    """Return the geometry at which the last relaxation ended, if there was one."""
    path = FOLDER / f"{name}_sh_gfn1.xyz"
    text = path.read_text(encoding="utf-8") if path.exists() else _read_frames().get(name, "")
    rows = [row.split() for row in text.splitlines()[2:]]
    if not rows:
        return None
    elements = [row[0] for row in rows]
    counts = [elements[: k + 1].count(element) for k, element in enumerate(elements)]
    labels = [f"{element}{count}" for element, count in zip(elements, counts, strict=True)]
    return molecule_from_atoms(elements, [[float(v) for v in row[1:4]] for row in rows], labels=labels)


def _read_frames() -> dict[str, str]:
    frames = {}
    lines = FRAMES.read_text(encoding="utf-8").splitlines() if FRAMES.exists() else []
    while lines:
        count = int(lines[0]) + 2
        frames[lines[1].split(": ")[1].split(",")[0]] = "\n".join(lines[:count]) + "\n"
        lines = lines[count:]
    return frames


def _keep_frame(name: str, text: str) -> None:
    frames = _read_frames() | {name: text}
    FRAMES.write_text("".join(frames[key] for key in sorted(frames)), encoding="utf-8")


def read_document() -> Row:
    """Read the document beside this script."""
    document: Row = json.loads(OUTPUT.read_text(encoding="utf-8"))
    return document


def write_document(document: Row) -> None:
    """Write the document beside this script, one row of a table per line."""
    why = {"au21": "the model", "au22": "the model"} | choose_relaxed(document["fits"])
    document["relaxed"] = [
        {"name": row["name"], "why": why.get(row["name"], "further")}
        | {key: value for key, value in row.items() if key not in {"name", "why"}}
        for row in sorted(document["relaxed"], key=lambda row: (row["charge"] != 2, row["energy"]))
    ]
    lines = json.dumps(document, indent=1, ensure_ascii=False)
    OUTPUT.write_text(_join_rows(lines) + "\n", encoding="utf-8")


def _join_rows(text: str) -> str:
    """Put what lies three levels deep or more on the line of its parent."""
    joined: list[str] = []
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip(" "))
        if depth > 2 or (depth == 2 and line.strip() in {"},", "}", "],", "]"}):
            glue = "" if joined[-1].endswith(("{", "[")) or line.strip()[0] in "}]" else " "
            joined[-1] += glue + line.strip()
        else:
            joined.append(line)
    return "\n".join(joined)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Rank the arrangements that the counts of Au22 allow.")
    parser.add_argument("stage", choices=["fit", "relax"])
    parser.add_argument("names", nargs="*", help="what to relax; by default the best ones and the pair")
    parser.add_argument("--afresh", action="store_true", help="relax from the restrained fit")
    parser.add_argument("--steps", type=int, default=SETTINGS["most_steps"], help="most; 0 measures only")
    options = parser.parse_args()
    if options.stage == "fit":
        document = fit_all()
        if OUTPUT.exists():
            old = read_document()
            document["relaxed"] = old["relaxed"]
            document["settings"] |= {k: v for k, v in old["settings"].items() if k == "relaxation"}
        write_document(document)
    else:
        relax_some(read_document(), options.names, afresh=options.afresh, steps=options.steps)


if __name__ == "__main__":
    main()
