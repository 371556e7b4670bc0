"""Placement from end to end: which environments get a component, with how many replicas."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.placement.fleet import APP, CLUSTERS, documents, fleet, kinds, replicas
from tests.project_tree import Project, Run


def generated(project: Project, *args: str) -> Run:
    run = project.generate(*(args or ("--all",)))
    assert run.code == 0, run.err
    return run


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("{}", "cloud milan rome"),
        ("{selector: ''}", "cloud milan rome"),
        ("{selector: []}", "cloud milan rome"),
        ("{selector: type=destination}", "milan rome"),
        ("{selector: 'type=destination,region=eu'}", "milan rome"),
        ("{selector: 'type=destination,region!=eu'}", ""),
        ("{selector: [type=origin, region=eu]}", "cloud milan rome"),
        ("{selector: 'type in (destination)', exclude: [rome]}", "milan"),
        ("{exclude: [cloud]}", "milan rome"),
        ("{environments: [rome]}", "rome"),
        ("{environments: []}", ""),
        ("{selector: type=origin, environments: [rome]}", "cloud rome"),
        ("{environments: [rome, milan], exclude: [rome]}", "milan"),
        ("{selector: '!region'}", "cloud"),
    ],
)
def test_it_goes_where_placement_says(tmp_path: Path, placement: str, expected: str) -> None:
    project = fleet(tmp_path, placement)
    run = generated(project)
    placed = [name for name in CLUSTERS if (project.generated / name / "app/app.yaml").exists()]
    assert placed == expected.split()
    assert ("chooses no environment" in run.err) == (expected == "")
    for name in placed:
        assert replicas(project)[name] == 7, "without `replicas` the manifest's own count"


def test_a_component_that_goes_nowhere_is_left_out_with_a_note(tmp_path: Path) -> None:
    run = generated(fleet(tmp_path, "{selector: type=satellite}"))
    assert (
        "note: component.yaml:4:5: this placement chooses no environment, "
        "so its component is left out everywhere" in run.err
    )


def test_each_gives_every_environment_so_many(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{selector: type=destination, replicas: {each: 2}}")
    generated(project)
    assert replicas(project) == {"milan": 2, "rome": 2}


def test_split_divides_over_all_environments_whatever_is_generated(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{selector: type=destination, replicas: {split: 5}}")
    generated(project, "rome")
    alone = documents(project, "rome")
    generated(project)
    assert documents(project, "rome") == alone
    assert sorted(replicas(project).values()) == [2, 3]


def test_an_environment_joins_by_its_label_alone(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{selector: type=destination, replicas: {split: 5}}")
    generated(project)
    before = replicas(project)
    project.write({"environments/turin.yaml": "labels: {type: destination}\n"})
    generated(project)
    after = replicas(project)
    assert sum(after.values()) == 5
    assert after["turin"] == 1
    assert all(after[name] <= before[name] for name in before)


def test_an_environment_to_which_no_replica_falls_gets_nothing_and_weft_says_so(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{selector: type=destination, replicas: {split: 1}}")
    run = generated(project)
    (placed,) = replicas(project)
    (empty,) = {"milan", "rome"} - {placed}
    assert kinds(project, empty) == []
    said = (
        f"note: {empty}: `app` is left out: its one replica goes to other environments (component.yaml:4:56)"
    )
    assert said in run.err
    again = generated(project)
    assert said in again.err, "a run that had nothing to do says it too"


def test_weights_and_bounds(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{replicas: {split: 9, weights: {cloud: 4, milan: 0}, max: 6}}")
    generated(project)
    assert replicas(project) == {"cloud": 6, "rome": 3}


def test_replicas_are_set_on_every_workload_that_has_them_and_on_nothing_else(tmp_path: Path) -> None:
    more = """\
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db}
        spec:
          serviceName: db
          selector: {matchLabels: {app: db}}
          template:
            metadata: {labels: {app: db}}
            spec: {containers: [{name: db, image: "db:1.0"}]}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec: {containers: [{name: agent, image: "agent:1.0"}]}
        """
    project = fleet(tmp_path, "{replicas: {each: 3}}", files={"app/manifests/more.yaml": more})
    generated(project, "rome")
    found = {item["kind"]: item.get("spec", {}).get("replicas") for item in documents(project, "rome")}
    assert found == {"ConfigMap": None, "Service": None, "Deployment": 3, "StatefulSet": 3, "DaemonSet": None}


HELPERS = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 3
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tidy}
spec:
  schedule: "0 4 * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: tidy, image: "tidy:1"}]}}}}
"""
OUTSIDE = {"environments/common.yaml": "external: [{kind: Namespace, name: demo}]\n"}


