"""Two sets of manifest files, compared object by object: what is a change, and what is never shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import yamlio
from generator.compare import Comparison, compare, field_changes, headline, lines, totals
from generator.errors import DefinitionError

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 2
  template:
    spec:
      initContainers:
      - name: first
        image: busybox:1
      - name: second
        image: busybox:1
      containers:
      - name: app
        image: registry.example/team/shop:1.4
        args: [--a, --b, --c]
        env:
        - name: ONE
          value: "1"
        - name: TWO
          value: "2"
        ports:
        - containerPort: 80
        - containerPort: 53
          protocol: UDP
        volumeMounts:
        - mountPath: /a
          name: data
        - mountPath: /b
          name: data
      - name: sidecar
        image: registry.example/sidecar:7
"""


def against(old: str | Mapping[str, str], new: str | Mapping[str, str]) -> Comparison:
    """A comparison of files, or of one file `a.yaml`."""
    sets = [{"a.yaml": side} if isinstance(side, str) else side for side in (old, new)]
    before, after = ({path: text.encode() for path, text in side.items()} for side in sets)
    return compare(before, after)


def fields(old: str, new: str) -> dict[str, tuple[object, object]]:
    """The fields that differ in the one object that changed."""
    (item,) = against(old, new).objects
    assert item.kind == "changed"
    return {change.path: (change.old, change.new) for change in item.fields}


def config_map(name: str, value: str = "x") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: {value}\n"


def told(comparison: Comparison) -> str:
    """Everything a comparison says of itself, in every form."""
    data = [item.as_json() for item in comparison.objects]
    return "\n".join((*lines(comparison), totals(comparison), headline("e", comparison), json.dumps(data)))


def test_the_same_files_have_no_difference() -> None:
    found = against(DEPLOYMENT, DEPLOYMENT)
    assert not found
    assert totals(found) == "No changes"


def test_objects_are_added_changed_and_deleted_by_identity() -> None:
    old = {"a.yaml": config_map("gone") + "---\n" + config_map("kept"), "b.yaml": config_map("other")}
    new = {"a.yaml": config_map("kept", "two"), "b.yaml": config_map("other"), "c.yaml": config_map("new")}
    found = against(old, new)
    assert [(item.kind, item.identity.name, item.file) for item in found.objects] == [
        ("deleted", "gone", "a.yaml"),
        ("changed", "kept", "a.yaml"),
        ("added", "new", "c.yaml"),
    ]
    assert list(lines(found)) == [
        "- ConfigMap gone",
        "~ ConfigMap kept",
        '    data.key: "x" -> "two"',
        "+ ConfigMap new",
    ]
    assert totals(found) == "1 object changed, 1 added, 1 deleted"


def test_the_same_object_in_another_file_is_a_move() -> None:
    found = against({"a.yaml": config_map("m")}, {"b/b.yaml": config_map("m")})
    (item,) = found.objects
    assert (item.kind, item.previous, item.file) == ("moved", "a.yaml", "b/b.yaml")
    assert list(lines(found)) == ["> ConfigMap m (moved from a.yaml to b/b.yaml)"]


def test_an_object_that_moved_and_changed_says_both() -> None:
    found = against({"a.yaml": config_map("m")}, {"b.yaml": config_map("m", "z")})
    (item,) = found.objects
    assert (item.kind, item.previous, [change.path for change in item.fields]) == (
        "changed",
        "a.yaml",
        ["data.key"],
    )


def test_another_api_version_of_a_group_is_the_same_object() -> None:
    old = DEPLOYMENT.replace("apps/v1", "apps/v1beta2")
    assert fields(old, DEPLOYMENT) == {"apiVersion": ("apps/v1beta2", "apps/v1")}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("shop:1.4", "shop:1.5", "spec.template.spec.containers[app].image"),
        ("sidecar:7", "sidecar:8", "spec.template.spec.containers[sidecar].image"),
        ('value: "2"', 'value: "3"', "spec.template.spec.containers[app].env[TWO].value"),
        ("replicas: 2", "replicas: 3", "spec.replicas"),
        ("mountPath: /b\n          name: data", "mountPath: /b\n          name: other",
         "spec.template.spec.containers[app].volumeMounts[/b].name"),
        ("protocol: UDP", "protocol: UDP\n          name: dns",
         "spec.template.spec.containers[app].ports[53/UDP].name"),
    ],
)  # fmt: skip
def test_a_field_is_named_by_its_place(old: str, new: str, expected: str) -> None:
    assert list(fields(DEPLOYMENT, DEPLOYMENT.replace(old, new))) == [expected]


