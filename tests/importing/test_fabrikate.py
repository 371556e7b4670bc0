"""`weft import fabrikate`: the converted definition makes what the old one made, and what differs is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fetch.origin import Origin
from tests.project_tree import Project, Run, read_tree

CASES = Path(__file__).parents[1] / "conformance" / "fabrikate"
INDEX = json.loads((CASES / "index.json").read_text())
# Their documents are no Kubernetes objects, so that weft's own rules refuse them.
KINDLESS = {"03-static", "05-disabled", "06-naming"}
# Their chart has a CustomResourceDefinition that no cluster takes, which `weft generate` says, too.
BROKEN = {"08a-helm-raw", "08b-helm-inject"}

CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: dump\nversion: 0.1.0\n",
    "chart/templates/v.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n"
        "data:\n  namespace: {{ .Release.Namespace }}\n  values: |\n{{ toYaml .Values | indent 4 }}\n"
    ),
}
STATIC = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"


def imported(project: Project, *args: str) -> Run:
    return project.weft("import", "fabrikate", "old", "--output", "new", *args)


def old(tmp_path: Path, files: dict[str, str]) -> Project:
    return Project(tmp_path).write({f"old/{path}": text for path, text in files.items()})


def report(run: Run) -> Any:
    return json.loads(run.out)


def layers_of(entry: dict[str, Any]) -> list[str]:
    return entry["args"][1:]


@pytest.mark.parametrize("case", sorted({entry["case"] for entry in INDEX}))
def test_every_recorded_case_is_the_same_or_explained(tmp_path: Path, case: str) -> None:
    shutil.copytree(CASES / case / "input", tmp_path / "old")
    project = Project(tmp_path)
    before = read_tree(tmp_path / "old")
    run = imported(project, "-o", "json")
    assert read_tree(tmp_path / "old") == before
    found = report(run)
    if case in KINDLESS:
        assert run.code == 3
        errors = [text for one in found["environments"] for text in one["errors"]]
        assert errors
        assert all("this document has no `kind`" in text and text.startswith("new/m/") for text in errors)
        return
    assert run.code == (3 if case in BROKEN else 0), run.err
    for one in found["environments"]:
        assert one["objects"] > 0
        assert bool(one["errors"]) == (case in BROKEN)
        assert all("CustomResourceDefinition" in text and "[schema]" in text for text in one["errors"])
        assert all(item["why"] for item in one["differences"])
    assert Project(tmp_path / "new").weft("generate", "--all", "--no-validate").code == 0


@pytest.mark.parametrize("name", ["prod-east=prod,east", "east-prod=east,prod", "only-prod=prod"])
def test_layers_together_are_an_environment_when_the_user_says_so(tmp_path: Path, name: str) -> None:
    shutil.copytree(CASES / "01-merge" / "input", tmp_path / "old")
    wanted = [name] if "east" in name else [name, "eastern=east"]
    run = imported(Project(tmp_path), *(word for one in wanted for word in ("--environment", one)))
    assert run.code == 0, run.err
    environment, _, layers = name.partition("=")
    assert yaml.safe_load((tmp_path / f"new/environments/{environment}.yaml").read_text()) == {
        "layers": layers.split(",")
    }


RICH = {
    **CHART,
    "component.yaml": (
        "name: Shop  # the shop\n"
        "dialect: fabrikate\n"
        "subcomponents:\n"
        "  # what all need\n"
        "  - name: web.front\n"
        "    generator: helm\n"
        "    path: chart\n"
        "    repositories: {a: http://example.com}\n"
        "  - name: ref\n"
        "    source: ./ref\n"
        "  - name: other\n"
        "    source: ./ref\n"
        "  - name: st\n"
        "    type: static\n"
        "    path: ./m\n"
    ),
    "ref/component.yaml": (
        "name: realname\ntype: helm\npath: ../chart\n"
        "subcomponents:\n- {name: inner, type: helm, path: ../chart}\n"
        "- {name: plain, type: static, path: ./m}\n"
    ),
    "ref/m/a.yaml": STATIC % "plain",
    "m/a.yaml": STATIC % "one",
    "m/b.txt": STATIC % "two",
    "config/common.yaml": (
        "namespace: nowhere\n"
        "config: {global: {a: 1}}\n"
        "subcomponents:\n"
        "  web.front:  # the front\n"
        "    config:\n"
        '      text: "${HOME} and $${X}"\n'
        "      list: [a, '${b}']\n"
        "      deep: {list: [1], gone: null}\n"
        "      scalar: {map: 1}\n"
        "  ghost: {config: {a: 1}}\n"
        "  st: {namespace: nope}\n"
    ),
    "config/Prod.yaml": (
        "subcomponents:\n"
        "  web.front:\n"
        "    namespace: front\n"
        "    injectNamespace: true\n"
        "    config: {list: [p], deep: {list: [2], gone: null, keep: null}, scalar: 5}\n"
        "  ref: {namespace: refs, injectNamespace: true}\n"
        "  st: {}\n"
    ),
    "config/east.yaml": (
        "subcomponents:\n  web.front: {config: {deep: {gone: x}, scalar: e}}\n  st: {disabled: true}\n"
    ),
}


def test_everything_that_the_rules_do_otherwise_is_made_explicit(tmp_path: Path) -> None:
    project = old(tmp_path, RICH)
    run = imported(project, "--environment", "prod-east=Prod,east", "-o", "json")
    found = report(run)
    (one,) = found["environments"]
    # What `ref` holds is brought in twice, so that neither side can be generated.
    assert run.code == 3, run.out + run.err
    assert all(text.startswith("new/") and "[duplicate-object]" in text for text in one["errors"])
    assert {item["why"][:40] for item in one["differences"]} == {"weft writes a component's namespace into"}
    # Only the children of a component with a namespace get one, so that it does not reach them.
    assert {item["object"] for item in one["differences"]} == {
        "ConfigMap default/inner",
        "ConfigMap default/plain",
    }
    new = {path: text.decode() for path, text in read_tree(tmp_path / "new").items()}
    component = new["component.yaml"]
    assert component.startswith(
        "name: shop  # the shop\nsubcomponents:\n  # what all need\n  - name: web-front\n"
    )
    loaded = yaml.safe_load(component)
    front = loaded["subcomponents"][0]
    assert front == {
        "name": "web-front",
        "type": "helm",
        "path": "chart",
        "helm": {"release": "web.front"},
        "merge": {"lists": "prepend"},
    }
    assert "name" not in yaml.safe_load(new["ref/component.yaml"])
    assert yaml.safe_load(new["ref/component.yaml"])["helm"] == {"release": "realname"}
    assert "web-front:  # the front" in new["config/common.yaml"]
    common = yaml.safe_load(new["config/common.yaml"])["subcomponents"]
    assert "ghost" not in common
    assert common["web-front"]["config"] == {
        "text": "$${HOME} and $$${X}",
        "list": ["a", "$${b}"],
        "deep": {"list": [1]},
    }
    prod = yaml.safe_load(new["config/prod.yaml"])["subcomponents"]
    assert prod["st"] == {"disabled": False}
    assert prod["web-front"]["config"]["deep"] == {"list": [2], "keep": None}
    assert "config/Prod.yaml" not in new
    assert "m/b.txt.yaml" in new
    assert yaml.safe_load(new["environments/prod-east.yaml"]) == {"layers": ["prod", "east"]}


def test_the_report_names_files_and_reasons_for_a_reader(tmp_path: Path) -> None:
    run = imported(old(tmp_path, RICH), "--environment", "prod-east=Prod,east")
    assert run.code == 3, run.err
    assert "changed  new/config/prod.yaml\n  was config/Prod.yaml: layers are DNS labels\n  subc" in run.out
    assert "new/config/Prod.yaml" not in run.out
    assert "  merge.lists: now prepend" not in run.out.split("changed  new/config/common.yaml")[0]
    assert "prod-east: weft writes a component's namespace into its objects" in run.out
    assert '    metadata.namespace: added "default"' in run.out
    assert "config for `ghost`, which is not there, is taken out" in run.err
    assert "prod-east: refused; 9 objects, 4 not as before, all explained" in run.err
    assert "next: weft -C new validate --all" in run.err


def test_a_difference_that_nobody_can_explain_is_exit_code_1(tmp_path: Path) -> None:
    # A chart below another gets its parent's `global` in weft.
    project = old(
        tmp_path,
        {
            **CHART,
            "component.yaml": (
                "name: a\ntype: helm\npath: chart\nsubcomponents:\n- {name: b, type: helm, path: chart}\n"
            ),
            "config/common.yaml": "config: {global: {x: 1}}\n",
        },
    )
    run = imported(project)
    assert run.code == 1
    assert "default: not explained; please look at it\n  ConfigMap b (b/b.yaml)\n    data.values: " in run.out


def test_a_side_that_weft_refuses_to_generate_is_told_and_is_exit_code_3(tmp_path: Path) -> None:
    project = old(
        tmp_path,
        {
            "component.yaml": "name: shop\nsubcomponents:\n- {name: web, type: static, path: ./web}\n"
            "- {name: gone, type: static, path: ./web}\n",
            "web/a.yaml": STATIC % "one",
            "config/common.yaml": "subcomponents: {gone: {disabled: true}}\n",
            "config/prod.yaml": "",
            "config/east.yaml": "subcomponents: {gone: {config: {a: 1}}}\n",
        },
    )
    args = ("--environment", "prod-east=prod,east", "--environment", "prod-only=prod")
    run = imported(project, *args)
    assert run.code == 3, run.err
    assert "error: new/web/a.yaml:1:1: " in run.err
    assert "[duplicate-object]" in run.err
    assert "prod-east: refused; 2 objects, the same as before\n" in run.err
    assert "prod-only: 1 object, the same as before\n" in run.err
    assert Project(tmp_path / "new").generate("--all").code == 3
    shutil.rmtree(tmp_path / "new")
    told = report(imported(project, *args, "-o", "json"))["environments"]
    assert [(one["name"], len(one["errors"])) for one in told] == [("prod-east", 1), ("prod-only", 0)]


def test_a_file_with_line_breaks_of_windows_keeps_them(tmp_path: Path) -> None:
    files = {
        "component.yaml": "name: a\nsubcomponents:\n- name: Web\n  generator: static  # it\n  path: m\n",
        "config/common.yaml": "subcomponents:\n  Web: {}\n  ghost: {}\n",
    }
    project = old(tmp_path, {"m/a.yaml": STATIC % "a"})
    for file, text in files.items():
        (tmp_path / "old" / file).parent.mkdir(exist_ok=True)
        (tmp_path / "old" / file).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    run = imported(project)
    assert run.code == 0, run.err
    assert (tmp_path / "new/component.yaml").read_bytes() == (
        b"\xef\xbb\xbfname: a\r\nsubcomponents:\r\n- name: web\r\n  type: static  # it\r\n  path: m\r\n"
    )
    assert (tmp_path / "new/config/common.yaml").read_bytes() == (
        b"\xef\xbb\xbfsubcomponents:\r\n  web: {}\r\n"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--environment", "prod=prod"), "config/east.yaml is a layer of no environment"),
        (("--environment", "x=prod,est"), "there is no layer `est`: no config/est.yaml anywhere"),
        (("--environment", "x=prod,prod"), "`prod` is there twice"),
        (("--environment", "x=prod,common"), "`common` is always a layer"),
        (("--environment", "X=prod"), "`X` is no name for an environment"),
        (("--environment", "prod=prod", "--environment", "pe=prod,east"), "`prod` is a layer of `pe`"),
        (("--environment", "east=prod"), "environment `east` would get config/east.yaml, too"),
        (
            ("--environment", "east=prod,east"),
            "config/east.yaml would be the strongest of environment `east`",
        ),
        (("--output", "old/new"), "old/new is within the definition"),
        (("--output", "used"), "used is there already and not empty"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_written(
    tmp_path: Path, args: tuple[str, ...], message: str
) -> None:
    project = old(
        tmp_path,
        {
            "component.yaml": "name: a\ntype: static\npath: m\n",
            "m/a.yaml": STATIC % "a",
            "config/prod.yaml": "",
            "config/east.yaml": "",
        },
    ).write({"used/file": "mine"})
    before = read_tree(tmp_path)
    run = project.weft(
        "import", "fabrikate", "old", *(() if "--output" in args else ("--output", "new")), *args
    )
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert read_tree(tmp_path) == before


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"component.yaml": "name: a\nsubcomponents:\n- {name: b, source: ../b}\n"},
            "b has no component.yaml",
        ),
        (
            {"component.yaml": "name: a\nsubcomponents:\n- {name: b, type: static, path: ../m}\n"},
            "old/component.yaml:3:3: `b` is in ../m, outside the definition",
        ),
        ({"config/common.yaml": "config: [1]\n"}, "old/config/common.yaml:1:1: "),
        (
            {"environments/prod.yaml": "layers: [none]\n"},
            "old/environments/prod.yaml:1:10: there is no layer",
        ),
        (
            {
                "component.yaml": (
                    "name: a\nsubcomponents:\n- {name: B, type: static, path: m}\n"
                    "- {name: b, type: static, path: m}\n"
                )
            },
            "old/component.yaml:4:3: `b` and `B` would both be called `b`",
        ),
    ],
)
def test_a_definition_that_cannot_be_converted_is_refused_with_its_place(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    project = old(
        tmp_path, {"component.yaml": "name: a\ntype: static\npath: m\n", "m/a.yaml": STATIC % "a", **files}
    )
    before = read_tree(tmp_path)
    run = imported(project)
    assert run.code == 3, run.err
    assert message in run.err
    assert read_tree(tmp_path) == before


def test_what_fabrikate_and_weft_make_themselves_is_not_copied(tmp_path: Path) -> None:
    project = old(
        tmp_path,
        {
            "component.yaml": "name: a\ntype: static\npath: m\n",
            "m/a.yaml": STATIC % "a",
            "generated/prod/a.yaml": "x",
            ".git/config": "x",
            "components/x/component.yaml": "name: x\n",
            "access.yaml": "https://example.com: TOKEN\n",
            "README.md": "# Mine\n",
        },
    )
    assert imported(project).code == 0
    assert sorted(read_tree(tmp_path / "new")) == [
        ".gitignore",
        "README.md",
        "access.yaml",
        "component.yaml",
        "environments/default.yaml",
        "m/a.yaml",
    ]


def test_environments_that_are_there_already_stay_as_they_are(tmp_path: Path) -> None:
    project = old(
        tmp_path,
        {
            "component.yaml": "name: a\ndialect: fabrikate\ntype: static\npath: m\n",
            "m/a.yaml": STATIC % "a",
            "config/prod.yaml": "",
            "environments/prod-east.yaml": "# east\nlayers: [prod]\nlabels: {region: east}\n",
        },
    )
    run = imported(project)
    assert run.code == 0, run.err
    assert (tmp_path / "new/environments/prod-east.yaml").read_text().startswith("# east\nlayers: [prod]\n")


def test_without_a_folder_it_goes_beside_the_one_that_weft_runs_in(tmp_path: Path) -> None:
    project = old(tmp_path, {"component.yaml": "name: a\ntype: static\npath: m\n", "m/a.yaml": STATIC % "a"})
    run = project.weft("import", "fabrikate", cwd=tmp_path / "old")
    assert run.code == 0, run.err
    assert (tmp_path / "old-weft/component.yaml").read_text() == "name: a\ntype: static\npath: m\n"
    assert "next: weft -C ../old-weft validate --all" in run.err


def test_json_stays_json(tmp_path: Path) -> None:
    project = old(
        tmp_path,
        {
            **CHART,
            "component.json": (
                '{"name": "A", "subcomponents": [\n  {"name": "b.c", "generator": "helm", "path": "chart"}]}'
            ),
            "config/common.json": '{"subcomponents": {"b.c": {"config": {"x": ["${y}", null]}}}}',
            "config/Prod_1.json": '{"subcomponents": {"b.c": {"config": {"x": [1]}}}}',
        },
    )
    run = imported(project)
    assert run.code == 0, run.err
    new = {path: text.decode() for path, text in read_tree(tmp_path / "new").items()}
    assert json.loads(new["component.json"]) == {
        "name": "a",
        "subcomponents": [
            {
                "name": "b-c",
                "type": "helm",
                "path": "chart",
                "helm": {"release": "b.c"},
                "merge": {"lists": "prepend"},
            }
        ],
    }
    assert json.loads(new["config/common.json"]) == {
        "subcomponents": {"b-c": {"config": {"x": ["$${y}", None]}}}
    }
    assert "config/prod-1.json" in new
    assert "prod-1: 1 object, the same as before" in run.err


SEED = {
    **{path.replace("chart/", "service-chart/"): text for path, text in CHART.items()},
    "component.yaml": (
        "name: multicluster\nsubcomponents:\n- {name: services, source: ./services}\n"
        "- {name: prometheus-grafana, generator: static, path: ./infra}\n"
    ),
    "infra/a.yaml": STATIC % "prometheus",
    "services/component.yaml": (
        "name: services\nsubcomponents:\n- {name: simple-service, source: ./simple-service}\n"
    ),
    "services/simple-service/component.yaml": (
        "name: simple-service\ngenerator: static\npath: ./manifests\nsubcomponents:\n"
        "- {name: canary, generator: helm, path: ../../service-chart}\n"
        "- {name: stable, generator: helm, path: ../../service-chart}\n"
    ),
    "services/simple-service/manifests/config.yaml": STATIC % "simple-service",
    "services/simple-service/config/common.yaml": (
        "# the same for both\nsubcomponents:\n"
        "  canary: {config: {image: 'app:2', env: [{name: A}]}}\n"
        "  stable: {config: {image: 'app:1', env: [{name: A}]}}\n"
    ),
    "services/simple-service/config/prod-east.yaml": (
        "subcomponents:\n  canary: {config: {env: [{name: STORAGE, value: east}]}}\n"
        "  stable: {config: {env: [{name: STORAGE, value: east}]}}\n"
    ),
    "services/simple-service/config/prod-west.yaml": (
        "subcomponents:\n  canary: {config: {env: [{name: STORAGE, value: west}]}}\n"
        "  stable: {config: {env: [{name: STORAGE, value: west}]}}\n"
    ),
}


def test_the_multi_cluster_definition_becomes_two_environments_with_the_same_objects(tmp_path: Path) -> None:
    run = imported(old(tmp_path, SEED))
    assert run.code == 0, run.err
    for name in ("prod-east", "prod-west"):
        assert f"{name}: 4 objects, the same as before" in run.err
    new = Project(tmp_path / "new")
    assert new.generate("--all").code == 0
    assert {path for path in new.tree() if path.endswith(("y.yaml", "e.yaml"))} >= {
        f"{name}/services/simple-service/{place}"
        for name in ("prod-east", "prod-west")
        for place in ("simple-service.yaml", "canary/canary.yaml", "stable/stable.yaml")
    }
    kept = "services/simple-service/config/common.yaml"
    assert (tmp_path / "new" / kept).read_text() == SEED[kept]


def test_remote_sources_are_taken_along_with_the_lock(tmp_path: Path) -> None:
    origin = Origin(
        tmp_path / "origin", {"Chart.yaml": CHART["chart/Chart.yaml"], "templates/a.yaml": STATIC % "far"}
    )
    project = old(
        tmp_path,
        {
            "component.yaml": "name: a\nsubcomponents:\n"
            f"- {{name: far, generator: helm, method: git, source: '{origin.url}'}}\n"
        },
    )
    run = imported(project)
    assert run.code == 3
    assert "hint: fetch the sources first: weft -C old install --dialect fabrikate" in run.err
    assert not (tmp_path / "new").exists()
    assert project.weft("install", "--dialect", "fabrikate", cwd=tmp_path / "old").code == 0
    run = imported(project)
    assert run.code == 0, run.err
    assert "default: 1 object, the same as before" in run.err
    assert (tmp_path / "new/weft.lock").read_text() == (tmp_path / "old/weft.lock").read_text()


KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.sampled_from([None, "", 0, False, 1, "x", "${y}", True])
VALUES = st.recursive(
    SCALARS | st.lists(SCALARS, max_size=2),
    lambda below: st.dictionaries(KEYS, below, max_size=3),
    max_leaves=5,
)
CONFIG = st.dictionaries(KEYS, VALUES, max_size=3)
NODE = st.fixed_dictionaries(
    {},
    optional={
        "config": CONFIG,
        "namespace": st.sampled_from(["", "ns-one", "ns-two"]),
        "injectNamespace": st.booleans(),
        "disabled": st.booleans(),
    },
)
APP = st.tuples(NODE, st.dictionaries(st.sampled_from(["inner", "still"]), NODE)).map(
    lambda pair: {**pair[0], "subcomponents": pair[1]}
)
LEVEL = st.tuples(NODE, st.dictionaries(st.sampled_from(["app", "st"]), APP)).map(
    lambda pair: {**pair[0], "subcomponents": pair[1]}
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    st.dictionaries(st.sampled_from(["common", "prod", "east"]), LEVEL),
    st.dictionaries(st.sampled_from(["common", "prod", "east"]), APP),
)
def test_any_definition_makes_the_same_or_is_refused_for_its_shapes(
    tmp_path_factory: pytest.TempPathFactory, above: dict[str, Any], below: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    project = old(
        folder,
        {
            **CHART,
            "component.yaml": "name: root\nsubcomponents:\n- {name: app, source: ./app}\n"
            "- {name: st, type: static, path: m, subcomponents: [{name: still, type: helm, path: chart}]}\n",
            "app/component.yaml": "name: app\ntype: helm\npath: ../chart\nsubcomponents:\n"
            "- {name: inner, type: helm, path: ../chart}\n- {name: still, type: static, path: ../n}\n",
            "m/a.yaml": STATIC % "st",
            "n/a.yaml": STATIC % "app-still",
            # Both layers exist, whatever comes below.
            "config/prod.yaml": "{}",
            "config/east.yaml": "{}",
            **{f"config/{name}.yaml": json.dumps(level) for name, level in above.items()},
            **{f"app/config/{name}.yaml": json.dumps(level) for name, level in below.items()},
        },
    )
    run = imported(
        project, "-o", "json", "--environment", "prod-east=prod,east", "--environment", "all-prod=prod"
    )
    found = report(run)
    # A null that a stronger file has, and that counts where no weaker one has a value: it is told.
    lost = any("counts in some environments only" in text for text in found["notes"])
    assert run.code in ((0, 1, 3) if lost else (0, 3)), run.out + run.err
    for one in found["environments"]:
        assert lost or all(item["why"] for item in one["differences"]), json.dumps(one, indent=1)
        # The same key is a map in one file and something else in another.
        assert all(
            " is a map here and " in text
            or " and a map at " in text
            or " and a list at " in text
            or "is a list here and a" in text
            for text in one["errors"]
        ), one["errors"]
