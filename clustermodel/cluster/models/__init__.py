"""Building a cluster from its declared topology: kernel units, staples, bridges and ligands."""

__all__: list[str] = []
