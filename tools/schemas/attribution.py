"""Writes down whose work the bundled schemas are, and under which licence."""

from __future__ import annotations

from tools.schemas import sources

_HEAD = """\
# Where the schemas in this folder come from

`python -m tools.schemas` makes every file here from the packages below. Descriptions and what `status` of a
custom resource may hold are left out; rules that the Kubernetes API server has beside its
schemas are added (`tools/schemas/refine.py`). The schemas themselves are the work of their authors.

| files | what | package | licence |
|---|---|---|---|
"""


def text() -> str:
    """The attribution file, in Markdown."""
    wheel = sources.WHEEL.rpartition("/")[2].split("-")[1]
    minors = f"{sources.MINORS[0]} to {sources.MINORS[-1]}"
    types = [module.version for module in sources.KUBERNETES_TYPES.values()]
    rows = [
        (
            "kubernetes/",
            f"JSON Schemas of Kubernetes {minors}, copyright the Kubernetes authors",
            f"kubernetes-validate {wheel} (https://pypi.org/project/kubernetes-validate/), "
            "copyright Will Thames",
            "Apache-2.0",
        ),
        (
            "mergekeys.json.gz",
            f"patch strategies and merge keys of Kubernetes {minors}, copyright the Kubernetes authors",
            f"kubernetes-validate {wheel}, as above",
            "Apache-2.0",
        ),
        (
            "kubernetes/",
            "values of the enumerations, copyright the Kubernetes authors",
            f"k8s.io/api {types[0]} to {types[-1]} (https://pkg.go.dev/k8s.io/api)",
            "Apache-2.0",
        ),
        _row("crds/istio.json.gz", "Istio", sources.ISTIO),
        _row("crds/gateway-api.json.gz", "the Gateway API", sources.GATEWAY_API),
        *(
            _row("crds/flux.json.gz", f"Flux' {name}-controller", module)
            for name, module in sources.FLUX.items()
        ),
        _row(
            "crds/flux.json.gz",
            "every Flux release since 2.2",
            sources.FLUX_RELEASES,
            "; only the folder config/data/flux is read, which has the manifests of Flux' releases",
            "Apache-2.0 (the manifests; the module's own code is AGPL-3.0, and no part of it is here)",
        ),
    ]
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(
    file: str, what: str, module: sources.GoModule, more: str = "", licence: str = "Apache-2.0"
) -> tuple[str, str, str, str]:
    package = f"{module.path} {module.version} (https://pkg.go.dev/{module.path}@{module.version}){more}"
    return file, f"custom resource definitions of {what}, copyright their authors", package, licence
