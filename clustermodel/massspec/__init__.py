"""Mass spectrometry: which ion has this mass, and which mass has this ion?"""

__all__: list[str] = []
