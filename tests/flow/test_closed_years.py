#!/usr/bin/python3
"""Closed years leave for the archive: no figure changes by it, nothing is lost on the way, whatever kills it; nobody writes
into a closed year; the files are verified by themselves; the rows come back as they were."""
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, T, done, equal, rows, run, start, test

MADE, LATER = "2026-01-20T10:00:00+08:00", "2028-02-20T10:00:00+08:00"
REG, DB = "study_participation", "city.db"
ASKED = [("figures", "--year", 2025), ("figures", "--period", "2025Q3")]


def path(name):
    return os.path.join(T.dir, name)


def q(*a, now=LATER, **k):
    return run("--db", path(DB), "--now", now, "--lang", "en", *a, **k)


def figures():
    out = {}
    for asked in ASKED:
        for f in q("--json", *asked).json:
            for x in (f, *f.get("companions", {}).values()):
                out[asked[-1], x["id"]] = (x["value"], x.get("grades"), x.get("why"))
    return out


def state():
    return q("digest").out, figures(), rows(path(DB), "SELECT register, \"row\", version, at, kind, before FROM history ORDER BY 1, 2, 3"), \
        rows(path(DB), f"SELECT \"row\", digest, import FROM imported WHERE register = '{REG}' ORDER BY 1")


def stand(year):
    return rows(path(DB), f"SELECT count(*) FROM {REG} p JOIN study_issue i ON i.id = p.issue WHERE i.published_on BETWEEN '{year}-01-01' AND '{year}-12-31'")[0][0]


def plan(**k):
    return {(x["register"], x["year"]): x for x in q("--json", "archive", "rows", "--before", "2027", "--register", REG, *k.pop("more", ()), **k).json}


def check():
    told = q("check", "--json", code=None).json
    equal({k: v["bad"] for k, v in told.items() if v["bad"] and k != "editions"}, {}, "check")


def template():
    with open(path("t.md"), "w", encoding="utf-8") as f:
        f.write("# 总结\n\n开展活动{{vol.events}}次。\n")
    return path("t.md")


