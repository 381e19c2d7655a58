"""The chemistry of one cluster: ligands, kernel, motifs, charge and electron count."""

__all__: list[str] = []