def test_named_items_in_another_order_are_no_change() -> None:
    data = yamlio.read(DEPLOYMENT, "a.yaml")[0].value
    pod = data["spec"]["template"]["spec"]
    pod["containers"].reverse()
    for name in ("env", "ports", "volumeMounts"):
        pod["containers"][1][name].reverse()
    found = against(DEPLOYMENT, yamlio.emit(data))
    assert found.objects == ()
    assert found.files == ("a.yaml",), "the bytes do differ, and that is said"
    assert totals(found) == "no object differs, 1 file changed"


def test_init_containers_run_in_their_order_so_another_one_is_a_change() -> None:
    data = yamlio.read(DEPLOYMENT, "a.yaml")[0].value
    data["spec"]["template"]["spec"]["initContainers"].reverse()
    assert fields(DEPLOYMENT, yamlio.emit(data)) == {
        "spec.template.spec.initContainers[order]": (["first", "second"], ["second", "first"])
    }


def test_an_item_put_in_front_is_one_change() -> None:
    changed = DEPLOYMENT.replace("[--a, --b, --c]", "[--new, --a, --b, --c]")
    path = "spec.template.spec.containers[app].args[0]"
    assert [(name, new) for name, (_, new) in fields(DEPLOYMENT, changed).items()] == [(path, "--new")]


SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3)
NESTED = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(old=NESTED, new=NESTED)
def test_a_difference_is_found_exactly_where_there_is_one(old: object, new: object) -> None:
    found = field_changes({"spec": old}, {"spec": new})
    # JSON tells true from 1, as Python does not. Without names, the order of a list counts.
    equal = json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)
    assert (not found) == equal
    assert field_changes({"spec": old}, {"spec": old}) == []


@given(data=st.data())
def test_named_items_are_found_again_in_any_order(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=6, unique=True))
    values = [data.draw(st.integers(0, 3)) for _ in names]
    items = [{"name": name, "value": value} for name, value in zip(names, values, strict=True)]
    changed = data.draw(st.sampled_from(names))
    others = [
        {**item, "value": 9} if item["name"] == changed else item
        for item in data.draw(st.permutations(items))
    ]
    (change,) = field_changes({"spec": {"env": items}}, {"spec": {"env": others}})
    assert change.path == f"spec.env[{changed}].value"


def test_true_is_not_one_and_one_is_one_point_zero() -> None:
    old = "kind: A\nmetadata: {name: a}\nspec: {flag: true, number: 1}\n"
    assert fields(old, old.replace("true", "1").replace("number: 1", "number: 1.0")) == {
        "spec.flag": (True, 1)
    }


def test_names_with_dots_stand_in_brackets() -> None:
    old = "kind: A\nmetadata: {name: a, annotations: {example.org/x: one}}\n"
    assert list(fields(old, old.replace("one", "two"))) == ["metadata.annotations[example.org/x]"]


def test_an_object_that_a_set_has_twice_is_compared_turn_by_turn() -> None:
    twice = config_map("m") + "---\n" + config_map("m", "two")
    found = against(twice, config_map("m"))
    assert [item.kind for item in found.objects] == ["deleted"]


SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("stringData: {password: hunter2}", "stringData: {password: swordfish}"),
        ("stringData: {a: x}", "stringData: {a: x, password: swordfish}"),
        ("type: Opaque", "stringData: {password: swordfish}"),
        ("stringData: swordfish", "stringData: {a: b}"),
        ("stringData: {password: [swordfish]}", "stringData: {password: {a: hunter2}}"),
        ("data: {password: c3dvcmRmaXNo}", "data: {password: aHVudGVyMg==}"),
        ("data: {password: c3dvcmRmaXNo}", "immutable: true"),
    ],
)
def test_no_value_of_a_secret_is_shown(old: str, new: str) -> None:
    text = told(against(f"{SECRET}{old}\n", f"{SECRET}{new}\n"))
    for value in ("swordfish", "hunter2", "c3dvcmRmaXNo", "aHVudGVyMg"):
        assert value not in text
    assert "(sensitive value)" in text