def test_with_remote_pods_the_origin_gets_all_but_workloads_and_no_share(tmp_path: Path) -> None:
    placement = "{selector: type=destination, pods: remote, origin: cloud, replicas: {split: 4}}"
    project = fleet(tmp_path, placement, files={"app/manifests/helpers.yaml": HELPERS, **OUTSIDE})
    run = generated(project)
    assert kinds(project, "cloud") == ["ConfigMap", "Service"]
    assert replicas(project) == {"milan": 2, "rome": 2}
    assert "cloud" not in run.err.replace("cloud: 2 objects", ""), "a Service without pods is meant there"


def test_an_autoscaler_beside_the_replicas_of_a_placement_points_at_the_placement(tmp_path: Path) -> None:
    files = {"app/manifests/helpers.yaml": HELPERS, **OUTSIDE}
    project = fleet(tmp_path, "{replicas: {each: 2}}", files=files)
    run = project.weft("validate", "rome")
    hint = "leave `replicas` out of the placement, at component.yaml:4:28, and `spec.replicas` out, too"
    (line,) = [line for line in (run.out + run.err).splitlines() if "[scaling-conflict]" in line]
    assert "component.yaml:4:28: Deployment.apps demo/web fixes 2 replicas" in line
    assert f"  hint: {hint}\n" in run.out + run.err
    project.write({"config/rome.yaml": "subcomponents: {app: {replicas: {web: 9}}}\n"})
    run = project.weft("validate", "rome")
    (line,) = [line for line in (run.out + run.err).splitlines() if "[scaling-conflict]" in line]
    assert "config/rome.yaml:1:" in line
    assert "  hint: leave `spec.replicas` out\n" in run.out + run.err


