#!/usr/bin/python3
"""What has been kept long enough goes, and no figure changes by it."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, rows, run, test

MADE, LATER = "2026-01-20T10:00:00+08:00", "2033-06-01T10:00:00+08:00"


def figures(db, year):
    return {f["id"]: (f["value"], {k: c["value"] for k, c in f.get("companions", {}).items()} if isinstance(f.get("companions"), dict) else None)
            for f in run("--db", db, "--now", LATER, "--json", "figures", "--year", year).json}


@test
def a_run_leaves_every_figure_as_it_was_and_no_name_behind():
    db = os.path.join(T.dir, "city.db")
    run("--db", db, "--now", MADE, "--quiet", "demo", "--people", "500", "--year", "2025", "--seed", "5")
    row = rows(db, "SELECT MIN(id) FROM service_record WHERE state = 'valid' AND volunteer IS NOT NULL")[0][0]
    run("--db", db, "--now", MADE, "set", "service_record", row, "duty=引导员甲")
    before = {y: figures(db, y) for y in (2024, 2025)}
    persons = {v for v, in rows(db, "SELECT volunteer FROM service_record WHERE volunteer IS NOT NULL")}
    assert rows(db, "SELECT COUNT(*) FROM history WHERE register = 'service_record'")[0][0] > 0
    told = run("--db", db, "--now", LATER, "--json", "retention", "--dry-run").json
    assert told["skeletons"] > 1000 and told["deleted"] > 100, told
    equal(rows(db, "SELECT COUNT(*) FROM retention_row")[0], (0,))
    run("--db", db, "--now", LATER, "--as", f"#{min(persons)}", "retention", code=3)
    done_ = run("--db", db, "--now", LATER, "--json", "retention").json
    equal(done_["skeletons"], told["skeletons"])
    after = {y: figures(db, y) for y in (2024, 2025)}
    for y in before:
        changed = {k: (v, after[y][k]) for k, v in before[y].items() if after[y][k] != v}
        assert not changed, list(changed.items())[:5]
    # No row of that time leads to a person any more; texts and histories are gone.
    left = rows(db, "SELECT volunteer, duty FROM service_record WHERE served_on < '2027-01-01' AND volunteer IS NOT NULL")
    assert left and not {v for v, _ in left} & persons and all(x is None for _, x in left), left[:3]
    equal(rows(db, "SELECT COUNT(*) FROM history WHERE register = 'service_record'")[0], (0,))
    got = rows(db, "SELECT SUM(deleted), SUM(skeletons) FROM retention_gone")[0]
    equal(got, (done_["deleted"], done_["skeletons"]))
    run("--db", db, "--now", LATER, "check")
    trace = run("--db", db, "--now", LATER, "--json", "trace", "vol.attend", "--year", "2025", "--limit", "1").json
    equal(trace["gone"][0]["on"], "2033-06-01")
    assert trace["gone"][0]["skeletons"] > 0 and "2033-06-01" in run("--db", db, "--now", LATER, "trace", "vol.attend", "--year", "2025").out
    # What was done is not done again, and a child still on the register keeps all that hangs on it.
    again = run("--db", db, "--now", LATER, "--json", "retention").json
    equal(again["skeletons"], 0)
    listed = {c for c, in rows(db, "SELECT child FROM care_child WHERE state = 'valid'")}
    kept = rows(db, "SELECT child FROM visit WHERE visited_on < '2026-01-01'")
    assert listed and any(c in listed for c, in kept)
    run("--db", db, "--now", LATER, "verify", "audit")
    # Years later nothing leads to most people any more: their keys go, their rows stay as numbers.
    rows(db, "UPDATE person SET noted_on = '2045-01-01' WHERE id NOT IN (SELECT id FROM person ORDER BY id LIMIT 40)")
    last = run("--db", db, "--now", "2046-06-01T10:00:00+08:00", "--json", "retention").json
    assert last["keys"] > 0, last
    gone = rows(db, "SELECT MIN(z.\"row\") FROM retention_row z WHERE z.register = 'person'")[0][0]
    r = run("--db", db, "--now", "2046-06-01T10:00:00+08:00", "--json", "show", "person", gone).json
    equal(r["name"], None)
    run("--db", db, "--now", "2046-06-01T10:00:00+08:00", "check")


done()
