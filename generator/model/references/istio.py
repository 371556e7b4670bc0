"""The part of the table for Istio's kinds."""

from __future__ import annotations

from generator.model.references.rule import Form, Otherwise, Rows, below, namespaces, selecting, to

_NET = "networking.istio.io"


def _pods(where: str) -> Rows:
    return selecting("Pod", where, form=Form.LABELS)


def _targets(where: str) -> Rows:
    return to("", where, kind_at="kind", group_at="group", namespace_at="namespace")


def _identities(where: str) -> Rows:
    return to("ServiceAccount", where, form=Form.PRINCIPAL, needed=False)


# A policy applies to what it selects, or to the objects that it targets.
_SELECTOR = _pods("selector.matchLabels")
_POLICY = (*_SELECTOR, *_targets("{targetRef,targetRefs.*}.name"))

_DESTINATION = to(
    "Service",
    "host",
    form=Form.HOST,
    ports_at="port.number",
    subset_at="subset",
)

_EXPORT = namespaces("exportTo.*")

# The Secret is beside the pods of the gateway, wherever they run.
_SERVER_TLS = (
    *to(
        "Secret",
        "tls.{credentialName,caCertCredentialName,credentialNames.*}",
        otherwise=Otherwise.ANYWHERE,
    ),
    *_identities("tls.subjectAltNames.*"),
)

_CLIENT_TLS = (
    *to("Secret", "tls.credentialName", otherwise=Otherwise.ANYWHERE),
    *_identities("tls.subjectAltNames.*"),
)

_TRAFFIC_POLICY = (
    *_CLIENT_TLS,
    *to("Service", "tunnel.targetHost", form=Form.DNS, ports_at="targetPort"),
    *below("portLevelSettings.*", _CLIENT_TLS),
)


def _gateways(where: str) -> Rows:
    return to("Gateway", where, group=_NET, form=Form.GATEWAY)


_MATCH = (
    *_gateways("gateways.*"),
    *namespaces("sourceNamespace"),
    *selecting("Pod", "sourceLabels", form=Form.LABELS, otherwise=Otherwise.ANYWHERE),
)

_VIRTUAL_SERVICE = (
    *to("Service", "hosts.*", form=Form.HOST, needed=False, note="may be a public name"),
    *_gateways("gateways.*"),
    *_EXPORT,
    *below("{http,tcp,tls}.*.match.*", _MATCH),
    *below("{http,tcp,tls}.*.route.*.destination http.*.mirror http.*.mirrors.*.destination", _DESTINATION),
    *to("VirtualService", "http.*.delegate.name", group=_NET, namespace_at="namespace"),
    *to(
        "Service",
        "http.*.{rewrite,redirect}.authority http.*.match.*.authority.exact tls.*.match.*.sniHosts.*",
        form=Form.DNS,
        needed=False,
    ),
)

# `namespace/host`: two names in one text.
_BOUND_HOSTS = (
    *to("Namespace", "hosts.*", form=Form.PREFIX, needed=False),
    *to("Service", "hosts.*", form=Form.HOST, needed=False),
)

_IDENTITIES = (
    *namespaces("{namespaces,notNamespaces}.*"),
    *_identities("{principals,notPrincipals}.*"),
    *to("ServiceAccount", "{serviceAccounts,notServiceAccounts}.*", form=Form.QUALIFIED, needed=False),
)


def _when(attributes: tuple[str, ...], kind: str, form: Form) -> Rows:
    return to(kind, "when.*.{values,notValues}.*", form=form, when=("key", attributes), needed=False)


_AUTHORIZATION = (
    *_POLICY,
    *below(
        "rules.*",
        (
            *below("from.*.source", _IDENTITIES),
            *to("Service", "to.*.operation.{hosts,notHosts}.*", form=Form.DNS, needed=False),
            *_when(("source.namespace",), "Namespace", Form.NAME),
            *_when(("source.principal",), "ServiceAccount", Form.PRINCIPAL),
            *_when(("source.serviceAccount",), "ServiceAccount", Form.QUALIFIED),
            *_when(("connection.sni",), "Service", Form.DNS),
        ),
    ),
)

_SPECS: dict[tuple[str, str], Rows] = {
    ("extensions.istio.io", "TrafficExtension"): (
        *_SELECTOR,
        *_targets("targetRefs.*.name"),
        *to("Secret", "wasm.imagePullSecret"),
    ),
    ("extensions.istio.io", "WasmPlugin"): (*_POLICY, *to("Secret", "imagePullSecret")),
    (_NET, "DestinationRule"): (
        *to("Service", "host", form=Form.HOST),
        *_pods("workloadSelector.matchLabels"),
        *_EXPORT,
        *selecting("Pod", "subsets.*.labels", form=Form.LABELS, otherwise=Otherwise.ANYWHERE),
        *below("trafficPolicy subsets.*.trafficPolicy", _TRAFFIC_POLICY),
    ),
    (_NET, "EnvoyFilter"): (
        *_pods("workloadSelector.labels"),
        *_targets("targetRefs.*.name"),
        *to(
            "Service",
            "configPatches.*.match.cluster.service",
            form=Form.DNS,
            ports_at="portNumber",
            subset_at="subset",
            needed=False,
        ),
        *to(
            "Service",
            "configPatches.*.match.cluster.name"
            " configPatches.*.match.routeConfiguration.vhost.{name,domainName}",
            form=Form.DNS,
            needed=False,
        ),
        *_gateways("configPatches.*.match.routeConfiguration.gateway"),
    ),
    (_NET, "Gateway"): (
        *selecting("Pod", "selector", form=Form.LABELS, otherwise=Otherwise.ANYWHERE),
        *below("servers.*", (*_BOUND_HOSTS, *_SERVER_TLS)),
    ),
    (_NET, "ProxyConfig"): _SELECTOR,
    (_NET, "ServiceEntry"): (
        *_pods("workloadSelector.labels"),
        *_EXPORT,
        *to("Service", "hosts.*", form=Form.HOST, needed=False, note="says what else answers at that name"),
        *to("ServiceAccount", "endpoints.*.serviceAccount"),
        *_identities("subjectAltNames.*"),
    ),
    (_NET, "Sidecar"): (
        *_pods("workloadSelector.labels"),
        *below("egress.*", _BOUND_HOSTS),
        *below("ingress.*", _SERVER_TLS),
        *below("outboundTrafficPolicy.egressProxy", _DESTINATION),
    ),
    (_NET, "VirtualService"): _VIRTUAL_SERVICE,
    (_NET, "WorkloadEntry"): to("ServiceAccount", "serviceAccount"),
    (_NET, "WorkloadGroup"): to("ServiceAccount", "template.serviceAccount"),
    ("security.istio.io", "AuthorizationPolicy"): _AUTHORIZATION,
    ("security.istio.io", "PeerAuthentication"): _SELECTOR,
    ("security.istio.io", "RequestAuthentication"): _POLICY,
    ("telemetry.istio.io", "Telemetry"): _POLICY,
}

TABLE: dict[tuple[str, str], Rows] = {kind: below("spec", rules) for kind, rules in _SPECS.items()}
