"""What a downloaded chart has to be: one folder with a Chart.yaml that has the name and version asked for."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from generator import yamlio
from generator.errors import DefinitionError
from generator.fetch import archive
from generator.model import semver

API_VERSIONS = ("v1", "v2")


def unpack(package: Path, into: Path, name: str, version: str | None) -> str:
    """Unpacks the chart `package` into the empty folder `into`, without the folder around it.

    Returns the version of the chart. Raises DefinitionError where it is no chart, or is another than `name`
    in `version`; None is any version.
    """
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=into) as folder:
        top = Path(folder)
        archive.unpack(package, top)
        entries = sorted(os.listdir(top))
        found = next((each for each in entries if (top / each / "Chart.yaml").is_file()), None)
        if found is None:
            raise DefinitionError("the archive has no Chart.yaml, so it is no Helm chart")
        if len(entries) > 1:
            others = ", ".join(f"`{each}`" for each in entries if each != found)
            raise DefinitionError(f"the archive holds {others} beside the chart's folder `{found}`")
        actual = _checked(top / found / "Chart.yaml", name, version)
        for entry in sorted(os.listdir(top / found)):
            shutil.move(top / found / entry, into / entry)
    return actual


def _checked(file: Path, name: str, version: str | None) -> str:
    if file.is_symlink():
        raise DefinitionError("its Chart.yaml is a link")
    try:
        described: Any = yamlio.read_file(file, "Chart.yaml").value
    except DefinitionError as error:
        raise DefinitionError(f"its Chart.yaml is refused: {error}") from None
    if not isinstance(described, dict):
        raise DefinitionError("its Chart.yaml is no map")
    api = described.get("apiVersion")
    if api not in API_VERSIONS:
        shown = f"apiVersion `{str(api)[:40]}`" if api is not None else "no apiVersion"
        raise DefinitionError(f"its Chart.yaml has {shown}; Helm 3 knows v1 and v2")
    if described.get("name") != name:
        raise DefinitionError(f"the archive holds the chart `{str(described.get('name'))[:80]}`")
    actual = described.get("version")
    if not isinstance(actual, str) or not semver.is_version(actual):
        raise DefinitionError(f"its Chart.yaml has the version `{str(actual)[:40]}`, which is none")
    if version is not None and semver.parse(actual).key != semver.parse(version).key:
        raise DefinitionError(f"the archive holds version {actual}")
    return actual
