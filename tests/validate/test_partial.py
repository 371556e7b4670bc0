"""What cannot be rendered or read hides nothing of the rest, and says nothing of what it would bring."""

from __future__ import annotations

from pathlib import Path

from tests.project_tree import Project

FILES = {
    "component.yaml": "name: shop\nsubcomponents: [{source: './apps/*'}]\n",
    "environments/prod.yaml": "",
    "apps/bad/component.yaml": "type: jinja\npath: ./chart\n",
    "apps/bad/chart/chart.yaml": "name: bad\n",
    "apps/bad/chart/templates/bad.yaml.j2": "a: {{ values.nothing }}\n",
    "apps/good/component.yaml": "type: static\npath: ./manifests\n",
    "apps/good/manifests/service.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
        "spec:\n  selector: {app: s}\n  ports: [{port: 80, targetport: 1}]\n"
    ),
}


def test_a_template_that_fails_hides_no_finding_of_other_components(tmp_path: Path) -> None:
    project = Project(tmp_path).write({**FILES, "generated/prod/old": "old"})
    for command in ("validate", "generate"):
        run = project.weft(command, "prod")
        assert run.code == 3
        assert "apps/bad/chart/templates/bad.yaml.j2:1: there is no `nothing` here" in run.err
        assert "apps/good/manifests/service.yaml:6:22: unknown field `targetport`" in run.err
        # Its pods may be what did not render.
        assert "service-selects-nothing" not in run.err
    assert project.tree() == {"prod/old": b"old"}


def test_a_file_that_cannot_be_read_hides_no_finding_of_others(tmp_path: Path) -> None:
    project = Project(tmp_path).write(
        {
            "m/broken.yaml": "a: [\n",
            "m/list.yaml": "- 1\n",
            "m/number.yaml": "apiVersion: 1\nkind: Pod\n",
            "m/two.yaml": "x: 1\n---\n" + FILES["apps/good/manifests/service.yaml"],
        }
    )
    run = project.weft("validate", "m")
    assert run.code == 3
    assert "m/broken.yaml:" in run.err
    assert "m/list.yaml:1:1: found a list, expected a Kubernetes object" in run.err
    assert "m/number.yaml:1:1: `apiVersion` is 1, expected a string" in run.err
    assert "m/two.yaml:1:1: this has no `apiVersion`" in run.err
    assert "m/two.yaml:8:22: unknown field `targetport`" in run.err
    assert "service-selects-nothing" not in run.err
