"""The table against the bundled schemas: nothing is missing in it, and no row is about nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.model.references import others
from generator.model.references.rule import ITEM, NAME_LABEL, Rule, expanded
from generator.model.references.table import everything, rules
from tests.references.schemas import Kind, Path, fields

TABLE = everything()

# How fields are called that name something.
SUSPECT = re.compile(
    r"""(Refs?|References?|Names?|Namespaces?|Selectors?|Secrets?|Accounts?|Hosts?|Hostnames?|Principals)$
    |^(name|namespaces?|selectors?|hosts?|hostnames?|principals|authority|exportTo)$
    |^(service|gateways?|subset|backend|endpoints|target|parent|claim|labels|subdomain|podGroup|issuer)$
    |^(configMap|secret|serviceAccount|backendRef|parentRef|claimName|volumeClaim)""",
    re.VERBOSE,
)

# Suspects that are not in the table, and why not: the end of the path, or `Kind:` and the end of the path.
NO_REFERENCES = {
    "the name of an item, a header, a variable or a port within the object itself": """
        env.*.name httpHeaders.*.name headers.*.name ports.*.name port.name portName add.*.name
        set.*.name cookie.name header.name httpCookie.name attributes.*.name httpHeaderName
        httpQueryParameterName headerName spanName volumeMounts.*.name volumeDevices.*.name
        containers.*.name initContainers.*.name ephemeralContainers.*.name volumes.*.name
        targetContainerName containerName fileKeyRef fileKeyRef.volumeName claims.*.name
        resourceClaims.*.name options.*.name schedulingGates.*.name sysctls.*.name subsets.*.name
        servers.*.name listeners.*.name rules.*.name http.*.name match.*.name queryParams.*.name
        matchConditions.*.name variables.*.name webhooks.*.name additionalPrinterColumns.*.name
        versions.*.name podGroupTemplates.*.name compositePodGroupTemplates.*.name podGroups.*.name
        requests.*.name firstAvailable.*.name derivedAttributes.*.name fromHeaders.*.name
        environment.name outputClaimToHeaders.*.claim filters.*.name strategy.name waitStrategy.name
        """,
    "a field of the pod or the container itself": "fieldRef resourceFieldRef",
    "names a Node, and no manifest has Nodes": """
        nodeName nodeSelector forNodes.*.name Event:source.host Event:deprecatedSource.host
        ResourceSlice:nodeName
        """,
    "names a thing of the cloud, the disk or the machine": """
        diskName shareName secretFile datasetName pdName initiatorName scaleIO.gateway
        scaleIO.volumeName storageos.volumeName storageos.volumeNamespace storagePolicyName
        gmsaCredentialSpecName runAsUserName os.name Bucket:bucketName forZones.*.name
        CSINode:drivers.*.name driverName ResourceSlice:name poolName extendedResourceName
        """,
    "names what a program of the cluster listens to, not an object": """
        signerName controllerName schedulerName evictionResponders.*.name resourceName scopeName
        pluginName providers.*.name AuthorizationPolicy:provider.name tracing.serviceName
        """,
    "a metric or the target value of one": """
        HorizontalPodAutoscaler:metric.name HorizontalPodAutoscaler:metric.selector
        HorizontalPodAutoscaler:resource.name HorizontalPodAutoscaler:containerResource.name
        resource.target containerResource.target pods.target object.target external.target
        """,
    "the kubelet connects from the node, where no Service has a name; by default it is the pod's own": """
        httpGet.host tcpSocket.host
        """,
    "a service in the sense of gRPC": "grpc.service method.service",
    "a name that the pod or the endpoint itself gets": """
        spec.hostname hostAliases.*.hostnames addresses.*.hostname notReadyAddresses.*.hostname
        endpoints.*.hostname
        """,
    "a public name that clients ask for": """
        Ingress:rules.*.host Ingress:tls.*.hosts listeners.*.hostname
        """,
    "names objects by plural resource, several at once, to allow or to match": """
        resourceNames resourceAttributes.name IPAddress:parentRef.name
        """,
    "the policy that is bound says of which kind it is": "paramRef.name paramRef.selector",
    "selects objects of any kind by their labels or fields": """
        objectSelector resourceAttributes.fieldSelector resourceAttributes.labelSelector rawSelector
        ImageUpdateAutomation:policySelector
        """,
    "chooses devices, layers or scopes, not objects": """
        DeviceClass:selectors DeviceTaintRule:selectors exactly.selectors requests.*.selectors
        firstAvailable.*.selectors ResourceClaimParameters:selector ResourceClassParameters:selector
        layerSelector scopeSelector
        """,
    "patterns for what Flux applies from elsewhere": """
        ignore.*.target ignore.*.target.name ignore.*.target.namespace ignore.*.target.labelSelector
        ignore.*.target.annotationSelector patches.*.target patches.*.target.name
        patches.*.target.namespace patches.*.target.labelSelector
        patches.*.target.annotationSelector patchesJson6902.*.target patchesJson6902.*.target.name
        patchesJson6902.*.target.namespace patchesJson6902.*.target.labelSelector
        patchesJson6902.*.target.annotationSelector
        """,
    "labels that the object gives, not such as it looks for": """
        commonMetadata.labels Gateway:infrastructure.labels ServiceEntry:endpoints.*.labels
        WorkloadEntry:labels WorkloadGroup:template.labels
        """,
    "the name that something outside of Kubernetes gets or has": """
        releaseName ref.name author.name images.*.name newName issuer shortNames requestPrincipals
        notRequestPrincipals EnvoyFilter:route.name EnvoyFilter:listener.name
        EnvoyFilter:filterChain.name EnvoyFilter:filter.name EnvoyFilter:subFilter.name
        EnvoyFilter:routeConfiguration.name
        """,
    "a switch, called like what it is about": """
        manualSelector shareProcessNamespace createNamespace retryIgnorePreviousHosts
        serviceAccountToken CSIDriver:serviceAccountTokenInSecrets serviceAccountUID
        """,
    "what a controller has observed": """
        volumeClaimTemplates.*.status.currentVolumeAttributesClassName
        volumeClaimTemplates.*.status.modifyVolumeStatus.targetVolumeAttributesClassName
        """,
}

# Kinds of systems that are not bundled.
UNBUNDLED = {("argoproj.io", "Rollout"), *others.TABLE}


def test_every_field_that_may_name_an_object_is_in_the_table_or_explained() -> None:
    assert [field for field in unknown() if not excused(*field)] == []


def test_every_exception_is_about_a_field_that_exists_and_is_not_in_the_table() -> None:
    assert exceptions() - {exception for field in unknown() for exception in excused(*field)} == set()


def test_no_exception_would_hide_that_a_row_is_missing() -> None:
    named = {(kind, path) for kind in TABLE for path, _ in expanded(TABLE[kind])}
    assert [(field, excused(*field)) for field in sorted(named) if excused(*field)] == []


def test_every_rule_is_about_a_field_that_exists() -> None:
    assert set(TABLE) - set(fields()) == UNBUNDLED
    wrong = [
        f"{kind[1]} {'.'.join(asked)}"
        for kind in set(TABLE) - UNBUNDLED
        for path, rule in expanded(TABLE[kind])
        for asked in (path, *beside(path, rule))
        if not free(asked) and collapsed(asked) not in fields()[kind]
    ]
    assert wrong == []


def test_no_rule_is_there_twice() -> None:
    for kind, rows in TABLE.items():
        seen = [(path, rule.form, rule.when) for path, rule in expanded(rows)]
        assert len(seen) == len(set(seen)), kind


def exceptions() -> set[str]:
    """Every exception in every reason."""
    return set(" ".join(NO_REFERENCES.values()).split())


def excused(kind: Kind, path: Path) -> set[str]:
    """The exceptions that are about a field."""
    ends = {".".join(path[start:]) for start in range(len(path))}
    return (ends | {f"{kind[1]}:{end}" for end in ends}) & exceptions()


def unknown() -> Iterator[tuple[Kind, Path]]:
    """Every suspect that the table does not have."""
    for kind, paths in fields().items():
        for path in sorted(paths - covered(kind)):
            if SUSPECT.search(path[-1]):
                yield kind, path


def covered(kind: Kind) -> set[Path]:
    """The fields that the rules of a kind read, and the maps on the way to them."""
    known: set[Path] = set()
    for path, rule in expanded(TABLE.get(kind, ())):
        for read in (path, *beside(path, rule)):
            known.update(read[:length] for length in range(1, len(read) + 1))
    return known


def beside(path: Path, rule: Rule) -> Iterator[Path]:
    """What a rule reads beside the name."""
    holder = list(path)
    while holder[-1] == ITEM:
        holder.pop()
    holder.pop()
    single = (
        rule.kind_at,
        rule.group_at,
        rule.namespace_at,
        rule.optional_at,
        rule.when[0] if rule.when else "",
    )
    for step in filter(None, single):
        yield (*holder, step)
    for steps in filter(None, (rule.keys_at, rule.subset_at, rule.section_at, *rule.ports_at)):
        yield (*holder, *steps)


def free(path: Path) -> bool:
    """Whether the schema says nothing of the path: labels, annotations and parameters have any key."""
    return "metadata" in path or NAME_LABEL in path or path[0] == "parameters"


def collapsed(path: Path) -> Path:
    """The path with what is within itself only once."""
    nested = ("compositePodGroupTemplates", ITEM)
    while any(path[at : at + 4] == nested * 2 for at in range(len(path))):
        at = next(at for at in range(len(path)) if path[at : at + 4] == nested * 2)
        path = path[:at] + path[at + 2 :]
    return path


def test_the_rules_of_a_kind_are_found_without_the_rest_of_the_table() -> None:
    every = list(rules("example.org", "Unknown"))
    for (group, kind), rows in TABLE.items():
        assert list(rules(group, kind)) == [*every, *expanded(rows)], (group, kind)
