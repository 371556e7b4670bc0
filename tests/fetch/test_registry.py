"""The registry of the tests, held against the real helm: what it takes for one, weft meets too."""

from __future__ import annotations

import base64
import json
import tarfile
from pathlib import Path

import pytest

from tests.fetch import packages
from tests.fetch.servers import loopback, registry


@pytest.mark.parametrize("private", [None, "basic", "bearer"])
def test_helm_pushes_and_pulls(tmp_path: Path, private: str | None) -> None:
    with registry.serving(private, page=1) as there:
        config = tmp_path / "config.json"
        secret = base64.b64encode(f"{loopback.USER}:{loopback.PASSWORD}".encode()).decode()
        config.write_text(json.dumps({"auths": {there.server.host: {"auth": secret}}}))
        more = {"HELM_REGISTRY_CONFIG": str(config)} if private else {}
        packages.push(packages.packages(), there.server.host, more)
        packages.package(packages.CHARTS / "common", tmp_path, "1.5.0+build.1")
        packages.push(tmp_path, there.server.host, more)
        assert sorted(there.tags["charts/common"]) == ["1.4.2", "1.5.0_build.1"]
        pulled = tmp_path / "pulled"
        pulled.mkdir()
        url = f"oci://{there.server.host}/charts/common"
        packages.helm("pull", url, "--version", "^1", "--plain-http", "--destination", pulled, more=more)
        (package,) = pulled.iterdir()
        with tarfile.open(package) as archive:
            described = archive.extractfile("common/Chart.yaml")
            assert described is not None
            assert b"version: 1.5.0+build.1" in described.read()
        if private:
            with pytest.raises(AssertionError, match=r"401|no basic auth|anonymous token"):
                packages.helm("pull", url, "--version", "1.4.2", "--plain-http", "--destination", pulled)
