"""The six objects of a unit, written once with `<<tokens>>` and translated into each tool's own language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.workload import NAMESPACE, VARIANTS

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: <<name>>-<<variant>>
<<place>>
  labels:
    app: <<name>>
    version: <<variant>>
<<labels>>
spec:
  replicas: <<variant.replicas>>
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app: <<name>>
      version: <<variant>>
  template:
    metadata:
      labels:
        app: <<name>>
        version: <<variant>>
      annotations:
        shop.example.com/revision: <<revision>>
        prometheus.io/scrape: "true"
        prometheus.io/port: "9090"
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 45
      securityContext:
        runAsNonRoot: true
        runAsUser: <<global.user>>
        seccompProfile:
          type: RuntimeDefault
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: topology.kubernetes.io/zone
        whenUnsatisfiable: ScheduleAnyway
        labelSelector:
          matchLabels:
            app: <<name>>
            version: <<variant>>
      containers:
      - name: app
        image: <<global.registry>>/<<variant.image>>
        args:
        - --listen=:<<port>>
        - --drain=<<global.drainSeconds>>s
        - --config=/etc/app
        env:
        - name: CLUSTER
          value: <<environment.name>>
        - name: REGION
          value: <<environment.labels.region>>
        - name: PUBLIC_URL
          value: https://<<name>>.<<global.domain>>
        - name: LOG_LEVEL
          value: <<global.logLevel>>
        - name: LOG_FORMAT
          value: <<global.logFormat>>
        - name: OTEL_EXPORTER_OTLP_ENDPOINT
          value: <<global.tracing>>
        - name: VARIANT
          value: <<variant>>
<<env>>
        envFrom:
        - configMapRef:
            name: <<name>>
        ports:
        - name: http
          containerPort: <<port>>
        - name: metrics
          containerPort: 9090
        startupProbe:
          httpGet:
            path: /healthz
            port: http
          failureThreshold: 30
        readinessProbe:
          httpGet:
            path: /readyz
            port: http
          periodSeconds: <<global.probePeriod>>
        livenessProbe:
          httpGet:
            path: /healthz
            port: http
          periodSeconds: <<global.probePeriod>>
          failureThreshold: 6
        resources:
          requests:
            cpu: <<global.cpu>>
            memory: <<global.memory>>
          limits:
            memory: <<global.memoryLimit>>
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop:
            - ALL
        volumeMounts:
        - name: config
          mountPath: /etc/app
          readOnly: true
        - name: scratch
          mountPath: /tmp
      volumes:
      - name: config
        configMap:
          name: <<name>>
      - name: scratch
        emptyDir:
          sizeLimit: 64Mi
"""

_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: <<name>>
<<place>>
  labels:
    app: <<name>>
<<labels>>
spec:
  selector:
    app: <<name>>
  ports:
  - name: http
    port: 80
    targetPort: http
  - name: metrics
    port: 9090
    targetPort: metrics
"""

_CONFIGMAP = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: <<name>>
<<place>>
  labels:
    app: <<name>>
<<labels>>
data:
  cluster: <<environment.name>>
  storage-account: <<global.storageAccount>>
  public-url: https://<<name>>.<<global.domain>>
<<settings>>
"""

_VIRTUALSERVICE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: <<name>>
<<place>>
  labels:
<<labels>>
spec:
  hosts:
  - <<name>>
  http:
  - route:
    - destination:
        host: <<name>>
        subset: stable
        port:
          number: 80
      weight: <<split.stable>>
    - destination:
        host: <<name>>
        subset: canary
        port:
          number: 80
      weight: <<split.canary>>
"""

_DESTINATIONRULE = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: <<name>>
<<place>>
  labels:
<<labels>>
spec:
  host: <<name>>
  subsets:
  - name: stable
    labels:
      version: stable
  - name: canary
    labels:
      version: canary
"""

_PLACE = f"  namespace: {NAMESPACE}"
_LABELS = """\
    team: <<team>>
    cluster: <<environment.name>>
    region: <<environment.labels.region>>
    tier: <<environment.labels.tier>>"""

# One file a kind, as charts are laid out; the two Deployments are one template for two names.
TEMPLATES: Mapping[str, str] = {
    **{f"deployment-{name}.yaml": _DEPLOYMENT.replace("<<variant>>", name) for name in VARIANTS},
    "service.yaml": _SERVICE,
    "configmap.yaml": _CONFIGMAP,
    "virtualservice.yaml": _VIRTUALSERVICE,
    "destinationrule.yaml": _DESTINATIONRULE,
}

