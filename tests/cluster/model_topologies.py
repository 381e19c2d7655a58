"""Topologies of published clusters, declared from their descriptions."""

from clustermodel.cluster.models.topology import Bridge, Cap, Staple, Terminal, Topology, Unit

ICOSAHEDRON = ("t", *(f"u{k}" for k in range(5)), *(f"l{k}" for k in range(5)), "b")


def ring(letter: str) -> tuple[str, ...]:
    return tuple(f"{letter}{k}" for k in range(3))


def au25(thiolate: str = "SH") -> Topology:
    """[Au25(SR)18]-: a centred icosahedron, six dimeric staples on the sides of three golden rectangles."""
    sides = [("t", "l2"), ("u0", "b"), ("u1", "u4"), ("l1", "l3"), ("u2", "l0"), ("u3", "l4")]
    return Topology(
        name="[Au25(SR)18]-",
        charge=-1,
        units=(Unit(polyhedron="icosahedron", centre="c", vertices=ICOSAHEDRON),),
        staples=tuple(Staple(ends=ends, metals=2) for ends in sides),
        thiolate=thiolate,
    )


def au38(thiolate: str = "SH") -> Topology:
    """Au38(SR)24, isomer Q: two icosahedra share a face; a fan of staples on both, three about the waist.

    The shared face is stretched (its edges are open), and the atoms beside it touch across it.
    """
    shape = "icosahedron in triangles"
    upper = Unit(polyhedron=shape, centre="c", vertices=(*ring("t"), *ring("m"), *ring("n"), *ring("s")))
    lower = Unit(polyhedron=shape, centre="C", vertices=(*ring("T"), *ring("M"), *ring("N"), *ring("s")))
    fans = [(f"t{k}", f"n{(k + 1) % 3}") for k in range(3)] + [(f"T{k}", f"N{(k - 1) % 3}") for k in range(3)]
    return Topology(
        name="Au38(SR)24 Q",
        charge=0,
        units=(upper, lower),
        bonds=tuple((f"n{k}", f"N{k}") for k in range(3)),
        open_edges=(("s0", "s1"), ("s1", "s2"), ("s2", "s0")),
        staples=(
            *(Staple(ends=ends, metals=2) for ends in fans),
            *(Staple(ends=(f"m{k}", f"M{k}")) for k in range(3)),
        ),
        thiolate=thiolate,
    )


def au23(thiolate: str = "SH") -> Topology:
    """[Au23(SR)16]-: a centred cuboctahedron, two of its vertices hubs, and two caps.

    Names are those of the rings of the cuboctahedron: p (square), q (square), r (square); x and y cap it.
    """
    names = ("p0", "p1", "p2", "p3", "q0", "q1", "q2", "q3", "r0", "r1", "r2", "r3")
    return Topology(
        name="[Au23(SR)16]-",
        charge=-1,
        units=(Unit(polyhedron="cuboctahedron", centre="c", vertices=names),),
        caps=(Cap(atom="x", on=("q1", "p2")), Cap(atom="y", on=("q3", "r0"))),
        hubs=("r1", "p3"),
        staples=(
            Staple(ends=("r2", "p1"), metals=3),
            Staple(ends=("p0", "r3"), metals=3),
            Staple(ends=("q2", "x")),
            Staple(ends=("q0", "y")),
        ),
        bridges=tuple(
            Bridge(joins=joins) for joins in (("r1", "q1"), ("r1", "r0"), ("p3", "q3"), ("p3", "p2"))
        ),
        thiolate=thiolate,
    )


def au13_dppe() -> Topology:
    """[Au13(dppe)5Cl2]3+: an icosahedron, Cl on two opposite vertices, dppe on five edges between rings."""
    return Topology(
        name="[Au13(dppe)5Cl2]3+",
        charge=3,
        units=(Unit(polyhedron="icosahedron", centre="c", vertices=ICOSAHEDRON),),
        terminals=(
            Terminal(on=("t",), ligand="Cl"),
            Terminal(on=("b",), ligand="Cl"),
            *(Terminal(on=(f"u{k}", f"l{k}"), ligand="dppe") for k in range(5)),
        ),
    )


def au11(phosphine: str = "PPh3") -> Topology:
    """Au11(PPh3)7Cl3: an icosahedron with one atom in the place of a face; Cl on the opposite face."""
    vertices = ("", "", "", *ring("m"), *ring("n"), *ring("b"))
    core = Unit(polyhedron="icosahedron in triangles", centre="c", vertices=vertices)
    return Topology(
        name="Au11(PPh3)7Cl3",
        charge=0,
        units=(core,),
        caps=(Cap(atom="x", on=("c", *ring("m"))),),
        terminals=(
            *(Terminal(on=(name,)) for name in ("x", *ring("m"), *ring("n"))),
            *(Terminal(on=(name,), ligand="Cl") for name in ring("b")),
        ),
        phosphine=phosphine,
    )


def au20(phosphine: str = "PPhpy2") -> Topology:
    """[Au20(PPhpy2)10Cl4]2+: two Au11, each an icosahedron without two vertices, share two atoms.

    The vacant vertices are those beside the shared edge, where the two icosahedra would meet. The abstract
    (doi 10.1021/ja307256b) does not say which vertices carry Cl: two of each unit far from the other one are
    taken, and the two shared atoms and one more of each unit stay bare.
    """

    def unit(letter: str, centre: str) -> Unit:
        # the shared edge is t-u0; the vertices bonded to both of its ends, u1 and u4, are vacant
        outer = [f"{letter}{k}" for k in range(8)]
        names = ("t", "u0", "", outer[0], outer[1], "", *outer[2:7], outer[7])
        return Unit(polyhedron="icosahedron", centre=centre, vertices=names)

    phosphines = [f"{letter}{k}" for letter in "ab" for k in (0, 1, 2, 3, 6)]
    return Topology(
        name="[Au20(PPhpy2)10Cl4]2+",
        charge=2,
        units=(unit("a", "c"), unit("b", "C")),
        terminals=(
            *(Terminal(on=(name,)) for name in phosphines),
            *(Terminal(on=(f"{letter}{k}",), ligand="Cl") for letter in "ab" for k in (4, 7)),
        ),
        phosphine=phosphine,
    )
