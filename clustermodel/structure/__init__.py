"""What is there: cell, symmetry, sites, crystal, molecule and bonds as frozen values, without files."""

__all__: list[str] = []
