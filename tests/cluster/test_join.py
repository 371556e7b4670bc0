"""`weft cluster join`: an environment file from a kubeconfig, and nothing secret in it or said of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.kubeconfigs import SECRET, USERS, kubeconfig
from tests.project_tree import Project, Run, read_tree

ROOT = {"component.yaml": "name: shop\n"}


def project(folder: Path, text: str = "", **files: str) -> Project:
    """A definition, and a kubeconfig beside it."""
    (folder / "k.yaml").write_text(text or kubeconfig())
    return Project(folder / "definitions").write(ROOT | files)


def join(there: Project, *arguments: str, file: str = "../k.yaml", stdin: str = "") -> Run:
    """Runs `weft cluster join`; whatever comes of it, no secret is told or kept."""
    run = there.weft("cluster", "join", file, *arguments, stdin=stdin)
    assert SECRET not in run.out + run.err
    assert "Traceback" not in run.err
    assert "weft itself failed" not in run.err
    for content in read_tree(there.root).values():
        assert SECRET.encode() not in content
    return run


def refused(there: Project, *arguments: str, code: int, **how: Any) -> str:
    """What a refused join says; nothing was written."""
    before = read_tree(there.root)
    run = join(there, *arguments, **how)
    assert run.code == code, run.err
    assert read_tree(there.root) == before
    return run.err


@pytest.mark.parametrize("user", USERS)
def test_the_file_has_name_type_endpoint_and_labels(tmp_path: Path, user: str) -> None:
    there = project(tmp_path, kubeconfig(user=USERS[user]))
    run = join(there, "--label", "topology.liqo.io/type=origin", "--label", "region=eu")
    assert (run.code, run.out) == (0, "")
    assert run.err == "europe-cloud: wrote environments/europe-cloud.yaml\n"
    assert (there.root / "environments/europe-cloud.yaml").read_text() == (
        "labels:\n  topology.liqo.io/type: origin\n  region: eu\n"
        "cluster:\n  type: kubernetes\n  endpoint: https://10.0.0.1:6443\n"
    )
    assert there.weft("validate", "--all").code == 0


def test_name_type_and_standard_input(tmp_path: Path) -> None:
    there = project(tmp_path)
    run = join(there, "--name", "cluster-prod", "--type", "kind", file="-", stdin=kubeconfig())
    assert run.code == 0
    listed = there.weft("cluster", "list").out.splitlines()
    assert listed[1].split() == ["cluster-prod", "kind", "https://10.0.0.1:6443", "-"]


@pytest.mark.parametrize(
    ("server", "endpoint", "left"),
    [
        (f"https://me:{SECRET}@10.0.0.1:6443", "https://10.0.0.1:6443", "a user"),
        (f"https://10.0.0.1/k8s/c-1?token={SECRET}", "https://10.0.0.1/k8s/c-1", "a query"),
        (f"https://[fd00::1]:6443/#{SECRET}", "https://[fd00::1]:6443", "a fragment"),
        (f"https://{SECRET}@h/?{SECRET}", "https://h", "a user and a query"),
        (f"https://h/path;{SECRET}", "https://h/path", "parameters"),
        (f"https://h/a;{SECRET}/b;t={SECRET}?x", "https://h/a/b", "parameters and a query"),
        (f"https://me@h/;{SECRET}?{SECRET}", "https://h", "a user, parameters and a query"),
    ],
)
def test_of_the_address_no_credential_is_taken_over(
    tmp_path: Path, server: str, endpoint: str, left: str
) -> None:
    there = project(tmp_path, kubeconfig(server=server))
    run = join(there)
    assert f"the server's address has {left}, which is not taken over" in run.err
    assert f"endpoint: {endpoint}\n" in (there.root / "environments/europe-cloud.yaml").read_text().replace(
        '"', ""
    )


@pytest.mark.parametrize(
    "server",
    [
        f"ftp://me:{SECRET}@h",
        f"{SECRET}",
        f"https://{SECRET}@",
        f"https://h:{SECRET}",
        "https://h:99999",
        f"https://h /{SECRET}",
        f"https://h\n{SECRET}: x",
        [SECRET],
        {"a": SECRET},
        7,
    ],
)
def test_a_server_that_is_no_address(tmp_path: Path, server: Any) -> None:
    message = refused(project(tmp_path, kubeconfig(server=server)), code=3)
    assert "../k.yaml:12:5: the server of the cluster `europe-cloud` is no address" in message


def test_contexts(tmp_path: Path) -> None:
    clusters = [{"name": f"c-{n}", "cluster": {"server": f"https://c-{n}"}} for n in (1, 2)]
    contexts = [{"name": f"x-{n}", "context": {"cluster": f"c-{n}"}} for n in (1, 2)]
    several: dict[str, Any] = {"clusters": clusters, "contexts": contexts}
    there = project(tmp_path, kubeconfig(**several, **{"current-context": "x-2"}))
    assert join(there).err == "c-2: wrote environments/c-2.yaml\n"
    assert join(there, "--context", "x-1").err == "c-1: wrote environments/c-1.yaml\n"
    assert "has no context `x-3`\n  hint: did you mean 'x-" in refused(there, "--context", "x-3", code=2)
    (tmp_path / "k.yaml").write_text(kubeconfig(**several, **{"current-context": ""}))
    message = refused(there, code=2)
    assert "../k.yaml has several contexts and no current one" in message
    assert "choose with --context: x-1, x-2" in message
    (tmp_path / "k.yaml").write_text(kubeconfig(**several, **{"current-context": "z-9"}))
    assert "../k.yaml:3:1: current-context names `z-9`, which is not there" in refused(there, code=3)
    (tmp_path / "k.yaml").write_text(kubeconfig("only", **{"current-context": ""}))
    assert join(there).err == "only: wrote environments/only.yaml\n"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

BROKEN = {
    "no YAML": (f"clusters: [{SECRET}\n", "cannot be read as YAML"),
    "a tag": (f"users: !!int {SECRET}\n", "../k.yaml:1:8: cannot be read as YAML"),
    "an anchor": (f"users: *{SECRET}\n", "../k.yaml:1:8: cannot be read as YAML"),
    "a duplicate key": (f"{SECRET}: 1\n{SECRET}: 2\n", "../k.yaml:2:1: cannot be read as YAML"),
    "a bomb": (BOMB, "cannot be read as YAML"),
    "empty": ("", "../k.yaml: is empty"),
    "a list": ("- a\n", "../k.yaml:1:1: expected a kubeconfig, found a list"),
    "a word": (f"{SECRET}\n", "../k.yaml:1:1: expected a kubeconfig, found a single value"),
    "two": ("a: 1\n---\nb: 1\n", "../k.yaml:3: holds several documents"),
    "a map for a list": (kubeconfig(clusters={"a": SECRET}), "expected a list of clusters, found a mapping"),
    "a list for a map": (
        kubeconfig(clusters=[{"name": "europe-cloud", "cluster": [SECRET]}]),
        "expected a mapping, found a list",
    ),
    "no name": (kubeconfig(contexts=[{"context": {"cluster": SECRET}}]), "this context has no name"),
    "a word for an entry": (kubeconfig(contexts=[SECRET]), "expected a mapping with a name, found a single"),
    "another kind": (
        kubeconfig(kind="ConfigMap"),
        "../k.yaml:2:1: expected a kubeconfig, whose kind is Config",
    ),
    "a secret for a kind": (kubeconfig(kind=SECRET), "expected a kubeconfig, whose kind is Config"),
    "another version": (
        kubeconfig(apiVersion="v2"),
        "../k.yaml:1:1: expected a kubeconfig, whose apiVersion is v1",
    ),
    "escapes": (kubeconfig(**{"current-context": "\x1b[2J"}), "is not the name of a context"),
    "twice": (
        kubeconfig(contexts=[{"name": "a", "context": {}}] * 2),
        "there are two contexts named `a`",
    ),
    "no cluster": (kubeconfig(contexts=[{"name": "admin"}]), "the context `admin` names no cluster"),
    "unknown cluster": (kubeconfig(clusters=[]), "names the cluster `europe-cloud`, which is not there"),
    "no server": (
        kubeconfig(clusters=[{"name": "europe-cloud"}]),
        "the cluster `europe-cloud` has no server",
    ),
    "no context": ("apiVersion: v1\nkind: Config\n", "there is no context in it"),
    "a list for a name": (kubeconfig(**{"current-context": [SECRET]}), "is not the name of a context"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_kubeconfig(tmp_path: Path, case: str) -> None:
    text, message = BROKEN[case]
    there = project(tmp_path, "x")
    (tmp_path / "k.yaml").write_text(text)
    said = refused(there, code=3)
    assert "../k.yaml" in said
    assert message in said


def test_a_file_that_is_too_large_or_cannot_be_read(tmp_path: Path) -> None:
    there = project(tmp_path, "#" * (8 * 1024 * 1024 + 1))
    assert "../k.yaml: is larger than 8 MiB" in refused(there, code=3)
    assert "../none.yaml: cannot be read: No such file" in refused(there, file="../none.yaml", code=4)
    assert "cannot be read: Is a directory" in refused(there, file="..", code=4)


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("gke_my-project_europe-west1_prod", "gke-my-project-europe-west1-prod"),
        ("arn:aws:eks:eu-west-1:1:cluster/Prod", "arn-aws-eks-eu-west-1-1-cluster-prod"),
        ("common", "cluster-common"),
        ("../../x", "x"),
        ("x" * 70, "x" * 63),
        ("é", "cluster"),
    ],
)
def test_a_name_that_is_none_is_refused_with_a_proposal(tmp_path: Path, name: str, proposed: str) -> None:
    there = project(tmp_path, kubeconfig(name))
    message = refused(there, code=2)
    assert f"`{name}` is no name for an environment" in message
    assert f"--name {proposed}\n" in message
    assert join(there, "--name", proposed).code == 0


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("region", "`region` is no label"),
        ("a b=c", "`a b` is no key of a label"),
        ("-a=c", "`-a` is no key of a label"),
        ("a=b c", "`b c` is no value of the label `a`"),
        ("a=" + "x" * 64, "is no value of the label `a`"),
    ],
)
def test_labels_are_kubernetes_labels(tmp_path: Path, label: str, message: str) -> None:
    assert message in refused(project(tmp_path), f"--label={label}", code=2)
    assert "is given twice" in refused(project(tmp_path), "--label=a=1", "--label=a=2", code=2)


FILE = """\
# our first
labels:
  region: eu   # since 2020
