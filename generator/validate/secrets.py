"""Finds Secrets whose content anybody who reads the output could read."""

from __future__ import annotations

from collections.abc import Iterator

from generator.model.finding import Code, Finding
from generator.model.secrets import plain_field
from generator.validate.view import View

PLAIN = Code(
    name="plain-secret",
    severity="warning",
    title="A Secret is in plain sight",
    meaning="""\
The Secret holds `data` or `stringData` that nothing encrypts: base64 is no encryption. Whoever can
read the manifest repository, or any copy of it, has the secret, also after it was removed from the
newest commit.""",
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
        field = plain_field(placed.item.data)
        if field is not None:
            yield view.finding(
                PLAIN,
                placed,
                f"{placed.item.identity} holds its content in plain sight",
                path=(field,),
                hint="encrypt it with SOPS, or use an ExternalSecret or SealedSecret",
            )
