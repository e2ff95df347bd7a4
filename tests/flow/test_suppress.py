#!/usr/bin/python3
"""The demo city's own sensitive tables, county by month, suppressed and attacked by linear programming."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import PROGRAM, T, done, run, skip, test

GROUPS = ("aid.", "rights.", "mind.", "care.")  # what domain.md 2.3 gives the higher threshold
ATTACK = os.path.join(os.path.dirname(PROGRAM), "test_guard_suppress")


def values(db, period, org):
    flat = {}

    def take(f):
        if f["value"] is not None and f["unit"] not in ("元", "小时", "%"):
            flat[f["id"]] = f["value"]
        for c in (f.get("companions") or {}).values():
            take(c)
    where = ["--org", org] if org else []
    for f in run("--db", db, "figures", "--period", period, *where, "--json").json:
        take(f)
    return {i: v for i, v in flat.items() if i.startswith(GROUPS)}


@test
def no_hidden_cell_of_the_demo_city_is_bounded_below_the_threshold():
    if not os.path.exists(ATTACK):
        skip("the attack is not built here")
    db = os.path.join(T.dir, "c.db")
    run("--db", db, "demo", "--people", 2000, "--year", 2025)
    rows = run("--db", db, "list", "org", "--where", "kind = 'county'", "--limit", 100, "--json").json
    counties = [r["code"] for r in rows]
    months = [f"2025-{m:02}" for m in range(1, 13)]
    cells = {org: [values(db, m, org) for m in months] for org in [None, *counties]}
    year = values(db, "2025", None)
    tables = 0
    path = os.path.join(T.dir, "tables")
    with open(path, "w") as out:
        for figure, total in sorted(year.items()):
            whole = [c.get(figure, 0) for c in cells[None]]
            parts = [[c.get(figure, 0) for c in cells[org]] for org in counties]
            rest = [w - sum(p[m] for p in parts) for m, w in enumerate(whole)]
            if sum(whole) != total or min(rest) < 0 or min(map(min, parts)) < 0:
                continue  # persons and stocks do not add up over months: such tables are not published so
            out.write(f"{figure} {len(parts) + 1}\n")
            for part in [*parts, rest]:
                out.write(" ".join(map(str, part)) + "\n")
            tables += 1
    assert tables >= 8, f"only {tables} tables that add up"
    p = subprocess.run([ATTACK], capture_output=True, text=True, env={**os.environ, "QINGHE_SUPPRESS_TABLES": path,
                                                                      "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    told = [line for line in p.stdout.splitlines() + p.stderr.splitlines() if "demo_city" in line or "tables of the city" in line]
    print("# " + " / ".join(told))
    assert any(line.startswith("ok") and "SKIP" not in line for line in told), p.stdout[-800:]
    assert f"# {tables} tables" in " ".join(told), told


done()
