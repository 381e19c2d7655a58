"""Photophysics: what do spectra, decays and yields say, and what do they leave open?"""

__all__: list[str] = []
