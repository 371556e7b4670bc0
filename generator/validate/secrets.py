"""Finds Secrets whose content anybody who reads the output could read."""

from __future__ import annotations

from collections.abc import Iterator

from generator.model import sops
from generator.model.document import dotted
from generator.model.finding import Code, Finding
from generator.validate.view import View

PLAIN = Code(
    name="plain-secret",
    severity="warning",
    title="A Secret is in plain sight",
    meaning="""\
The Secret holds `data` or `stringData` that nothing encrypts: base64 is no encryption. Whoever can
read the manifest repository, or any copy of it, has the secret, also after it was removed from the
newest commit. A value that SOPS left in plain sight beside encrypted ones is such content, unless the
settings in `sops` (`encrypted_regex` and the like) leave it out.""",
    example="""\
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: hunter2}
""",
    mended="""\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: login}
spec:
  secretStoreRef: {name: vault, kind: ClusterSecretStore}
  target: {name: login}
  data: [{secretKey: password, remoteRef: {key: shop/login, property: password}}]
""",
    mend="""\
Encrypt it with SOPS (Flux decrypts it: `deliver.flux.decryption`), or write an ExternalSecret or
SealedSecret in its place. `weft publish --no-plain-secrets` refuses to publish one.""",
)

CODES = (PLAIN,)


def check(view: View) -> Iterator[Finding]:
    """A finding for each Secret with content that SOPS did not encrypt."""
    for placed in view.kinds.get(("", "Secret"), ()):
        path = sops.plain(placed.item.data)
        if path is not None:
            what = f"`{dotted(path)}`" if path[1:] else "its content"
            yield view.finding(
                PLAIN,
                placed,
                f"{placed.item.identity} holds {what} in plain sight",
                path=path,
                hint="encrypt it with SOPS, or use an ExternalSecret or SealedSecret",
            )