def test_with_local_pods_only_the_origin_has_workloads(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{pods: local, origin: cloud, replicas: {split: 4}}", files=OUTSIDE)
    generated(project)
    assert replicas(project) == {"cloud": 4}
    assert kinds(project, "rome") == kinds(project, "milan") == ["ConfigMap", "Service"]


def test_with_all_pods_the_origin_is_an_environment_like_others(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{selector: type=destination, pods: all, origin: cloud}")
    generated(project)
    assert list(replicas(project)) == ["milan", "rome"]


def test_the_origin_may_be_taken_out(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{selector: type=destination, pods: remote, origin: cloud, exclude: [cloud]}")
    generated(project)
    assert kinds(project, "cloud") == []


NESTED = {
    "component.yaml": """\
        subcomponents:
          - name: shop
            placement: {selector: type=destination, replicas: {split: 5}}
            subcomponents:
              - {name: app, source: ./app}
              - {name: extra, source: ./extra, placement: {exclude: [rome]}}
              - {name: third, source: ./app, placement: {replicas: {each: 1}, environments: [cloud, rome]}}
        """,
    "extra/component.yaml": "type: static\npath: manifests\nnamespace: demo\n",
    "extra/manifests/extra.yaml": APP.replace("web", "extra"),
}


def test_nested_placements_narrow_and_inherit(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{}", files={**NESTED, "app/component.yaml": "type: static\npath: manifests\n"})
    generated(project, "--all", "--no-validate")
    assert sorted(replicas(project, "shop/app/app.yaml").values()) == [2, 3]
    assert replicas(project, "shop/extra/extra.yaml") == {"milan": 5}, (
        "its own environments divide the number"
    )
    assert replicas(project, "shop/third/third.yaml") == {"rome": 1}


def test_the_reference_beats_the_file_that_it_loads(tmp_path: Path) -> None:
    app = "type: static\npath: manifests\nnamespace: demo\n"
    app += "placement: {environments: [cloud], replicas: {each: 4}}\n"
    project = fleet(tmp_path, "{environments: [rome]}", files={"app/component.yaml": app})
    generated(project)
    assert replicas(project) == {"rome": 7}
    project.write({"component.yaml": "subcomponents:\n  - {name: app, source: ./app}\n"})
    generated(project)
    assert replicas(project) == {"cloud": 4}
    project.write({"component.yaml": "subcomponents:\n  - {name: app, source: ./app, placement: null}\n"})
    generated(project)
    assert list(replicas(project)) == ["cloud", "milan", "rome"]


def test_a_glob_places_all_that_it_brings_in(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{}", files=NESTED)
    text = "subcomponents:\n  - source: ./*\n    placement: {environments: [rome], replicas: {each: 2}}\n"
    project.write({"component.yaml": text})
    generated(project)
    assert replicas(project) == replicas(project, "extra/extra.yaml") == {"rome": 2}


@pytest.mark.parametrize(
    "files",
    [
        {"config/rome.yaml": "subcomponents: {app: {disabled: true}}\n"},
        {"environments/rome.yaml": "labels: {type: destination}\nsubcomponents: {app: {disabled: true}}\n"},
        {"config/rome.yaml": "disabled: true\n"},
    ],
)
def test_where_it_is_disabled_no_replica_falls_to(tmp_path: Path, files: dict[str, str]) -> None:
    project = fleet(tmp_path, "{selector: type=destination, replicas: {split: 5}}", files=files)
    run = generated(project, "milan")
    assert documents(project, "milan")[-1]["spec"]["replicas"] == 5
    assert "left out" not in run.err


def test_a_replicaset_and_explicit_words_of_an_environment_win_over_placement(tmp_path: Path) -> None:
    files = {"config/rome.yaml": "subcomponents: {app: {replicas: {web: 9}}}\n"}
    project = fleet(tmp_path, "{replicas: {each: 2}}", files=files)
    generated(project)
    assert replicas(project) == {"cloud": 2, "milan": 2, "rome": 9}


def test_a_broken_environment_is_refused_alone_unless_shares_depend_on_it(tmp_path: Path) -> None:
    broken = {"environments/turin.yaml": "lables: {type: destination}\n"}
    project = fleet(tmp_path, "{selector: type=destination, replicas: {each: 1}}", files=broken)
    assert project.generate("--all").code == 3
    assert replicas(project) == {"milan": 1, "rome": 1}
    project = fleet(tmp_path / "split", "{selector: type=destination, replicas: {split: 4}}", files=broken)
    run = project.generate("--all")
    assert run.code == 3
    assert "error: component.yaml:4:5: nobody can say whether a share falls to `turin`, since its" in run.err
    assert replicas(project) == {}
    project.write(
        {
            "component.yaml": (project.root / "component.yaml")
            .read_text()
            .replace("{sel", "{exclude: [turin], sel")
        }
    )
    assert project.generate("--all").code == 3
    assert replicas(project) == {"milan": 2, "rome": 2}


def test_config_that_is_wrong_leaves_the_share_of_its_environment_as_it_was(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{selector: type=destination, replicas: {split: 4}}")
    project.write({"environments/rome.yaml": "labels: {type: destination}\nsubcomponents: {ap: {}}\n"})
    run = project.generate("--all")
    assert run.code == 3
    assert "environments/rome.yaml:2" in run.err
    assert replicas(project) == {"milan": 2}


def test_sources_of_an_environment_change_no_share_unless_they_lack_the_component(tmp_path: Path) -> None:
    group = "subcomponents: [{name: app, source: ../app}]\n"
    files = {
        "component.yaml": """\
            subcomponents:
              - {name: group, source: ./group, placement: {selector: type=destination, replicas: {split: 6}}}
            """,
        "group/component.yaml": group,
        "mine/component.yaml": group,
        "config/rome.yaml": "subcomponents: {group: {source: ../mine}}\n",
        "environments/turin.yaml": "labels: {type: destination}\n",
    }
    project = fleet(tmp_path, "{}", files=files)
    generated(project)
    assert replicas(project, "group/app/app.yaml") == {"milan": 2, "rome": 2, "turin": 2}
    project.write({"mine/component.yaml": "subcomponents: [{name: other, source: ../app}]\n"})
    generated(project)
    assert replicas(project, "group/app/app.yaml") == {"milan": 3, "turin": 3}


def test_a_source_that_is_not_there_fails_that_environment_alone(tmp_path: Path) -> None:
    files = {"config/rome.yaml": "subcomponents: {app: {source: ../missing}}\n"}
    project = fleet(tmp_path, "{selector: type=destination, replicas: {split: 6}}", files=files)
    run = project.generate("--all")
    assert run.code == 3
    assert "config/rome.yaml:1:" in run.err
    assert replicas(project) == {"milan": 3}


def test_what_an_environment_does_not_select_has_no_share(tmp_path: Path) -> None:
    project = fleet(tmp_path, "{replicas: {split: 6}}", files={"config/rome.yaml": "select: []\n"})
    generated(project)
    assert replicas(project) == {"cloud": 3, "milan": 3}


def test_a_note_of_many_environments_names_a_few(tmp_path: Path) -> None:
    clusters = {f"cluster-{number:02}": {"type": "edge"} for number in range(20)}
    run = generated(fleet(tmp_path, "{replicas: {split: 2}}", clusters=clusters))
    (note,) = [line for line in run.err.splitlines() if line.startswith("note: ")]
    assert " and 10 more: `app` is left out: its 2 replicas go to other environments (" in note
