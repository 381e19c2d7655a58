"""From a refined cell to whole molecules: disorder, symmetry, bonds, species."""

__all__: list[str] = []
