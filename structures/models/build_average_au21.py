"""Where are the sites of Au21 if it lies on a two-fold axis, with its vacancy in one of two places?

They are those of Au22 with the lengths of Au21: `build_filled_au21` of pair.py. Run
``python structures/models/build_average_au21.py`` to write au21_average.xyz beside this script; the package
has to be installed.
"""

import sys
from pathlib import Path

from pair import build_au22, build_filled_au21

from clustermodel.io.xyz import format_xyz

__all__ = ["OUTPUT", "main"]

OUTPUT = Path(__file__).with_name("au21_average.xyz")
COMMENT = "MODEL, not measured: sites of [Au21(SAdm)12(PPh2py)3]+ and of its image by a two-fold axis along z"


def main() -> None:
    """Write the file."""
    OUTPUT.write_text(format_xyz(build_filled_au21(build_au22()).molecule, COMMENT), encoding="utf-8")
    sys.stdout.write(f"{OUTPUT}\n")


if __name__ == "__main__":
    main()
