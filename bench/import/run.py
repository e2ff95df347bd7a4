#!/usr/bin/python3
"""bench/import/run.py [BUILD]: 100,000 rows x 12 from .xlsx into service_record with 20,000 new volunteers, against a peer
that merely parses the same file (exceljs, streaming) in the same run.

Goals: no slower than exceljs, a quarter of its memory. Times are of the processor (user and system), with the wall's beside
them; memory is the peak resident set, the database's mapped pages among it. The share of the figures' cells is not taken
here: perf tells it (before_commit)."""
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build"))
QINGHE = os.path.join(BUILD, "qinghe")
SHEET = os.path.join(ROOT, "bench/sheet")
EVENTS, RUNS = 60, 3


def timed(command, **more):
    start = time.monotonic()
    p = subprocess.Popen(command, stdout=subprocess.PIPE, **more)
    out = p.stdout.read().decode().strip()
    _, status, usage = os.wait4(p.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{command}: exit {os.waitstatus_to_exitcode(status)} {out[-500:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, time.monotonic() - start, out


def city(folder, name):
    db = os.path.join(folder, name)
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([QINGHE, "--db", db, "init", "--city", "临澜市", "--region", "3799"], **quiet)
    subprocess.run([QINGHE, "--db", db, "add", "programme", "name=净滩行动", "kind=drive"], **quiet)
    events = os.path.join(folder, "events.csv")
    with open(events, "w", encoding="utf-8") as f:
        f.write("活动名称,系列行动,活动日期,活动时长\n")
        for i in range(EVENTS):
            day = time.strftime("%Y-%m-%d", time.gmtime(1735689600 + i * 6 * 86400))
            f.write(f"净滩行动第{i + 1}期,净滩行动,{day},6\n")
    subprocess.run([QINGHE, "--db", db, "import", "volunteer_event", events], **quiet)
    return db


def ours(folder, file, name):
    best = (1e9, 0, 0, "")
    for i in range(RUNS):
        db = city(folder, f"{name}{i}.db")
        best = min(best, timed([QINGHE, "--db", db, "import", "service_record", file]))
    again = timed([QINGHE, "--db", db, "import", "service_record", file])
    return best, again, db


def main():
    if not os.path.isdir(os.path.join(SHEET, "node_modules")):
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=SHEET, check=True)
    subprocess.run(["ninja", "-C", BUILD, "qinghe", "bench_import_make"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "year.xlsx")
        subprocess.run([f"{BUILD}/bench_import_make", file], check=True)
        own, again, db = ours(folder, file, "city")
        peer = min(timed(["node", f"{SHEET}/peer_exceljs.js", file]) for _ in range(RUNS))
        print(f"100,000 x 12, {os.path.getsize(file) / 1e6:.1f} MB, 20,000 people; best of {RUNS}")
        for name, x in (("import", own), ("imported again", again), ("exceljs, parse", peer)):
            print(f"{name:15} {x[0]:6.2f} s {x[1]:6.1f} MB  wall {x[2]:6.2f} s   {x[3].splitlines()[-1] if x[3] else ''}")
        print(f"time of import / parse by exceljs:   {own[0] / peer[0]:.2f}  (goal 1.00)")
        print(f"memory of import / parse by exceljs: {own[1] / peer[1]:.2f}  (goal 0.25)")
        print(f"cells: {subprocess.run([QINGHE, '--db', db, 'check'], stdout=subprocess.PIPE).stdout.decode().splitlines()[0]}")


main()