@test
def a_closed_year_leaves_and_comes_back_and_no_figure_changes_by_it():
    q("--quiet", "demo", "--people", "500", "--year", "2025", "--seed", "5", now=MADE)
    why = plan(more=("--dry-run",))[REG, 2025]["why"]
    assert "not frozen" in why, why
    for y in (2024, 2025):
        q("report", "freeze", "--year", y, "--template", template(), "--json")
    before, n = state(), stand(2025)
    equal(plan(more=("--dry-run",))[REG, 2025], {"register": REG, "year": 2025, "rows": n, "archived": False})
    young = q("--json", "archive", "rows", "--before", "2026", "--register", REG, "--dry-run", now="2026-12-01T10:00:00+08:00").json
    assert "ended less than" in [x["why"] for x in young if x["year"] == 2025][0], young
    # Killed wherever it stands, the figures are right, and the next run goes on to the end.
    for ms in (60, 120):
        p = start([QINGHE, "--db", path(DB), "--now", LATER, "--quiet", "archive", "rows", "--before", "2026", "--register", REG])
        try:
            p.wait(ms / 1000)
        except subprocess.TimeoutExpired:
            p.send_signal(signal.SIGKILL)
        p.wait()
        now = figures()
        equal([k for k, v in before[1].items() if now[k] != v and "archive back" not in (now[k][2] or "")], [], "killed in between")
    check()
    told = plan()
    equal([stand(y) for y in (2024, 2025)], [0, 0])
    check()
    after = figures()
    changed = {k: (v, after[k]) for k, v in before[1].items() if after[k] != v}
    # Different persons of another span than the year are counted from rows: said, not guessed.
    equal({k: x for k, x in changed.items() if len(k[0]) == 4 or "archive back" not in (x[1][2] or "")}, {}, "figures")
    assert 0 < len(changed) < 10, list(changed)
    asked = {k: v for k, v in after.items()}
    q("rebuild", "cells")
    equal(figures() == asked, True, "cells made anew")
    listed = q("--json", "archive", "list").json
    equal([(x["register"], x["year"], x["state"], x["there"]) for x in listed], [(REG, y, "away", True) for y in (2024, 2025)])
    equal(told.get((REG, 2025), {}).get("why"), None)
    years = {x["year"]: x for x in q("--json", "status", "--years", code=None).json["years"]}
    equal((years[2025]["archived"], years[2025]["rows"] > 0), (n, True))
    trace = q("--json", "trace", "study.attend", "--year", "2025").json
    equal(sum(r["contribution"] for r in trace["rows"]) + sum(x["contribution"] for x in trace["archived"]), trace["value"])
    equal(trace["archived"][0]["file"], f"{REG}-2025.ndjson")
    ragged = q("--json", "figures", "--period", "2025-03-03..2025-05-05", "study.attend").json[0]
    assert ragged["value"] is None and "archive back" in ragged["why"], ragged
    # Nobody writes into it.
    row = dict(zip(("id", "on"), rows(path(DB), "SELECT id, published_on FROM study_issue WHERE published_on BETWEEN '2025-01-01' AND '2025-12-31'")[0]))
    r = q("add", REG, f"issue=#{row['id']}", "n=3", code=2)
    assert "closed" in r.err, r.err
    with open(path("late.csv"), "w", encoding="utf-8") as f:
        title = rows(path(DB), f"SELECT title FROM study_issue WHERE id = {row['id']}")[0][0]
        f.write(f"期次,参学人次\n{title},7\n")
    r = q("--json", "import", REG, path("late.csv"), "--org", rows(path(DB), "SELECT code FROM org WHERE id = 2")[0][0], code=1).json
    assert r["inserted"] == 0 and r["rejected"] == 1 and "closed" in r["errors"][0]["message"], r
    # The files by themselves: whole, or the fault is told.
    file = path(DB) + f".archive/{REG}-2025.ndjson"
    equal(run("--json", "verify", "archive", file).json["rows"], n)
    with open(file, "rb") as f:
        lines = f.read().split(b"\n")
    k = len(lines) // 2
    for bad in (lines[:k] + [lines[k].replace(b'"p":', b'"p" :')] + lines[k + 1:], lines[:k] + lines[k + 1:], lines[:k] + [lines[k + 1], lines[k]] + lines[k + 2:],
                lines[:-2] + [b""], lines[:-1], [lines[0].replace(b"2025", b"2023")] + lines[1:], lines[:-1] + [lines[k], b""]):
        with open(path("bad.ndjson"), "wb") as f:
            f.write(b"\n".join(bad))
        run("verify", "archive", path("bad.ndjson"), code=1)
        assert q("archive", "back", path("bad.ndjson"), code=1).code == 1
    part = path(DB) + f".archive/{REG}-2024.ndjson"
    told = q("check", "--json").json["archive"]
    equal((told["looked_at"], told["bad"], told["note"]), (2, 0, None))
    os.rename(part, part + ".kept")
    told = q("check", "--json").json["archive"]
    assert told["bad"] == 0 and f"{REG}-2024.ndjson" in told["note"], told
    with open(part + ".kept", "rb") as f:
        whole = f.read()
    with open(part, "wb") as f:
        f.write(whole[:900] + bytes([whole[900] ^ 1]) + whole[901:])
    told = q("check", "--json", code=1).json["archive"]
    assert told["bad"] == 1 and f"{REG}-2024.ndjson" in told["first"], told
    os.rename(part + ".kept", part)
    q("archive", "back", part)
    q("backup", path("b.parcel"))
    run("restore", path("b.parcel"), "--to", path("r.db"), "--keys-of", path(DB), code=None)
    # Its time over, the file goes and the figures stay.
    late = ("--db", path("r.db"), "--now", "2032-01-20T10:00:00+08:00")
    told = run(*late, "--json", "figures", "--year", "2025").json
    equal(run(*late, "--json", "retention", "--dry-run").json["deleted"] >= n, True)
    copy = path("r.db") + f".archive/{REG}-2025.ndjson"
    os.rename(copy, copy + ".kept")
    q("archive", "back", file)
    equal(os.listdir(path(DB) + ".archive"), [])
    now = state()
    for what, x, y in zip(("digest", "figures", "history", "imported"), before, now):
        equal(x == y, True, what)
    check()
    q("verify", "audit")
    equal(rows(path(DB), "SELECT count(*) FROM archive_cell")[0][0], 0)
    # A backup made while it was away holds the file.
    os.rename(copy + ".kept", copy)
    run("--db", path("r.db"), "--now", LATER, "archive", "back", copy)
    equal(run("--db", path("r.db"), "digest").out, before[0])
    run("--db", path("r.db"), "--now", LATER, "--quiet", "archive", "rows", "--before", "2026", "--register", REG)
    run(*late, "--json", "retention")
    equal([os.path.exists(copy), run(*late, "--json", "figures", "--year", "2025").json == told], [False, True])
    gone = run(*late, "--json", "trace", "study.attend", "--year", "2025").json
    equal((gone["archived"][0]["ended"], gone["gone"][0]["deleted"], gone["value"]), (True, n, trace["value"]))
    run(*late, "check", code=None)


done()
