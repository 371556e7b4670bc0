"""The file formats a user writes, as frozen dataclasses; JSON Schemas and reference pages are made from them.

A field's `doc` metadata is the sentence the reference shows; `schema` adds JSON Schema keywords that
a Python type cannot say. Field names are snake_case here and camelCase in files.
"""

from __future__ import annotations

from generator.model.formats.base import (
    DNS_LABEL,
    DURATION,
    PLANNED_KEYS,
    RESERVED_NAMES,
    ComponentType,
    ListMerge,
    Method,
    key,
)
from generator.model.formats.component import (
    ChartFile,
    ComponentFile,
    External,
    HelmOptions,
    Hooks,
    Ignore,
    Reference,
    Requires,
    Validation,
)
from generator.model.formats.config import ByKey, ConfigFile, ConfigKeys, Merge, Routing
from generator.model.formats.environment import Cluster, Deliver, EnvironmentFile, Kubernetes, Publish
from generator.model.formats.fabrikate import FabrikateComponentFile, FabrikateConfigFile, FabrikateReference
from generator.model.formats.flux import (
    Decryption,
    Flux,
    HealthCheck,
    PostBuild,
    SecretReference,
    SubstituteFrom,
)
from generator.model.formats.lock import LockEntry, LockFile

__all__ = [
    "DNS_LABEL",
    "DURATION",
    "PLANNED_KEYS",
    "RESERVED_NAMES",
    "ByKey",
    "ChartFile",
    "Cluster",
    "ComponentFile",
    "ComponentType",
    "ConfigFile",
    "ConfigKeys",
    "Decryption",
    "Deliver",
    "EnvironmentFile",
    "External",
    "FabrikateComponentFile",
    "FabrikateConfigFile",
    "FabrikateReference",
    "Flux",
    "HealthCheck",
    "HelmOptions",
    "Hooks",
    "Ignore",
    "Kubernetes",
    "ListMerge",
    "LockEntry",
    "LockFile",
    "Merge",
    "Method",
    "PostBuild",
    "Publish",
    "Reference",
    "Requires",
    "Routing",
    "SecretReference",
    "SubstituteFrom",
    "Validation",
    "key",
]
