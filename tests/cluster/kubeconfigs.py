"""Kubeconfigs for tests, full of credentials that must go nowhere."""

from __future__ import annotations

from typing import Any

import yaml

SECRET = "hunter2-do-not-tell"

USERS: dict[str, dict[str, Any]] = {
    "certificate": {"client-certificate-data": SECRET, "client-key-data": SECRET},
    "files": {"client-certificate": f"/{SECRET}/crt", "client-key": f"/{SECRET}/key"},
    "token": {"token": SECRET},
    "token file": {"tokenFile": f"/run/{SECRET}"},
    "password": {"username": SECRET, "password": SECRET},
    "exec": {"exec": {"command": "aws", "args": [SECRET], "env": [{"name": "KEY", "value": SECRET}]}},
    "auth provider": {"auth-provider": {"name": "oidc", "config": {"refresh-token": SECRET}}},
    "impersonation": {"as": SECRET, "as-user-extra": {"x": [SECRET]}},
}


def kubeconfig(
    cluster: str = "europe-cloud",
    server: Any = "https://10.0.0.1:6443",
    user: dict[str, Any] | None = None,
    **others: Any,
) -> str:
    """A kubeconfig with one context; `others` replace its keys."""
    data: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "admin",
        "contexts": [{"name": "admin", "context": {"cluster": cluster, "user": "me"}}],
        "clusters": [
            {
                "name": cluster,
                "cluster": {
                    "server": server,
                    "certificate-authority-data": SECRET,
                    "proxy-url": f"http://me:{SECRET}@proxy:8080",
                },
            }
        ],
        "users": [{"name": "me", "user": user or USERS["token"]}],
        "preferences": {"x": SECRET},
    }
    text = yaml.safe_dump({**data, **others}, sort_keys=False)
    assert isinstance(text, str)
    return text
