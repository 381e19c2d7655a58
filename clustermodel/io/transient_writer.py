"""How does a map go to another program? As the explicit ascii format of TIMP, Glotaran and pyglotaran."""

from pathlib import Path

from clustermodel.errors import InputError
from clustermodel.io.transient_map import TransientMap

__all__ = ["format_explicit_ascii", "write_explicit_ascii"]


def format_explicit_ascii(data: TransientMap) -> str:
    """Format a map as time-explicit ascii; the axes are in ps and nm.

    Parameters
    ----------
    data : TransientMap
        The map.

    Returns
    -------
    str
        Text of the file, with numbers that read back unchanged.

    Examples
    --------
    >>> from clustermodel.io.transient_map import build_transient_map
    >>> print(format_explicit_ascii(build_transient_map([500, 600], [0, 1], [[1, 2], [3, 4]])))
    # map
    # delays in ps across, wavelengths in nm down, change of absorbance
    Time explicit
    Intervalnr 2
    0.0	1.0
    500.0	1.0	3.0
    600.0	2.0	4.0
    <BLANKLINE>
    """
    title = " ".join(data.name.split())
    lines = [
        f"# {title}",
        "# delays in ps across, wavelengths in nm down, change of absorbance",
        "Time explicit",
        f"Intervalnr {data.delay_ps.size}",
        "\t".join(map(repr, data.delay_ps.tolist())),
    ]
    for wavelength, row in zip(data.wavelength.tolist(), data.signal.T.tolist(), strict=True):
        lines.append("\t".join(map(repr, [wavelength, *row])))
    return "\n".join(lines) + "\n"


def write_explicit_ascii(data: TransientMap, path: str | Path) -> None:
    """Write a map as time-explicit ascii.

    Parameters
    ----------
    data : TransientMap
        The map.
    path : str or Path
        The file; folders that do not exist are made.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(format_explicit_ascii(data), encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"{target}: cannot be written ({error.strerror}); choose another place"
        raise InputError(msg) from error
