"""Whatever a reference says of a remote source, it is a source that is safe to fetch, none, or refused."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from generator import yamlio
from generator.errors import DefinitionError
from generator.load import remotes
from generator.model.definition import Config
from generator.model.formats import Reference

PARTS = st.sampled_from(
    (
        *("https://", "file://", "oci://", "ssh://", "ext::", "git@", "host", "x.git", ".tar.gz", "token=x"),
        *("-", ":", "::", "/", "@", "..", "[", "]", "?", "#", "%00", "a", "0", "é", "\n", " ", "\\", "\x85"),
    )
)
TEXTS = st.lists(PARTS, max_size=7).map("".join) | st.text(max_size=12)
METHODS = st.sampled_from([None, "git", "http", "helm", "oci", "local"])
TYPES = st.sampled_from(["component", "helm", "static"])


@settings(max_examples=400, deadline=None)
@given(TEXTS, METHODS, TYPES, st.none() | TEXTS, st.booleans())
def test_an_address_is_safe_or_refused(
    url: str, method: str | None, kind: str, path: str | None, foreign: bool
) -> None:
    keys = Reference(name="app", source=url, method=method, path=path)  # type: ignore[arg-type]
    config = Config(keys, yamlio.read("name: app\n", "component.yaml")[0], ())
    try:
        found = remotes.remote(keys, config, kind, name="app", folder=".", foreign=foreign)
    except DefinitionError:
        return
    if found is None:
        assert method in (None, "local")
        return
    assert not found.url.startswith("-")
    assert not re.match(r"[\w.+-]+::", found.url)
    assert found.url.isprintable()
    assert not (foreign and found.url.lower().startswith("file:"))
    assert ".." not in found.below.split("/")
    assert not found.below.startswith("/")
    assert found.shown.startswith(found.method)
