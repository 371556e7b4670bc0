"""`weft cluster list` and `weft cluster label`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project_tree import Project, read_tree

FILES = {
    "component.yaml": "name: shop\n",
    "environments/common.yaml": "labels: {owner: platform}\ncluster: {type: kubernetes}\n",
    "environments/rome.yaml": """\
# Rome
labels:
  region: eu   # where
  tier: edge
cluster:
  endpoint: https://rome:6443
""",
    "environments/milan.json": '{"labels": {"region": "eu", "tier": "core"}}\n',
    "environments/york.yaml": "cluster: {type: kind, endpoint: 'https://york'}\n",
}


@pytest.fixture
def there(tmp_path: Path) -> Project:
    """Three clusters."""
    return Project(tmp_path / "definitions").write(FILES)


def test_a_row_each(there: Project) -> None:
    run = there.weft("cluster", "list")
    assert (run.code, run.err) == (0, "")
    assert run.out == (
        "CLUSTER   TYPE         ENDPOINT            LABELS\n"
        "milan     kubernetes   -                   owner=platform,region=eu,tier=core\n"
        "rome      kubernetes   https://rome:6443   owner=platform,region=eu,tier=edge\n"
        "york      kind         https://york        owner=platform\n"
    )


@pytest.mark.parametrize(
    ("selectors", "names"),
    [
        (["tier=edge"], ["rome"]),
        (["region,tier!=edge"], ["milan"]),
        (["tier=edge", "!region"], ["rome", "york"]),
        ([""], ["milan", "rome", "york"]),
        (["tier in (edge, core)"], ["milan", "rome"]),
        (["a=b"], []),
    ],
)
def test_selectors(there: Project, selectors: list[str], names: list[str]) -> None:
    options = [option for text in selectors for option in ("-l", text)]
    run = there.weft("cluster", "list", *options, "-o", "json")
    assert run.code == 0
    assert [row["name"] for row in json.loads(run.out)] == names


def test_json(there: Project) -> None:
    assert json.loads(there.weft("cluster", "list", "-l", "tier=edge", "-o", "json").out) == [
        {
            "name": "rome",
            "type": "kubernetes",
            "endpoint": "https://rome:6443",
            "labels": {"owner": "platform", "region": "eu", "tier": "edge"},
        }
    ]


def test_none_and_broken_ones(there: Project) -> None:
    run = there.weft("cluster", "list", "-l", "a=b")
    assert (run.code, run.out, run.err) == (0, "", "no cluster matches\n")
    run = there.weft("cluster", "list", "-l", "a=b=c")
    assert run.code == 2
    there.write({"environments/bath.yaml": "labels: 1\n"})
    run = there.weft("cluster", "list")
    assert run.code == 3
    assert len(run.out.splitlines()) == 4
    assert "environments/bath.yaml:1:1" in run.err
    empty = Project(there.root / "sub").write({"component.yaml": "name: x\n"})
    run = empty.weft("cluster", "list")
    assert (run.code, run.out) == (0, "")
    assert "there is no cluster yet" in run.err


def test_labels_change_in_place_and_once(there: Project) -> None:
    run = there.weft("cluster", "label", "rome", "region=us", "zone=a", "tier-")
    assert (run.code, run.err) == (0, "rome: region=us (was eu), zone=a, tier removed\n")
    after = (there.root / "environments/rome.yaml").read_text()
    assert after == FILES["environments/rome.yaml"].replace("eu   #", "us   #").replace(
        "tier: edge", "zone: a"
    )
    run = there.weft("cluster", "label", "rome", "region=us", "zone=a", "tier-")
    assert (run.code, run.err) == (0, "rome: labelled so already, nothing to change\n")
    assert (there.root / "environments/rome.yaml").read_text() == after


def test_the_last_label_and_that_of_all(there: Project) -> None:
    assert there.weft("cluster", "label", "york", "owner-").code == 0
    assert "owner" not in there.weft("cluster", "list", "-o", "json", "-l", "!owner").err
    assert (there.root / "environments/york.yaml").read_text() == (
        FILES["environments/york.yaml"] + "labels:\n  owner: null\n"
    )
    assert there.weft("cluster", "label", "york", "owner=platform").code == 0
    assert there.weft("cluster", "label", "milan", "zone=").code == 0
    assert (there.root / "environments/milan.json").read_text() == (
        '{"labels": {"region": "eu", "tier": "core", "zone": ""}}\n'
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["rome"], 2, "no label is given"),
        (["roma", "a=b"], 2, "there is no cluster `roma`\n  hint: did you mean 'rome'?"),
        (["common", "a=b"], 2, "there is no cluster `common`"),
        (["rome", "a"], 2, "`a` is no label"),
        (["rome", "a/b/c=d"], 2, "`a/b/c` is no key of a label"),
        (["rome", "a=ä"], 2, "`ä` is no value of the label `a`"),
        (["rome", "a=1", "a-"], 2, "the label `a` is given twice"),
    ],
)
def test_refused(there: Project, arguments: list[str], code: int, message: str) -> None:
    before = read_tree(there.root)
    run = there.weft("cluster", "label", *arguments)
    assert run.code == code
    assert message in run.err
    assert read_tree(there.root) == before
