"""`weft diff` on real repositories: what is a difference, how it is told, and what is never shown."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from tests.diff.history import History
from tests.fixtures.fleet import CRD
from tests.publish.manifests import Fleet

OWNED = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  labels:
    owner: {{ environment.labels.owner }}
data:
  cluster: {{ environment.name }}
"""
CLUSTERS = [f"cluster-{number:02}" for number in range(12)]
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example/web:1
        env:
"""
ENV = ["        - {name: A, value: '1'}\n", "        - {name: B, value: '2'}\n"]
QUEUE = "apps/queue/manifests/queue.yaml"


def secret(password: str, *more: str) -> str:
    keys = "".join(f"  {key}: c29tZQ==\n" for key in more)
    return (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\n"
        f"stringData:\n  password: {password}\ndata:\n  kept: c29tZQ==\n{keys}"
    )


def test_one_change_of_twelve_clusters_is_told_once(tmp_path: Path) -> None:
    here = History(
        tmp_path,
        {
            **{f"environments/{name}.yaml": "{}\n" for name in CLUSTERS},
            **{f"environments/{name}.yaml": None for name in ("edge-1", "prod-east", "prod-west")},
            "environments/common.yaml": "labels: {owner: red}\n",
            "apps/settings/chart/templates/settings.yaml.j2": OWNED,
        },
    )
    here.write({"environments/common.yaml": "labels: {owner: blue}\n"})
    run = here.diff("--from", "HEAD")
    assert run.err == ""
    assert run.out.split("\n\n")[0] == (
        f"all 12 environments ({', '.join(CLUSTERS)}):\n"
        "  ~ ConfigMap shop/settings\n"
        '      metadata.labels.owner: "red" -> "blue"'
    )
    assert run.out.split("\n\n")[1].splitlines() == [
        *(f"{name}: 1 object changed" for name in CLUSTERS),
        "12 of 12 environments differ: objects 12 changed",
    ]
    (change,) = here.json("--from", "HEAD")["changes"]
    assert change["environments"] == CLUSTERS
    assert change["fields"] == [{"path": "metadata.labels.owner", "old": "red", "new": "blue"}]


def test_what_changes_in_some_clusters_only_does_not_hide_what_changes_in_all(tmp_path: Path) -> None:
    here = History(tmp_path)
    here.write(
        {
            "config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n",
            "apps/settings/chart/templates/settings.yaml.j2": OWNED.replace(
                "    owner: {{ environment.labels.owner }}", "    tier: {{ environment.labels.tier }}"
            )
            + "  colour: {{ values.colour }}\n",
        }
    )
    out = here.diff("--from", "HEAD").out
    assert out.count('data.colour: "grün" -> "red"') == 1
    assert "2 environments (prod-east, prod-west):\n" in out
    assert "edge-1:\n  ~ ConfigMap shop/settings\n" in out


def test_a_field_with_a_value_of_its_own_in_each_cluster_is_told_once(tmp_path: Path) -> None:
    template = OWNED.replace("owner: {{ environment.labels.owner }}", "zone: %s-{{ environment.name }}")
    template = template.replace(
        "  labels:", "  annotations: {sum: %s{{ environment.name | length }}}\n  labels:"
    )
    path = "apps/settings/chart/templates/settings.yaml.j2"
    here = History(tmp_path, {path: template % ("a" * 40, "old")})
    here.write({path: template % ("b" * 40, "new")})
    out = here.diff("--from", "HEAD", "prod-east", "edge-1").out
    assert out.startswith(
        "all 2 environments (edge-1, prod-east):\n"
        "  ~ ConfigMap shop/settings\n"
        "      metadata.annotations.sum: another checksum in each environment\n"
        "      metadata.labels.zone: in each environment another\n"
        '        edge-1: "old-edge-1" -> "new-edge-1"\n'
        '        prod-east: "old-prod-east" -> "new-prod-east"\n'
    )
    (change,) = here.json("--from", "HEAD", "prod-east", "edge-1")["changes"]
    assert change["fields"][0] == {
        "path": "metadata.annotations.sum",
        "byEnvironment": {
            "edge-1": {"old": f"{'a' * 40}6", "new": f"{'b' * 40}6"},
            "prod-east": {"old": f"{'a' * 40}9", "new": f"{'b' * 40}9"},
        },
    }


def test_the_same_field_of_many_objects_is_told_once(tmp_path: Path) -> None:
    here = History(tmp_path)
    here.write(
        {
            "component.yaml": "name: fleet\nnamespace: shop\nlabels: {team: web}\n"
            "subcomponents: [{source: './apps/*'}]\n"
        }
    )
    out = here.diff("--from", "HEAD").out
    assert out.count('{"team": "web"}') == 1
    assert "  ~ 4 objects, each:\n" in out
    assert out.count("ConfigMap shop/queue") == 1


def test_a_moved_object_is_a_move_and_a_reordered_list_no_change(tmp_path: Path) -> None:
    web = {"apps/web/component.yaml": "name: web\ntype: static\nsource: ./manifests\n"}
    here = History(tmp_path, {**web, "apps/web/manifests/web.yaml": WEB + "".join(ENV)})
    here.write({"apps/web/manifests/web.yaml": WEB + "".join(reversed(ENV))})
    run = here.diff("--from", "HEAD", code=0)
    assert "edge-1: No changes (order or form only: 1 file)\n" in run.out
    here.commit()
    queue = (tmp_path / QUEUE).read_text(encoding="utf-8")
    here.write(
        {
            QUEUE: None,
            "apps/queue/manifests/a.yaml": CRD.replace("widgets", "gadgets")
            .replace("Widget", "Gadget")
            .replace("widget", "gadget"),
        }
    )
    here.write({"apps/web/manifests/queue.yaml": queue})
    out = here.diff("--from", "HEAD", "edge-1").out
    assert "  > ConfigMap shop/queue (moved from queue/queue.yaml to web/web.yaml)\n" in out
    assert "  + CustomResourceDefinition.apiextensions.k8s.io gadgets.example.org\n" in out
    assert "edge-1: 1 object moved, 1 added\n" in out
    assert "(moved from" in here.diff("--from", "HEAD", "edge-1", "--component", "queue").out
    assert "(moved from" in here.diff("--from", "HEAD", "edge-1", "--component", "web").out
    assert here.diff("--from", "HEAD", "--component", "space", code=0).out.count("No changes") == 3
    assert "did you mean 'queue'" in here.diff("--from", "HEAD", "--component", "queu", code=2).err


def test_definitions_that_move_to_another_folder_are_the_same(tmp_path: Path) -> None:
    here = History(tmp_path, folder="old/place")
    (tmp_path / "new").mkdir()
    (tmp_path / "old/place").rename(tmp_path / "new/place")
    here.project.root = tmp_path / "new/place"
    here.commit()
    err = here.diff("--from", here.first, code=2).err
    assert f"there is no folder `new/place` at `{here.first}`" in err
    assert here.diff("--from", f"{here.first}:old/place", code=0).out.count("No changes") == 3
    assert here.affected("--from", f"{here.first}:old/place")["environments"] == []
    assert here.diff("--from", f"{here.first}:../../old/place/", "--to", "HEAD:.", code=0).err == ""
    run = here.project.weft("-C", "new/place", "diff", "--from", "HEAD", cwd=tmp_path)
    assert run.code == 0, run.err


def test_environments_come_and_go_and_match_by_the_labels_of_either_side(tmp_path: Path) -> None:
    here = History(tmp_path)
    west = (tmp_path / "environments/prod-west.yaml").read_text(encoding="utf-8")
    here.write({"environments/prod-west.yaml": None, "environments/prod-north.yaml": west})
    here.write({"environments/prod-east.yaml": "labels: {region: eu, tier: other}\n"})
    out = here.diff("--from", "HEAD").out
    assert "prod-north: new environment, 4 objects added\n" in out
    assert "prod-west: no longer an environment, 4 objects deleted\n" in out
    assert "prod-north:\n  + ConfigMap shop/queue\n" in out
    assert "prod-west:\n  - ConfigMap shop/queue\n" in out
    assert "2 of 4 environments differ: objects 4 added, 4 deleted\n" in out
    names = [one["environment"] for one in here.json("--from", "HEAD", "-l", "tier=core")["environments"]]
    assert names == ["prod-east", "prod-north", "prod-west"]
    assert "there is no environment `prod-nort`" in here.diff("--from", "HEAD", "prod-nort", code=2).err


def test_two_revisions_are_compared_whatever_the_work_tree_holds(tmp_path: Path) -> None:
    here = History(tmp_path)
    here.commit({"config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n"})
    here.write({"component.yaml": "broken: [\n"})
    assert '"grün" -> "red"' in here.diff("--from", "HEAD~1", "--to", "HEAD").out
    assert '"red" -> "grün"' in here.diff("--from", "HEAD", "--to", "HEAD~1").out
    assert here.diff("--from", "HEAD", "--to", "main", code=0).out.count("No changes") == 3
    assert here.diff("--from", "HEAD~1", "--to", "HEAD", "--exit-zero", code=0).out.count("red") == 1
    assert "component.yaml:" in here.diff("--from", "HEAD", code=3).err


def test_an_environment_that_is_refused_on_one_side_does_not_hide_the_others(tmp_path: Path) -> None:
    here = History(tmp_path)
    broken = "labels: {region: 1}\n"
    here.commit({"environments/prod-west.yaml": broken})
    here.write({"config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n"})
    here.write({"environments/prod-west.yaml": "labels: {}\n", "environments/edge-1.yaml": broken})
    run = here.diff("--from", "HEAD", code=3)
    assert "error: environments/prod-west.yaml:1:10: at HEAD: `labels.region`" in run.err
    assert "error: environments/edge-1.yaml:1:10: `labels.region`" in run.err
    assert run.out.startswith("prod-east:\n  ~ ConfigMap shop/settings\n")
    assert "edge-1: refused in the work tree\n" in run.out
    assert "prod-west: refused at HEAD\n" in run.out
    found = here.json("--from", "HEAD", code=3)
    assert [one["status"] for one in found["environments"]] == ["refused", "changed", "refused"]
    told = here.affected("--from", "HEAD")
    assert told["environments"] == ["edge-1", "prod-east", "prod-west"]
    assert told["refused"] == ["edge-1"]
    assert told["include"][0] == {
        "environment": "edge-1",
        "components": ["crds", "queue", "settings", "space"],
    }


def test_a_revision_that_is_refused_as_a_whole_is_named(tmp_path: Path) -> None:
    here = History(tmp_path)
    good = (tmp_path / "component.yaml").read_text(encoding="utf-8")
    here.commit({"component.yaml": "name: fleet\nnonsense: 1\n"})
    here.write({"component.yaml": good})
    err = here.diff("--from", "HEAD", code=3).err
    assert "error: component.yaml:2:1: at HEAD: " in err
    found = here.json("--from", "HEAD", code=3)
    assert found["exitCode"] == 3
    assert found["errors"][0]["line"] == 2
    assert str(tmp_path) not in err
    assert here.affected("--from", "HEAD")["environments"] == ["edge-1", "prod-east", "prod-west"]


def test_what_a_secret_holds_is_shown_in_no_form(tmp_path: Path) -> None:
    here = History(tmp_path, {"apps/queue/manifests/login.yaml": secret("first-word")})
    here.write({"apps/queue/manifests/login.yaml": secret("other-word", "third")})
    for form in ("text", "json", "markdown"):
        out = here.diff("--from", "HEAD", "-o", form).out
        assert "password" in out
        assert not re.search("first-word|other-word|c29tZQ", out)


def test_a_text_of_many_lines_is_compared_line_by_line(tmp_path: Path) -> None:
    lines = [f"      line {number}\n" for number in range(40)]
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: queue}\ndata:\n  app.conf: |\n"
    here = History(tmp_path, {QUEUE: head + "".join(lines)})
    here.write({QUEUE: head + "".join(lines).replace("line 20\n", "line \N{RIGHT-TO-LEFT OVERRIDE}x\n")})
    out = here.diff("--from", "HEAD", "edge-1").out
    assert (
        "      data[app.conf]:\n        @@ -20,3 +20,3 @@\n         line 19\n"
        "        -line 20\n        +line \\u202ex\n         line 21\n"
    ) in out
    here.write({QUEUE: head.replace("|\n", f"{'x' * 200}a{'y' * 200}\n")})
    here.commit()
    here.write({QUEUE: head.replace("|\n", f"{'x' * 200}b{'y' * 200}\n")})
    out = here.diff("--from", "HEAD", "edge-1").out
    assert re.search(r'"?\.\.\.x+ay+\.\.\. -> \.\.\.x+by+\.\.\.\n', out)


class TestPublished:
    """Without --from: what is published, against the work tree or `--to`."""

    def test_what_is_published_against_the_work_tree(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        fleet.published("--all")
        assert fleet.project.weft("diff").code == 0
        fleet.project.write({"config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n"})
        refs = fleet.refs()
        before = fleet.snapshot()
        run = fleet.project.weft("diff")
        assert (run.code, run.err) == (1, "")
        assert run.out.startswith(
            "all 3 environments (edge-1, prod-east, prod-west):\n"
            '  ~ ConfigMap shop/settings\n      data.colour: "grün" -> "red"\n'
        )
        assert fleet.project.weft("diff", "--to", "HEAD").code == 0
        assert fleet.project.weft("diff", "prod-east", "--exit-zero").code == 0
        assert (fleet.refs(), fleet.snapshot()) == (refs, before)

    def test_what_was_not_published_yet_is_added_and_what_is_gone_is_named(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        fleet.published("edge-1")
        fleet.project.write({"environments/prod-east.yaml": "labels: {}\npublish: {branch: a..b}\n"})
        (fleet.project.root / "environments/edge-1.yaml").unlink()
        run = fleet.project.weft("diff")
        assert run.code == 3
        assert "`a..b` is no name for a branch" in run.err
        assert "note: edge-1: no longer an environment, still published to environment/edge-1\n" in run.err
        assert "prod-east: cannot be compared with what is published\n" in run.out
        assert "prod-west: 4 objects added\n" in run.out

    def test_nothing_is_published_anywhere(self, tmp_path: Path) -> None:
        run = History(tmp_path).diff(code=2)
        assert "no environment says where it is published" in run.err
        assert "weft diff --from main" in run.err


class TestMarkdown:
    """The comment on a pull request."""

    NASTY = "```\n</details><script>x</script>\n@everyone #1 [a](https://evil.example)\n````\n"

    def test_no_value_breaks_out_of_it(self, tmp_path: Path) -> None:
        here = History(tmp_path)
        name = "x</code></summary>`|@octocat"
        data = json.dumps({"```": self.NASTY, "</details>": "@everyone"})
        here.write(
            {
                QUEUE: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
                f"  name: {json.dumps(name)}\ndata: {json.dumps({'k': 'v'})}\n",
                "apps/space/manifests/more.yaml": "apiVersion: v1\nkind: ConfigMap\n"
                f"metadata: {{name: more}}\ndata: {data}\n",
            }
        )
        here.commit()
        text = (tmp_path / "apps/space/manifests/more.yaml").read_text(encoding="utf-8")
        here.write(
            {"apps/space/manifests/more.yaml": text.replace("everyone", "somebody").replace("script", "p")}
        )
        (tmp_path / QUEUE).unlink()
        here.write({QUEUE: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: queue}\n"})
        out = here.diff("--from", "HEAD", "-o", "markdown", "--no-validate").out
        outside = re.sub(r"(?ms)^(`{3,})\w+\n.*?^\1$", "", out)
        assert outside.count("<details>") == outside.count("</details>") == outside.count("<summary>")
        assert not re.search("@|script|evil|`", outside)
        assert html.unescape(outside).count(name) == 1
        assert out.count("somebody") == 2

    def test_it_fits_a_comment_and_says_what_is_missing(self, tmp_path: Path) -> None:
        here = History(tmp_path)
        maps = "".join(
            f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c-{number}}}\n"
            f"data: {{k: '{'😀' * 60}{number}'}}\n"
            for number in range(600)
        )
        here.write({QUEUE: maps})
        here.commit()
        here.write({QUEUE: maps.replace("{k: '", "{k: 'x")})
        out = here.diff("--from", "HEAD", "-o", "markdown").out
        assert 55_000 < len(out.encode("utf-16-le")) // 2 <= 65_536
        found = re.search(
            r"\*\*Cut off: (\d+) of 600 groups of changes are not shown, or not whole.\*\*", out
        )
        assert found is not None
        assert 600 - out.count("changed&#58;") <= int(found[1]) <= 601 - out.count("changed&#58;")
        assert html.unescape(out.splitlines()[-1]).endswith("<code>weft diff --from HEAD</code>")
        here.write({QUEUE: maps.replace("c-", f"new-{'x' * 60}-")})
        out = here.diff("--from", "HEAD", "-o", "markdown").out
        assert len(out.encode("utf-16-le")) // 2 <= 65_536
        assert re.search(r"^\.\.\. and \d+ more lines$", out, re.M)
        assert out.count("<details>") == out.count("</details>")

    def test_no_difference_is_a_short_comment(self, tmp_path: Path) -> None:
        out = History(tmp_path).diff("--from", "HEAD", "-o", "markdown", code=0).out
        assert "0 of 3 environments differ" in out
        assert "```" not in out


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_the_same_run_says_the_same(tmp_path: Path, form: str) -> None:
    here = History(tmp_path)
    here.write({"component.yaml": "name: fleet\nnamespace: store\nsubcomponents: [{source: './apps/*'}]\n"})
    runs = {here.diff("--from", "HEAD", "-o", form, "--jobs", jobs).out for jobs in ("1", "4")}
    assert len(runs) == 1


BAD = "apiVersion: v1\nkind: Service\nmetadata: {name: queue}\nspec: {portz: [], ports: [{port: 80}]}\n"
GOOD = BAD.replace("portz: [], ", "")
FINDINGS = {"apps/queue/manifests/bad.yaml": BAD}
ENVIRONMENTS = ["edge-1", "prod-east", "prod-west"]


def test_a_change_that_mends_a_finding_is_a_difference_like_any_other(tmp_path: Path) -> None:
    here = History(tmp_path, FINDINGS)
    here.write({"apps/queue/manifests/bad.yaml": GOOD})
    run = here.diff("--from", "HEAD")
    assert "spec.portz: removed []" in run.out
    assert "3 of 3 environments differ: objects 3 changed\n" in run.out
    assert "error" not in run.err
    assert "at HEAD: 3 findings of validation in 3 environments" in run.err
    assert here.affected("--from", "HEAD")["environments"] == ENVIRONMENTS
    assert here.affected("--from", "HEAD")["refused"] == []


def test_a_change_that_brings_a_finding_is_refused_and_shown(tmp_path: Path) -> None:
    here = History(tmp_path)
    here.write(FINDINGS)
    run = here.diff("--from", "HEAD", "--exit-zero", code=3)
    assert "all 3 environments (edge-1, prod-east, prod-west):\n  + Service shop/queue\n" in run.out
    assert "prod-east: 1 object added; refused in the work tree for 1 finding\n" in run.out
    assert "3 of 3 environments differ: objects 3 added; 3 refused\n" in run.out
    assert run.err.count("portz") == 1
    assert "environments: edge-1, prod-east, prod-west" in run.err
    found = here.json("--from", "HEAD", code=3)
    assert [one["status"] for one in found["environments"]] == ["changed"] * 3
    assert found["environments"][0]["refused"] == ["in the work tree"]
    assert found["environments"][0]["findings"][0]["code"] == "schema"
    told = here.diff("--from", "HEAD", "-o", "markdown", code=3).out
    assert "Service shop/queue" in html.unescape(told)
    assert "portz" in told
    assert here.affected("--from", "HEAD")["refused"] == ENVIRONMENTS


def test_findings_on_both_sides_refuse_the_new_one(tmp_path: Path) -> None:
    here = History(tmp_path, FINDINGS)
    assert here.affected("--from", "HEAD", "--to", "main")["environments"] == []
    assert here.affected("--from", "HEAD")["environments"] == []
    assert "prod-east: No changes; refused in the work tree" in here.diff("--from", "HEAD", code=3).out
    here.write({QUEUE: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: queue}\ndata: {a: b}\n"})
    assert here.affected("--from", "HEAD")["refused"] == ENVIRONMENTS
    assert here.affected("--from", "HEAD")["components"] == ["queue"]


def test_a_refusal_of_several_environments_is_noted_once(tmp_path: Path) -> None:
    here = History(tmp_path)
    here.write({**FINDINGS, "apps/settings/chart/templates/settings.yaml.j2": "{{ nothing.here }}"})
    err = here.project.weft("affected", "--from", "HEAD").err
    assert err.count("nothing") == 1
    assert "environments edge-1, prod-east, prod-west" in err
    here.write({"apps/settings/chart/templates/settings.yaml.j2": OWNED.replace("labels.owner", "name")})
    err = here.project.weft("affected", "--from", "HEAD").err
    assert err.count("portz") == 1
    assert "environments: edge-1, prod-east, prod-west" in err


def test_another_order_beside_a_change_is_mentioned(tmp_path: Path) -> None:
    lines = ["apiVersion: v1\n", "kind: ConfigMap\n", "metadata: {name: queue}\n", "data: {a: b}\n"]
    here = History(tmp_path, {QUEUE: "".join(lines)})
    here.write({QUEUE: "".join(lines[::-1])})
    assert "edge-1: No changes (order or form only: 1 file)\n" in here.diff("--from", "HEAD", code=0).out
    here.write({"config/common.yaml": "subcomponents: {settings: {config: {colour: red}}}\n"})
    out = here.diff("--from", "HEAD").out
    assert "prod-east: 1 object changed (order or form only: 1 file)\n" in out


def test_a_password_outside_a_secret_is_shown_in_no_form(tmp_path: Path) -> None:
    template = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {login: "user {{ values.word }}", db_password: "{{ values.word }}"}
---
apiVersion: v1
kind: Secret
metadata: {name: settings}
stringData: {login: "{{ values.word }}"}
"""
    chart = "apps/settings/chart/"
    here = History(
        tmp_path,
        {f"{chart}templates/settings.yaml.j2": template, f"{chart}values.yaml": "word: topsecret1\n"},
    )
    here.write({f"{chart}values.yaml": "word: topsecret9\n"})
    for form in ("text", "json", "markdown"):
        run = here.diff("--from", "HEAD", "-o", form)
        assert "login" in run.out
        assert "topsecret" not in run.out + run.err
