"""The names by which a Service is reached inside a cluster."""

from __future__ import annotations

CLUSTER_DOMAIN = "cluster.local"
