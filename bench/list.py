#!/usr/bin/python3
"""list.py: a page of 20 rows as JSON, permission-checked, in a small city and in a large one, in one run.

Rows are written straight into the table of service_record (the program reads them like any others); asked over HTTP as
the city's staff would not differ: the same query runs under `qinghe list --json`, whose start-up is measured apart."""
import os
import sqlite3
import subprocess
import sys
import tempfile

QINGHE = os.path.abspath("build/qinghe")
SIZES = (10_000, int(os.environ.get("QINGHE_BENCH_ROWS", "1000000")))


def make(path, n):
    subprocess.run([QINGHE, "--quiet", "--db", path, "demo", "--people", "2000"], check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(path)
    orgs = [r[0] for r in db.execute('SELECT id FROM org WHERE kind IN (\'branch\', \'squad\')')]
    event, day = db.execute("SELECT id, held_on FROM volunteer_event LIMIT 1").fetchone()
    first = db.execute("SELECT max(id) FROM service_record").fetchone()[0] + 1
    db.executemany('INSERT INTO service_record (id, org, state, version, entered_by, entered_at, changed_by, changed_at, '
                   "source, event, n, served_on) VALUES (?, ?, 'valid', 1, 0, 0, 0, 0, 'import', ?, 1, ?)",
                   ((first + i, orgs[i % len(orgs)], event, day) for i in range(n)))
    db.commit()
    county = db.execute("SELECT code FROM org WHERE kind = 'county' LIMIT 1").fetchone()[0]
    branch = db.execute("SELECT code FROM org WHERE id = ?", (orgs[0],)).fetchone()[0]
    db.close()
    subprocess.run([QINGHE, "--quiet", "--db", path, "rebuild", "pages"], check=True)
    return county, branch


def best(args, rounds=15):
    """Processor time in ms, the least of the rounds: other work on the machine does not count."""
    times = []
    for _ in range(rounds):
        p = subprocess.Popen(args, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        if p.returncode:
            sys.exit(f"{args}: exit {p.returncode}")
        times.append(usage.ru_utime + usage.ru_stime)
    return min(times) * 1000


def main():
    with tempfile.TemporaryDirectory() as d:
        seen = {}
        for n in SIZES:
            path = os.path.join(d, f"{n}.db")
            county, branch = make(path, n)
            base = [QINGHE, "--db", path]
            start = best(base + ["list", "org", "--limit", "1", "--json"])
            for scope, extra in (("city", []), ("county", ["--org", county]), ("branch", ["--org", branch])):
                t = best(base + ["list", "service_record", "--limit", "20", "--json", *extra]) - start
                seen.setdefault(scope, []).append(t)
        for scope, (small, large) in seen.items():
            print(f"   {scope:7} {SIZES[0]:>9,} rows {small:6.2f} ms   {SIZES[1]:>10,} rows {large:6.2f} ms   above start-up")


if __name__ == "__main__":
    sys.exit(main())
