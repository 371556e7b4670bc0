"""Gets remote sources: a module a method, behind one Protocol; nothing here decides where they are kept."""

from __future__ import annotations

import importlib
from typing import cast

from generator.fetch.base import Access, Fetcher, about, refused

# Method: the module that knows it, imported when it is needed.
FETCHERS = {
    "git": "generator.fetch.git",
    "helm": "generator.fetch.helm",
    "http": "generator.fetch.http",
    "oci": "generator.fetch.oci",
}


def fetcher(method: str) -> Fetcher:
    """The fetcher of a method."""
    return cast(Fetcher, importlib.import_module(FETCHERS[method]))


__all__ = ["FETCHERS", "Access", "Fetcher", "about", "fetcher", "refused"]