def test_a_secret_in_a_list_and_in_kubectls_annotation_is_not_shown_either() -> None:
    listed = "apiVersion: v1\nkind: List\nitems:\n- " + "\n  ".join(SECRET.splitlines())
    old, new = f"{listed}\n  stringData: {{a: hunter2}}\n", f"{listed}\n  stringData: {{a: swordfish}}\n"
    assert told(against(old, new)).count("(sensitive value) changed") == 1
    annotated = SECRET + "  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: hunter2\n"
    for other in (SECRET, annotated.replace("hunter2", "swordfish"), SECRET + "  annotations: {a: b}\n"):
        text = told(against(annotated, other))
        assert "hunter2" not in text
        assert "swordfish" not in text


@given(value=st.text(min_size=6), field=st.sampled_from(["data", "stringData"]))
def test_no_text_in_a_secret_comes_out(value: str, field: str) -> None:
    def secret(inner: str) -> str:
        data = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, field: {"k": inner}}
        return yamlio.emit(data)

    other = base64.b64encode(value.encode("utf-8", "surrogatepass")).decode()
    expected = "~ Secret s\n    " + field + ".k: (sensitive value) changed"
    assert "\n".join(lines(against(secret("zero"), secret(value)))) == expected
    assert "\n".join(lines(against(secret("zero"), secret(other)))) == expected


POD = """\
kind: Pod
metadata: {name: p, annotations: {note: "%(a)s"}}
spec:
  containers:
  - name: a
    args: ["--db-password=%(b)s", "-u=%(a)s"]
    env:
    - {name: DB_PASSWORD, value: "%(b)s"}
    - {name: URL, value: "pg://shop:%(b)s@db/%(a)s"}
    - {name: SIZE, value: "%(c)s"}
    - {name: API_TOKEN, valueFrom: {secretKeyRef: {name: "api-%(c)s", key: token}}}
  imagePullSecrets: [{name: "pull-%(c)s"}]
  volumes: [{name: v, secret: {secretName: "mounted-%(c)s"}}]
---
kind: ConfigMap
metadata: {name: m}
data:
  api_key: "%(b)s"
  app.conf: |
    size=%(c)s
    password=%(b)s
    user: %(a)s
---
kind: Shop
metadata: {name: shop}
spec: {clientSecret: "%(b)s", tokens: ["%(b)s", 12345678], size: "%(c)s"}
"""
KNOWN = SECRET + "stringData: {a: topsecret1, b: topsecret2}\ndata: {c: bmluZWx2ZXMxCg==}\n"


@pytest.mark.parametrize("known", ["topsecret", "ninelves"])
def test_what_secret_names_hold_and_what_secrets_hold_elsewhere_is_not_shown(known: str) -> None:
    def side(number: int) -> dict[str, str]:
        values = {"a": f"{known}1", "b": f"hunter{number}", "c": f"size-{number}"}
        other = {**values, "a": values["a"] if number == 1 else "plain"}
        return {"pod.yaml": POD % other, "secret.yaml": KNOWN}

    for found in (against(side(1), side(2)), against(side(2), side(1))):
        for text in (told(found), json.dumps([item.as_json() for item in found.objects])):
            assert known not in text
            assert "hunter" not in text
        text = told(found)
        assert "spec.containers[a].env[DB_PASSWORD].value: (sensitive value) changed" in text
        assert "data.api_key: (sensitive value) changed" in text
        assert "spec.clientSecret: (sensitive value) changed" in text
        for path in ("env[SIZE].value", "secretKeyRef.name", "imagePullSecrets", "secretName", "spec.size"):
            assert path in text
        assert text.count("size-1") >= 6


def test_a_short_word_that_a_secret_holds_is_hidden_as_a_whole_only() -> None:
    known = SECRET + "stringData: {database: shop, password: abcd}\n"
    old = DEPLOYMENT.replace("team/shop:1.4", "shop/abcd:1.4")
    text = told(
        against({"a.yaml": old, "s.yaml": known}, {"a.yaml": old.replace("1.4", "1.5"), "s.yaml": known})
    )
    assert 'example/shop/(sensitive value):1.4" -> "registry.example/shop/(sensitive value):1.5"' in text


