"""Makes generator/schema/data from registry packages: `python -m tools.schemas [--cache FOLDER]`."""

from __future__ import annotations

import argparse
import gzip
import io
import json
from pathlib import Path
from typing import Any

from tools.schemas import attribution, crds, kubernetes, mergekeys, sources
from tools.schemas.fetch import Cache

DATA = Path(__file__).parents[2] / "generator" / "schema" / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("build/schemas"), help="where downloads are kept")
    parser.add_argument("--out", type=Path, default=DATA, help="where the data is written")
    options = parser.parse_args()
    cache = Cache(options.cache)
    wheel = cache.wheel(sources.WHEEL, sources.WHEEL_SHA256)
    for minor in sources.MINORS:
        types = cache.module(*sources.KUBERNETES_TYPES[minor])
        _write(options.out / "kubernetes" / f"{minor}.json.gz", kubernetes.bundle(wheel, minor, types))
    _write(options.out / "mergekeys.json.gz", mergekeys.table(wheel, sources.MINORS))
    gateway_api = cache.module(*sources.GATEWAY_API)
    releases = cache.module(*sources.FLUX_RELEASES)
    controllers = {name: cache.module(*module) for name, module in sources.FLUX.items()}
    groups = {
        "istio": [crds.istio(cache.module(*sources.ISTIO))],
        # What the first has is widely installed; the second has more fields and kinds.
        "gateway-api": [crds.gateway_api(gateway_api, channel) for channel in ("standard", "experimental")],
        "flux": [crds.flux(controllers, releases)],
    }
    for name, channels in groups.items():
        print(f"{name}: {', '.join(str(len(channel)) for channel in channels)} definitions")
        _write(options.out / "crds" / f"{name}.json.gz", crds.packed(channels))
    (options.out / "ATTRIBUTION.md").write_text(attribution.text(), encoding="utf-8")


def _write(path: Path, data: Any) -> None:
    """Writes JSON compressed; the same data is the same bytes."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as file:
        file.write(text.encode())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main()
