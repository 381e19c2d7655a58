"""From a cluster to its states: levels, gaps, superatom orbitals, excitations and spectra."""

__all__: list[str] = []
