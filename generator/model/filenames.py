"""The names under which the files and folders of definitions, and kustomizations, are found."""

from __future__ import annotations

# Beside the root component file.
POLICIES = "policies"
COMPONENT_FILES = ("component.yaml", "component.json")
KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
