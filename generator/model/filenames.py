"""The names under which the files of definitions and kustomizations are found."""

from __future__ import annotations

COMPONENT_FILES = ("component.yaml", "component.json")
KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