cluster: {endpoint: 'https://10.0.0.1:6443'}
config: {global: {a: 1}}
"""


def test_joining_again_changes_nothing(tmp_path: Path) -> None:
    there = project(tmp_path)
    join(there, "--label=a=1")
    before = read_tree(there.root)
    assert join(there).err == "europe-cloud: joined already, nothing to change\n"
    assert join(there, "--label=a=1").code == 0
    assert read_tree(there.root) == before


def test_joining_one_that_is_there_adds_what_it_lacks(tmp_path: Path) -> None:
    there = project(tmp_path, **{"environments/europe-cloud.yaml": FILE})
    run = join(there, "--label=tier=core")
    assert run.err == "europe-cloud: changed environments/europe-cloud.yaml\n"
    assert (there.root / "environments/europe-cloud.yaml").read_text() == FILE.replace(
        "# since 2020\n", "# since 2020\n  tier: core\n"
    ).replace("6443'}", "6443', type: kubernetes}")


def test_joining_another_by_that_name_is_refused(tmp_path: Path) -> None:
    there = project(tmp_path, kubeconfig(server="https://10.0.0.2"))
    there.write({"environments/europe-cloud.yaml": FILE})
    message = refused(there, "--label=region=us", code=3)
    assert "environments/europe-cloud.yaml:3:3: `europe-cloud` is another cluster already" in message
    assert "labels.region is eu, and would be us" in message
    assert "cluster.endpoint is https://10.0.0.1:6443, and would be https://10.0.0.2" in message
    assert join(there, "--label=region=us", "--update").code == 0
    assert (there.root / "environments/europe-cloud.yaml").read_text() == FILE.replace(
        "region: eu", "region: us"
    ).replace("10.0.0.1:6443'", "10.0.0.2', type: kubernetes")


def test_a_broken_file_or_none_of_a_definition_is_refused(tmp_path: Path) -> None:
    there = project(tmp_path, **{"environments/europe-cloud.yaml": "labels: [\n"})
    assert "environments/europe-cloud.yaml:2:1" in refused(there, code=3)
    empty = Project(tmp_path / "empty")
    assert "so this is not the root of a definition" in refused(empty, code=3)
    assert os.listdir(empty.root) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    there = project(tmp_path)
    (there.root / "environments").write_text("in the way\n")
    assert "environments/europe-cloud.yaml: cannot be written" in refused(there, code=4)


def test_the_same_endpoint_twice_is_noted(tmp_path: Path) -> None:
    there = project(tmp_path)
    join(there)
    run = join(there, "--name=second")
    assert "note: `europe-cloud` has the endpoint https://10.0.0.1:6443, too" in run.err
