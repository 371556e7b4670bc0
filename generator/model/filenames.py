"""The names under which the files and folders of definitions, and kustomizations, are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# Beside the root component file.
POLICIES = "policies"
COMPONENT_FILES = ("component.yaml", "component.json")
KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# Of these, one must be in the folder of a component of the type.
RENDERED_FILES: Mapping[str, Sequence[str]] = {
    "kustomize": KUSTOMIZATION_FILES,
    "helm": ("Chart.yaml",),
    "jinja": ("chart.yaml", "chart.json"),
}
