"""The file formats a user writes, as frozen dataclasses; JSON Schemas and reference pages are made from them.

A field's `doc` metadata is the sentence the reference shows; `schema` adds JSON Schema keywords that
a Python type cannot say. Field names are snake_case here and camelCase in files.
"""

from __future__ import annotations

from generator.model.formats.base import (
    DNS_LABEL,
    DURATION,
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
from generator.model.formats.config import ByKey, ConfigFile, ConfigKeys, Image, Merge, Routing
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
from generator.model.formats.namespaces import NamespaceMapping
from generator.model.formats.patches import Patch, Target
from generator.model.formats.placement import Placement, Replicas

__all__ = [
    "DNS_LABEL",
    "DURATION",
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
    "Image",
    "Kubernetes",
    "ListMerge",
    "LockEntry",
    "LockFile",
    "Merge",
    "Method",
    "NamespaceMapping",
    "Patch",
    "Placement",
    "PostBuild",
    "Publish",
    "Reference",
    "Replicas",
    "Requires",
    "Routing",
    "SecretReference",
    "SubstituteFrom",
    "Target",
    "Validation",
    "key",
]
