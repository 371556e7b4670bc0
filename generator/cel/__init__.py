"""The only place that knows CEL: compiles and evaluates expressions as the API server of Kubernetes does."""

from __future__ import annotations

from generator.cel.engine import (
    Bound,
    CompileError,
    Environment,
    EvaluationError,
    LimitError,
    Program,
    available,
    environment,
)

__all__ = [
    "Bound",
    "CompileError",
    "Environment",
    "EvaluationError",
    "LimitError",
    "Program",
    "available",
    "environment",
]
