"""Asks the API server's own code about the cases in tests/schema/rules: `python -m tools.rules`; needs go."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.schema import ruled


def main() -> None:
    schemas, cases = {}, []
    for case in ruled.cases():
        schema = ruled.schema(case)
        name = json.dumps(schema, sort_keys=True)
        schemas[name] = schema
        cases.append({"name": case.name, "schema": name, "object": case.object})
    if len({case["name"] for case in cases}) != len(cases):
        raise SystemExit("two cases have one name")
    given = json.dumps({"schemas": schemas, "cases": cases}).encode()
    command = ["go", "run", "."]
    told = subprocess.run(command, cwd=Path(__file__).parent, input=given, stdout=subprocess.PIPE, check=True)
    found = json.loads(told.stdout)
    text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
    ruled.VERDICTS.write_text(f"{text}\n", encoding="utf-8")
    broken = sum(bool(verdict["rules"]) for verdict in found.values())
    print(f"{len(found)} cases; rules refuse {broken}")


if __name__ == "__main__":
    main()