def test_what_sops_encrypted_is_not_shown() -> None:
    old = (
        "kind: Config\nmetadata: {name: c}\nspec: {password: 'ENC[AES256_GCM,data:aaaa]', size: 1}\n"
        "sops: {mac: 'ENC[bbbb]', lastmodified: '2026', age: [{enc: cccc}]}\n"
    )
    new = (
        old.replace("aaaa", "dddd")
        .replace("2026", "2027")
        .replace("cccc", "eeee")
        .replace("size: 1", "size: 2")
    )
    text = told(against(old, new))
    for part in ("aaaa", "dddd", "2026", "2027", "cccc", "eeee", "ENC["):
        assert part not in text
    assert "spec.size: 1 -> 2" in text


def test_a_published_file_that_cannot_be_read_is_named() -> None:
    found = against({"a.yaml": "kind: [\n"}, {"a.yaml": config_map("m")})
    assert [item.kind for item in found.objects] == ["added"]
    assert len(found.unreadable) == 1
    assert found.unreadable[0].startswith("a.yaml:2")


def test_what_is_wrong_with_a_secret_is_not_quoted() -> None:
    found = against({"a.yaml": f"{SECRET}stringData: {{password: !hunter2 hunter2}}\n"}, {})
    assert found.unreadable == ("a.yaml:5:24: cannot be read as YAML",)


def test_a_new_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(DefinitionError):
        against({}, {"a.yaml": "kind: [\n"})


def test_what_is_no_manifest_counts_as_a_file() -> None:
    found = against({"kustomization.yaml": "a: b", "x.txt": "1"}, {"kustomization.yaml": "a: c"})
    assert found.files == ("kustomization.yaml", "x.txt")
    assert found


def test_an_object_nested_to_the_limit_is_compared() -> None:
    deep = "kind: A\nmetadata: {name: a}\nspec: " + "[" * 990 + "%s" + "]" * 990 + "\n"
    assert told(against(deep % 1, deep % 2))


def test_no_value_brings_a_line_or_a_control_character_of_its_own() -> None:
    new = {
        "kind": "ConfigMap",
        "metadata": {"name": "m\u202e\x1b[31m"},
        "data": {"k\n+ Fake x": "a\x1b[0m\nb"},
    }
    text = list(lines(against("kind: ConfigMap\nmetadata: {name: m}\n", yamlio.emit(new))))
    assert all(line.isprintable() for line in text)
    assert len(text) == 2


def many(*images: str) -> str:
    data = yamlio.read(DEPLOYMENT, "a.yaml")[0].value
    found = []
    for index, image in enumerate(images):
        copy = yamlio.read(yamlio.emit(data), "a.yaml")[0].value
        copy["metadata"]["name"] = f"web-{index}"
        copy["spec"]["template"]["spec"]["containers"][0]["image"] = image
        found.append(copy)
    return yamlio.emit_all(found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (DEPLOYMENT, DEPLOYMENT.replace("shop:1.4", "shop:1.5"), "e: web image 1.4 to 1.5"),
        (many("r/shop:1", "r/shop:1"), many("r/shop:2", "r/shop:2"), "e: shop image 1 to 2"),
        (many("r/shop:1", "r/cart:1"), many("r/shop:2", "r/cart:2"), "e: 2 objects changed"),
        (many("h:5000/a"), many("h:5000/a:2"), "e: Deployment web-0 image h:5000/a to h:5000/a:2"),
        (DEPLOYMENT, DEPLOYMENT.replace("replicas: 2", "replicas: 5"), "e: Deployment web replicas 2 to 5"),
        (DEPLOYMENT, "", "e: Deployment web deleted"),
        (SECRET + "data: {a: YQ==}", SECRET + "data: {a: Yg==}", "e: Secret s changed"),
        (config_map("a"), config_map("b") + "---\n" + config_map("c"), "e: 2 objects added, 1 deleted"),
        ("", DEPLOYMENT.replace("web", "w" * 80), "e: 1 object added"),
    ],
)  # fmt: skip
def test_a_subject_says_what_changed(old: str, new: str, expected: str) -> None:
    assert headline("e", against(old, new)) == expected


def test_a_subject_is_one_short_line() -> None:
    old, new = "r/" + "x" * 80 + ":1\\n", "r/" + "x" * 80 + ":2\\n"
    subject = headline(
        "prod-east",
        against(DEPLOYMENT.replace("team/shop:1.4", old), DEPLOYMENT.replace("team/shop:1.4", new)),
    )
    assert len(subject) <= 72
    assert subject.isprintable()
