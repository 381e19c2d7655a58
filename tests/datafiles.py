"""Where the tests find the shared data; they skip with a reason where it is absent."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def data_root() -> Path:
    """Return the folder of shared test data (CLUSTERMODEL_DATA, else ../shared/data)."""
    named = os.environ.get("CLUSTERMODEL_DATA")
    return Path(named) if named else ROOT.parent / "shared" / "data"


def data_path(relative: str) -> Path:
    """Return one file or folder of the shared data, or skip the test that needs it."""
    path = data_root() / relative
    if not path.exists():
        pytest.skip(f"shared test data absent: {relative} (set CLUSTERMODEL_DATA)")
    return path


def data_files(folder: str, pattern: str = "*") -> list[Path]:
    """Return the files of one shared folder, sorted; empty where the data is absent."""
    base = data_root() / folder
    return sorted(base.glob(pattern)) if base.is_dir() else []
