"""The part of the table for the Gateway API's kinds."""

from __future__ import annotations

from generator.model.references.rule import (
    Form,
    Otherwise,
    Rows,
    below,
    namespaces,
    selecting,
    selecting_namespaces,
    to,
)

_GATEWAY = "gateway.networking.k8s.io"
_TRIALS = "gateway.networking.x-k8s.io"


def _backend(where: str) -> Rows:
    return to("Service", where, kind_at="kind", group_at="group", namespace_at="namespace", ports_at="port")


def _secret(where: str) -> Rows:
    return to("Secret", where, kind_at="kind", group_at="group", namespace_at="namespace")


def _local(where: str, kind: str = "") -> Rows:
    return to(kind, where, kind_at="kind", group_at="group")


def _parameters(where: str) -> Rows:
    return to(
        "",
        where,
        kind_at="kind",
        group_at="group",
        namespace_at="namespace",
        otherwise=Otherwise.CLUSTER,
    )


# An authority may be a ConfigMap, a Secret or a kind of the implementation: the reference says which.
def _authorities(where: str) -> Rows:
    return to("ConfigMap", where, kind_at="kind", group_at="group", namespace_at="namespace")


# A host that a Service has inside the cluster; most others are public.
def _hosts(where: str) -> Rows:
    return to("Service", where, form=Form.DNS, needed=False)


# The name that a backend shows in its certificate.
_BACKEND_NAMES = (
    *_hosts("validation.hostname validation.subjectAltNames.*.hostname"),
    *to("ServiceAccount", "validation.subjectAltNames.*.uri", form=Form.PRINCIPAL, needed=False),
)
# May be a public name, or that of a Service in the mesh.
_HOSTNAMES = to("Service", "spec.hostnames.*", form=Form.HOST, needed=False)
_REWRITE = _hosts("{urlRewrite,requestRedirect}.hostname")
_EXTENSION = _local("extensionRef.name")
_AUTHORIZED = _backend("externalAuth.backendRef.name")
_MIRROR = _backend("requestMirror.backendRef.name")


def _parent(where: str) -> Rows:
    return to(
        "Gateway",
        where,
        group=_GATEWAY,
        kind_at="kind",
        group_at="group",
        namespace_at="namespace",
        section_at="sectionName",
        ports_at="port",
    )


_ROUTE = below("spec", (*_parent("parentRefs.*.name"), *_backend("rules.*.backendRefs.*.name")))


def _filtered(*filters: Rows) -> Rows:
    """A route with filters, which stand beside the backends and at each of them."""
    rows = tuple(row for rows in filters for row in rows)
    return (*_ROUTE, *_HOSTNAMES, *below("spec.rules.*.filters.* spec.rules.*.backendRefs.*.filters.*", rows))


_LISTENERS = below(
    "listeners.*",
    (
        *_secret("tls.certificateRefs.*.name"),
        *selecting_namespaces("allowedRoutes.namespaces.selector"),
        *below("filters.requests.*", (*_EXTENSION, *_AUTHORIZED)),
    ),
)

_TARGETS = _local("targetRefs.*.name")
_SECTIONS = to("", "targetRefs.*.name", kind_at="kind", group_at="group", section_at="sectionName")
_BACKEND_AUTHORITY = (*_local("validation.caCertificateRefs.*.name", "ConfigMap"), *_BACKEND_NAMES)
_BACKEND_TLS = (
    *_BACKEND_AUTHORITY,
    *_secret("clientCertificateRef.name"),
)

TABLE: dict[tuple[str, str], Rows] = {
    (_GATEWAY, "HTTPRoute"): _filtered(_MIRROR, _EXTENSION, _AUTHORIZED, _REWRITE),
    (_GATEWAY, "GRPCRoute"): _filtered(_MIRROR, _EXTENSION),
    (_GATEWAY, "TCPRoute"): _ROUTE,
    (_GATEWAY, "TLSRoute"): (*_ROUTE, *_HOSTNAMES),
    (_GATEWAY, "UDPRoute"): _ROUTE,
    (_GATEWAY, "BackendTLSPolicy"): below("spec", (*_SECTIONS, *_BACKEND_AUTHORITY)),
    (_GATEWAY, "Gateway"): below(
        "spec",
        (
            *to("GatewayClass", "gatewayClassName", group=_GATEWAY),
            *_local("infrastructure.parametersRef.name"),
            *_secret("tls.backend.clientCertificateRef.name"),
            *_authorities("tls.frontend.{default,perPort.*.tls}.validation.caCertificateRefs.*.name"),
            *selecting_namespaces("allowedListeners.namespaces.selector"),
            *_LISTENERS,
        ),
    ),
    (_GATEWAY, "GatewayClass"): _parameters("spec.parametersRef.name"),
    (_GATEWAY, "ListenerSet"): below(
        "spec",
        (
            *to(
                "Gateway",
                "parentRef.name",
                group=_GATEWAY,
                kind_at="kind",
                group_at="group",
                namespace_at="namespace",
            ),
            *_LISTENERS,
        ),
    ),
    (_GATEWAY, "ReferenceGrant"): (
        *namespaces("spec.from.*.namespace"),
        *to("", "spec.to.*.name", kind_at="kind", group_at="group", needed=False),
    ),
    (_TRIALS, "XBackend"): below(
        "spec",
        (
            *selecting("Pod", "endpointSelector"),
            *_hosts("externalHostname.hostname"),
            *below("tls", _BACKEND_TLS),
        ),
    ),
    (_TRIALS, "XBackendTrafficPolicy"): below("spec", _TARGETS),
    (_TRIALS, "XMesh"): _parameters("spec.parametersRef.name"),
    (_TRIALS, "XTelemetryPolicy"): below("spec", (*_TARGETS, *_backend("tracing.provider.backendRef.name"))),
}
