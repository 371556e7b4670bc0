"""Makes tests/selectors/kubernetes.json: what Kubernetes' parser says of selectors; needs `go`."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE.parents[1] / "tests" / "selectors" / "kubernetes.json"
LABELS: Sequence[dict[str, str]] = (
    {},
    {"tier": "edge"},
    {"tier": "core", "region": "eu"},
    {"tier": "", "region": "us-east"},
    {"topology.liqo.io/type": "destination", "tier": "edge"},
    {"topology.liqo.io/type": "origin", "x": "5"},
    {"x": "12", "in": "in", "notin": "a"},
    {"x": "five", "exists": "true", "tier": "EDGE"},
    {"x": "-3", "region": "notin"},
    {"x": "0005", "a.b/c": "d_e.f"},
)
LONG = "a" * 63
TEXTS = (
    *(
        "",
        " ",
        "\t\n",
        ",",
        ",,",
        "a,",
        ",a",
        "a,,b",
        "()",
        "!",
        "!!a",
        "!,",
        "=",
        "==",
        "!=",
        "=a",
        "a=",
        "a=,b",
    ),
    *(
        "tier",
        "!tier",
        "! tier",
        "tier=edge",
        "tier==edge",
        "tier = edge",
        "tier===edge",
        "tier=!edge",
        "tier!=edge",
    ),
    *(
        "tier !=edge",
        "tier! =edge",
        "!tier=edge",
        "!tier in (a)",
        "tier in (edge)",
        "tier in(edge,core)",
        "tier in ()",
    ),
    *(
        "tier in (,)",
        "tier in (edge,)",
        "tier in (,edge)",
        "tier in (edge,,core)",
        "tier in edge",
        "tier in (edge",
    ),
    *(
        "tier in (edge core)",
        "tier in ((edge))",
        "tier in (edge),region",
        "tier notin (edge)",
        "tier notin (edge,core)",
    ),
    *(
        "tier notin ()",
        "tier notin (,)",
        "notin",
        "in",
        "in in (in)",
        "notin notin (notin)",
        "!in",
        "in=in",
        "tier=in",
    ),
    *(
        "tier=notin",
        "tier in (in, notin)",
        "tier in (=)",
        "tier in (!a)",
        "tier in (a=b)",
        "region=notin",
        "in,notin",
    ),
    *(
        "x>4",
        "x > 4",
        "x<6",
        "x < 6",
        "x>=4",
        "x>4,x<6",
        "x>a",
        "x>",
        ">4",
        "x>4.5",
        "x>-4",
        "x>05",
        "x in (>4)",
    ),
    *(
        "x>9223372036854775807",
        "x>9223372036854775808",
        "x>+4",
        "x>1_0",
        "x<>4",
        "x!>4",
        "!x>4",
        "x>(4)",
        "x>4 5",
    ),
    *(
        "tier=Edge",
        "Tier=edge",
        "tier=-edge",
        "tier=edge-",
        "tier=e.d_g-e",
        "tier=ed ge",
        "tier=ed/ge",
        "tier=ä",
        "ä",
    ),
    *(
        "a/b",
        "a/b/c",
        "/b",
        "a/",
        "A/b",
        "a_/b",
        "a.b/c",
        "a..b/c",
        ".a/b",
        "a./b",
        "a-/b",
        "-a/b",
        "a.b/c=d_e.f",
    ),
    *(
        "topology.liqo.io/type=destination",
        "topology.liqo.io/type in (origin,destination)",
        "topology.liqo.io/type",
    ),
    *(
        LONG,
        f"{LONG}a",
        f"tier={LONG}",
        f"tier={LONG}a",
        f"a/{LONG}",
        f"a/{LONG}a",
        f"{LONG}/a",
        f"{LONG}a/a",
    ),
    *(
        f"{LONG}.{LONG}.{LONG}.{'a' * 61}/a",
        f"{LONG}.{LONG}.{LONG}.{'a' * 62}/a",
        "tier='edge'",
        'tier="edge"',
        "t;r",
    ),
    *(
        "tier=edge region=eu",
        "tier=edge,region=eu",
        "tier=edge , region = eu",
        "tier=edge,tier=core",
        "tier,!tier",
    ),
    *(
        "tier\n=\nedge",
        "tier\r\nin\t(edge)",
        "tier=edge\u00a0",
        "tier\u2003=edge",
        "tier\x0b=edge",
        "a b",
        "a (b)",
        "(a)",
    ),
    *(
        "a=(b)",
        "a=b)",
        "a)",
        "a(",
        "a!b",
        "a!",
        "a !b",
        "a=b=c",
        "a==b==c",
        "a!=b!=c",
        "a=b,",
        "a in (b),",
        "1",
        "1=1",
    ),
    *(
        "0.5=x",
        "a*",
        "a=*",
        "*",
        "a:b",
        "a=a:b",
        "{a}",
        "$a",
        "a\\b",
        "tier in [edge]",
        "tier IN (edge)",
        "tier Notin (a)",
    ),
)
PARTS = (
    *(
        "tier",
        "region",
        "x",
        "in",
        "notin",
        "a.b/c",
        "topology.liqo.io/type",
        "edge",
        "core",
        "eu",
        "5",
        "12",
        "",
    ),
    *(
        "=",
        "==",
        "!=",
        "!",
        ",",
        "(",
        ")",
        ">",
        "<",
        " in ",
        " notin ",
        " in (",
        " notin (",
        " ",
        " ",
        "-",
        "/",
        ".",
    ),
)


def texts() -> Iterator[str]:
    """Selectors written by hand, then parts of selectors put together at random, the same ones each time."""
    yield from TEXTS
    chance = random.Random(3)
    for _ in range(1200):
        yield "".join(chance.choice(PARTS) for _ in range(chance.randint(1, 7)))
    for _ in range(900):
        yield re.sub(r",$", "", "".join(_meant(chance) for _ in range(chance.randint(1, 3))))


def _meant(chance: random.Random) -> str:
    """A condition that is one, as a rule."""
    key = chance.choice(("tier", "region", "x", "a.b/c", "topology.liqo.io/type", "in"))
    values = [
        chance.choice(("edge", "core", "eu", "5", "", "in", "d_e.f")) for _ in range(chance.randint(1, 3))
    ]
    form = chance.choice(
        ("{k}", "!{k}", "{k}={v}", "{k}=={v}", "{k}!={v}", "{k} in ({l})", "{k} notin ({l})", "{k}>{v}")
    )
    return form.format(k=key, v=values[0], l=",".join(values)) + chance.choice((",", " , ", ",", ""))


def main() -> None:
    """Asks the parser, and writes what it says."""
    asked = sorted(set(texts()))
    lines = "".join(json.dumps({"selector": text, "labels": LABELS}) + "\n" for text in asked)
    said = subprocess.run(
        ["go", "run", "."], cwd=HERE, input=lines.encode(), stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    answers = [json.loads(line) for line in said.splitlines()]
    version = re.search(r"k8s.io/apimachinery (v\S+)", (HERE / "go.mod").read_text())
    assert version is not None
    corpus = {
        "source": f"k8s.io/apimachinery {version[1]}, labels.Parse and Matches (Kubernetes, Apache-2.0)",
        "made by": "python -m tools.selectors",
        "labels": LABELS,
        # A selector and, for each of the sets of labels, whether it matches; null where it is refused.
        "cases": [
            [text, "".join("01"[match] for match in answer["matches"]) if answer["valid"] else None]
            for text, answer in zip(asked, answers, strict=True)
        ],
    }
    head, _, rest = json.dumps(corpus, indent=1).partition('"cases": [')
    cases = ",\n".join("  " + json.dumps(case) for case in corpus["cases"])
    assert rest
    CORPUS.write_text(f'{head}"cases": [\n{cases}\n ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
