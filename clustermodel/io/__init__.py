"""Files to values and back: CIF, xyz, JSON records, and the doors to other programs."""

__all__: list[str] = []
