"""The packages that the bundled schemas are made from: versions and hashes."""

from __future__ import annotations

from typing import NamedTuple

MINORS = ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")


class GoModule(NamedTuple):
    """A module on proxy.golang.org; `h1` is its line in go.sum."""

    path: str
    version: str
    h1: str


WHEEL = (
    "https://files.pythonhosted.org/packages/b0/50/104f3b5a41aba6737c5f2ffe76270398f3a7320dc4a4f3f88dfd5bc9af63/"
    "kubernetes_validate-1.37.0-py3-none-any.whl"
)
WHEEL_SHA256 = "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9"

# The Go types of each Kubernetes version.
KUBERNETES_TYPES = {
    "1.30": GoModule("k8s.io/api", "v0.30.0", "h1:siWhRq7cNjy2iHssOB9SCGNCl2spiF1dO3dABqZ8niA="),
    "1.31": GoModule("k8s.io/api", "v0.31.0", "h1:b9LiSjR2ym/SzTOlfMHm1tr7/21aD7fSkqgD/CVJBCo="),
    "1.32": GoModule("k8s.io/api", "v0.32.0", "h1:OL9JpbvAU5ny9ga2fb24X8H6xQlVp+aJMFlgtQjR9CE="),
    "1.33": GoModule("k8s.io/api", "v0.33.0", "h1:yTgZVn1XEe6opVpP1FylmNrIFWuDqe2H0V8CT5gxfIU="),
    "1.34": GoModule("k8s.io/api", "v0.34.0", "h1:L+JtP2wDbEYPUeNGbeSa/5GwFtIA662EmT2YSLOkAVE="),
    "1.35": GoModule("k8s.io/api", "v0.35.0", "h1:iBAU5LTyBI9vw3L5glmat1njFK34srdLmktWwLTprlY="),
    "1.36": GoModule("k8s.io/api", "v0.36.0", "h1:SgqDhZzHdOtMk40xVSvCXkP9ME0H05hPM3p9AB1kL80="),
    "1.37": GoModule("k8s.io/api", "v0.37.0", "h1:Z//Vj9N7RA/yS2sDmxyeo7h+RR4zbUrd2vrd3Z0TbB4="),
}
ISTIO = GoModule("istio.io/api", "v1.31.1", "h1:5Yb5ihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk=")
GATEWAY_API = GoModule("sigs.k8s.io/gateway-api", "v1.7.0", "h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY=")
# The versions of Flux 2.9.5.
FLUX = {
    "source": GoModule(
        "github.com/fluxcd/source-controller", "v1.9.5", "h1:MFPyCodUi9hZIMaKDsC/rYbNoyzpvrAdrPVixj7W9F0="
    ),
    "kustomize": GoModule(
        "github.com/fluxcd/kustomize-controller", "v1.9.5", "h1:/XY2zy3K7fntyppEXIHG7oRMzmfgIt50eJzUfaPX1Kc="
    ),
}
# The other controllers' own modules are not on the proxy. This one carries the manifests of every release of
# Flux as Flux published them, and nothing else of it is used.
FLUX_RELEASES = GoModule(
    "github.com/controlplaneio-fluxcd/flux-operator",
    "v0.59.0",
    "h1:jByuiWYtjSJxucGHuz68tV0DeVFz5CYrKQYfxAwE7lE=",
)
