"""The part of the table for systems whose schemas are not bundled: where they name namespaces and Services.

Nothing here is missed where it is not there: of these kinds weft knows no more than these fields.
"""

from __future__ import annotations

from generator.model.references.rule import Form, Rows, below, namespaces, selecting_namespaces, to

_MONITORING = "monitoring.coreos.com"
_SECRETS = "external-secrets.io"
_CILIUM = "cilium.io"


def _hosts(where: str) -> Rows:
    return to("Service", where, form=Form.DNS, needed=False)


_MONITORED = namespaces("spec.namespaceSelector.matchNames.*")

# Prometheus, its agent and Thanos' ruler look for what they work on in these.
_PROMETHEUS = (
    *selecting_namespaces(
        "spec.{serviceMonitorNamespaceSelector,podMonitorNamespaceSelector,probeNamespaceSelector,"
        "scrapeConfigNamespaceSelector,ruleNamespaceSelector}"
    ),
    *to("Service", "spec.alerting.alertmanagers.*.name", namespace_at="namespace", needed=False),
)

_IN_NAMESPACE = "[k8s:io.kubernetes.pod.namespace]"
_PEERS = (
    "{ingress,ingressDeny}.*.{fromEndpoints,fromRequires}.* {egress,egressDeny}.*.{toEndpoints,toRequires}.*"
)
_CILIUM_RULE = below(
    f"endpointSelector {_PEERS}",
    namespaces(f"matchLabels.{_IN_NAMESPACE} matchLabels.[io.kubernetes.pod.namespace]"),
)
_CILIUM_POLICY = below("spec specs.*", _CILIUM_RULE)

TABLE: dict[tuple[str, str], Rows] = {
    (_MONITORING, "ServiceMonitor"): (*_MONITORED, *_hosts("spec.endpoints.*.tlsConfig.serverName")),
    (_MONITORING, "PodMonitor"): (*_MONITORED, *_hosts("spec.podMetricsEndpoints.*.tlsConfig.serverName")),
    (_MONITORING, "Probe"): (
        *namespaces("spec.targets.ingress.namespaceSelector.matchNames.*"),
        *_hosts("spec.prober.url"),
    ),
    (_MONITORING, "Prometheus"): _PROMETHEUS,
    (_MONITORING, "PrometheusAgent"): _PROMETHEUS,
    (_MONITORING, "ThanosRuler"): selecting_namespaces("spec.ruleNamespaceSelector"),
    (_MONITORING, "Alertmanager"): selecting_namespaces("spec.alertmanagerConfigNamespaceSelector"),
    ("cert-manager.io", "Certificate"): (
        *to("Service", "spec.{commonName,dnsNames.*}", form=Form.HOST, needed=False),
        *to("ServiceAccount", "spec.uris.*", form=Form.PRINCIPAL, needed=False),
    ),
    (_SECRETS, "ClusterSecretStore"): (
        *namespaces("spec.conditions.*.namespaces.*"),
        *selecting_namespaces("spec.conditions.*.namespaceSelector"),
    ),
    (_SECRETS, "ClusterExternalSecret"): (
        *namespaces("spec.namespaces.*"),
        *selecting_namespaces("spec.namespaceSelector spec.namespaceSelectors.*"),
    ),
    (_CILIUM, "CiliumNetworkPolicy"): _CILIUM_POLICY,
    (_CILIUM, "CiliumClusterwideNetworkPolicy"): _CILIUM_POLICY,
}
