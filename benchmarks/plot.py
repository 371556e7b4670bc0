"""The figures of a run as an SVG: a bar a peer, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.peers import title

_LEFT, _RIGHT, _BAR, _GAP, _HEAD = 300, 160, 18, 6, 34
_WIDTH = 900
_STYLE = """\
text { font: 13px sans-serif; fill: #1f2328 }
.head { font-weight: bold }
.tick { font-size: 11px; fill: #59636e }
.grid { stroke: #d1d9e0 }
.ours { fill: #1f6feb }
.floor { fill: #8c959f }
.peer { fill: #d4843e }
svg { background: #ffffff }
"""


def svg(rows: Sequence[Mapping[str, Any]]) -> str:
    """The picture of the rows of a table; those without a figure have no bar."""
    rows = [row for row in rows if row.get("wall")]
    steps = dict.fromkeys((row["case"], row["workload"]) for row in rows)
    scale = _Scale([row["wall"] for row in rows])
    out: list[str] = []
    top = 50
    for case, workload in steps:
        found = [row for row in rows if (row["case"], row["workload"]) == (case, workload)]
        out.append(f'<text class="head" x="10" y="{top + 16}">{escape(f"{workload}, {case}")}</text>')
        top += _HEAD - 6
        for row in sorted(found, key=lambda row: row["wall"]):
            out += _bar(row, top, scale)
            top += _BAR + _GAP
        top += _HEAD - 16
    grid = [line for power in scale.powers for line in _grid(power, top, scale)]
    body = "\n".join([*grid, *out])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 10}" width="{_WIDTH}"'
        f' height="{top + 10}" role="img">\n<title>Wall time of weft and its peers</title>\n'
        f'<style>\n{_STYLE}</style>\n<text class="head" x="10" y="20">Wall time in seconds,'
        f" logarithmic; shorter is better</text>\n{body}\n</svg>\n"
    )


class _Scale:
    """Seconds to pixels."""

    def __init__(self, walls: Sequence[float]) -> None:
        low = math.floor(math.log10(min(walls, default=0.1)))
        high = max(math.ceil(math.log10(max(walls, default=1.0))), low + 1)
        self.powers = range(low, high + 1)

    def x(self, seconds: float) -> float:
        share = (math.log10(seconds) - self.powers[0]) / (len(self.powers) - 1)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _grid(power: int, bottom: int, scale: _Scale) -> list[str]:
    x = scale.x(10.0**power)
    return [
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="44" y2="{bottom}"/>',
        f'<text class="tick" x="{x:.1f}" y="40" text-anchor="middle">{10.0**power:g} s</text>',
    ]


def _bar(row: Mapping[str, Any], top: int, scale: _Scale) -> list[str]:
    name = row["peer"]
    kind = "ours" if name.startswith("weft") else "floor" if name in ("bare", "honest", "hash") else "peer"
    end = max(scale.x(row["wall"]), _LEFT + 1)
    ratio = f" ({row['ratio']:.3g} times weft)" if row["ratio"] and kind != "ours" else ""
    middle = top + _BAR - 5
    return [
        f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(title(name))}</text>',
        f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{end - _LEFT:.1f}" height="{_BAR}"/>',
        f'<text x="{end + 5:.1f}" y="{middle}">{row["wall"]:.2f}{ratio}</text>',
    ]