_JINJA_ENV = """\
{% for key, value in ENV.items() %}
        - name: {{ key }}
          value: "{{ value }}"
{% endfor %}"""
_JINJA_SETTINGS = """\
{% for key, value in SETTINGS.items() %}
  {{ key }}: "{{ value }}"
{% endfor %}"""
_HELM_ENV = """\
{{- range $key, $value := .Values.env }}
        - name: {{ $key }}
          value: {{ $value | quote }}
{{- end }}"""
_HELM_SETTINGS = """\
{{- range $key, $value := .Values.settings }}
  {{ $key }}: {{ $value | quote }}
{{- end }}"""


def jinja(scope: str = "") -> dict[str, str]:
    """Jinja2 templates by file name; `scope` is where the values are, such as `inventory.parameters.`."""
    return {
        file: _filled(
            text.replace("<<variant.", f"<<{_variant(file)}."),
            lambda path: f"{{{{ {scope}{path} }}}}",
            {
                "env": _JINJA_ENV.replace("ENV", f"{scope}env"),
                "settings": _JINJA_SETTINGS.replace("SETTINGS", f"{scope}settings"),
            },
        )
        for file, text in TEMPLATES.items()
    }


def helm() -> dict[str, str]:
    """Helm templates by file name."""
    return {
        file: _filled(
            text.replace("<<variant.", f"<<{_variant(file)}."),
            lambda path: f"{{{{ .Values.{path} }}}}",
            {"env": _HELM_ENV, "settings": _HELM_SETTINGS},
        )
        for file, text in TEMPLATES.items()
    }


def weft_service() -> dict[str, str]:
    """weft's templates of what a service's deployments share; weft itself makes the routing objects."""
    words = {"name": "component.name"}
    return {
        f"{name}.yaml.j2": _weft(TEMPLATES[f"{name}.yaml"], words, "values")
        for name in ("configmap", "service")
    }


def weft_deployment() -> dict[str, str]:
    """weft's template of one deployment, stable or canary."""
    words = {
        "name": "service.name",
        "variant": "component.name",
        "variant.image": "values.image",
        "variant.replicas": "values.replicas",
    }
    return {"deployment.yaml.j2": _weft(_DEPLOYMENT, words, "service.values")}


def _weft(text: str, words: Mapping[str, str], values: str) -> str:
    def expression(path: str) -> str:
        if path in words:
            return f"{{{{ {words[path]} }}}}"
        if path.startswith("environment."):
            return f"{{{{ {path} }}}}"
        return f"{{{{ {'values' if path.startswith('global.') else values}.{path} }}}}"

    # Namespace and labels are what weft lays over the objects.
    loops = {
        "env": _JINJA_ENV.replace("ENV", f"{values}.env"),
        "settings": _JINJA_SETTINGS.replace("SETTINGS", f"{values}.settings"),
        "place": "",
        "labels": "",
    }
    return _filled(text, expression, loops)


def _variant(file: str) -> str:
    return file.removeprefix("deployment-").removesuffix(".yaml")


def _filled(text: str, expression: Callable[[str], str], blocks: Mapping[str, str]) -> str:
    """`text` with its block lines and then its tokens replaced; an empty block takes its line away."""
    blocks = {"place": _PLACE, "labels": _LABELS, **blocks}
    for name, block in blocks.items():
        text = text.replace(f"<<{name}>>\n", f"{block}\n" if block else "")
    return re.sub(r"<<([\w.]+)>>", lambda found: expression(found[1]), text)


def kcl(read: Callable[[str], Any]) -> str:
    """A KCL lambda that makes the six objects from merged values `u`; `read` reads a YAML document."""
    objects = []
    for file, text in TEMPLATES.items():
        blocks = {"env": "        - <<env>>", "settings": "  <<settings>>: x"}
        text = text.replace("<<variant.", f"<<{_variant(file)}.")
        text = _filled(text, lambda path: f"<<{path}>>", blocks)
        # An unquoted token is text to YAML; what the value is, KCL knows by itself.
        objects.append(_kcl_value(read(text), "        "))
    listed = ",\n        ".join(objects)
    return f"_unit = lambda u {{\n    [\n        {listed}\n    ]\n}}\n"


def _kcl_value(value: Any, pad: str) -> str:
    inner = pad + "    "
    if isinstance(value, dict):
        lines = [
            f"{inner}**u.settings" if key == "<<settings>>" else f'{inner}"{key}" = {_kcl_value(item, inner)}'
            for key, item in value.items()
        ]
        return "{\n" + "\n".join(lines) + f"\n{pad}}}"
    if isinstance(value, list):
        plain = [item for item in value if item != "<<env>>"]
        listed = f"[\n{inner}" + f",\n{inner}".join(_kcl_value(item, inner) for item in plain) + f"\n{pad}]"
        return listed if plain == value else listed + " + [{name = k, value = v} for k, v in u.env]"
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return str(value)
    whole = re.fullmatch(r"<<([\w.]+)>>", value)
    if whole:
        return f"u.{whole[1]}"
    return '"' + re.sub(r"<<([\w.]+)>>", r"${u.\1}", value) + '"'
