#!/usr/bin/python3
"""PostgreSQL goes while people write over HTTP: its postmaster is killed and started at once; the whole primary is lost
and its synchronous standby promoted, found by the several hosts of the address; its disk is full and has room again. No acknowledged write is lost, none stands
twice, the city checks clean. Half a minute; QINGHE_LONG=1: ten kills instead of three. Run by ./check faults."""
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

A, B = (tempfile.mkdtemp(prefix="qinghe-pg-", dir="/tmp") for _ in range(2))
KILLS, CLIENTS = 10 if os.environ.get("QINGHE_LONG") else 3, 16


def pg(*args):
    return subprocess.run(["tools/postgres", *args], check=True, capture_output=True, text=True).stdout.strip()


def stop():
    for folder in (A, B):
        subprocess.run(["tools/postgres", "stop", folder], capture_output=True)


atexit.register(stop)
pg("start", A, "durable")
HOSTS = ",".join(d.replace("/", "%2F") for d in (A, B))
os.environ["QINGHE_TEST_DB"] = f"postgresql://qinghe@/qinghe?host={HOSTS}&target_session_attrs=read-write"
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../flow"))
import tap
from site_http import NOW, Site
from tap import done, equal, run, skip, test
from test_storm import Storm

tap._tests.clear()  # those of test_storm itself


class Calm(Storm):
    """A client for whom a server's fault is no answer."""

    def write(self, name):
        while True:
            try:
                return super().write(name)
            except AssertionError as e:
                if e.args[0][1] < 500:
                    raise
                with self.lock:
                    self.again += 1
                time.sleep(0.1)


def storm(during):
    """Clients write while during(site, storm) does its harm; then what they were told is looked up."""
    site = Site().enter()
    s = Calm(site)
    threads = [threading.Thread(target=s.client, args=(n,)) for n in range(CLIENTS)]
    for t in threads:
        t.start()
    try:
        time.sleep(1.5)
        points = during(s)
        time.sleep(1.5)
    finally:
        s.stop = True
        for t in threads:
            t.join()
    equal(s.faults, [])
    equal(site.stop(), 0)
    out = site.db + ".ndjson"
    run("--db", site.db, "--now", NOW, "export", "theme", "-o", out)
    stands = {}
    with open(out, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if row["name"].startswith("storm-"):
                stands.setdefault(row["name"], []).append(row["id"])
    equal({n: i for n, i in stands.items() if len(i) != 1}, {}, "written twice")
    equal({n: r for n, r in s.acknowledged.items() if stands.get(n) != [r]}, {}, "acknowledged and lost")
    equal(set(stands) - set(s.acknowledged), set(), "all were answered in the end")
    run("--db", site.db, "--now", NOW, "check")
    run("--db", site.db, "--now", NOW, "verify", "audit")
    print(f"# {points} points, {len(s.acknowledged)} acknowledged (lost 0), {s.again} times asked again")


def next_answer(s):
    """Seconds until one more write is acknowledged."""
    before, start = len(s.acknowledged), time.monotonic()
    while len(s.acknowledged) == before and time.monotonic() - start < 60:
        time.sleep(0.02)
    return time.monotonic() - start


def small_disk(megabytes):
    """A tablespace on a disk of its own, for all that the role makes from now on; the log stays where it was."""
    folder = tempfile.mkdtemp(prefix="qinghe-small-", dir="/tmp")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], capture_output=True).returncode:
        os.rmdir(folder)
        skip("no right to mount a small disk here")
    shutil.chown(folder, "postgres", "postgres")
    for text in (f"CREATE TABLESPACE small LOCATION '{folder}'", "GRANT CREATE ON TABLESPACE small TO qinghe",
                 "ALTER ROLE qinghe SET default_tablespace = 'small'"):
        subprocess.run(["psql", "-qX", "-U", "postgres", "-h", A, "-d", "qinghe", "-c", text], check=True, capture_output=True)
    return folder


@test
def a_full_disk_of_the_server_makes_the_city_read_only_and_room_makes_it_writable_again():
    folder = small_disk(64)
    try:
        site = Site().enter()
        sent, headers = iter(range(10 ** 6)), Calm(site).headers

        def write():
            body = json.dumps({"name": f"full-{next(sent)}-" + "长" * 60, "slogan": "满" * 40, "opens_on": "2026-01-01", "closes_on": "2026-12-31"})
            return site.ask("POST", "/r/theme", raw=body, headers={**headers, "Origin": "http://" + site.host}).status
        kept = [write() for _ in range(5)]
        equal(set(kept), {201})
        filler = os.path.join(folder, "filler")
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 65536)
            except OSError:
                pass
        n, told = len(kept), 0
        for _ in range(3000):
            told = write()
            n += told == 201
            if told != 201:
                break
        assert told >= 500, (told, n)
        health = json.loads(site.ask("GET", "/healthz").text)["status"]
        home = site.ask("GET", "/")
        equal((health, home.status, "The disk is full" in home.text or "磁盘已满" in home.text), ("read-only", 200, True))
        equal(write(), 503)
        os.unlink(filler)
        start = time.monotonic()
        while json.loads(site.ask("GET", "/healthz").text)["status"] != "ok":
            assert time.monotonic() - start < 20, "room again, and still read-only"
            time.sleep(0.1)
        waited = time.monotonic() - start
        equal(write(), 201)
        n += 1
        equal(site.stop(), 0)
        run("--db", site.db, "--now", NOW, "check")
        run("--db", site.db, "--now", NOW, "verify", "audit")
        stands = len(run("--db", site.db, "--now", NOW, "--json", "list", "theme", "--where", "name != ''", "--limit", 1000).json)
        equal(min(stands, 1000) >= min(n, 1000), True, f"{n} acknowledged, {stands} stand")
        print(f"# 1 points, {n} acknowledged (lost 0), writable again after {waited:.1f} s")
    finally:
        subprocess.run(["psql", "-qX", "-U", "postgres", "-h", A, "-d", "qinghe", "-c", "ALTER ROLE qinghe RESET default_tablespace"], capture_output=True)
        tap.drop_schemas(tap.T.dir)
        subprocess.run(["psql", "-qX", "-U", "postgres", "-h", A, "-d", "qinghe", "-c", "DROP TABLESPACE small"], capture_output=True)
        subprocess.run(["umount", folder])
        os.rmdir(folder)


@test
def a_postmaster_killed_and_started_at_once_costs_a_moment():
    def kill(s):
        waits = []
        for _ in range(KILLS):
            pg("kill", A)
            for _ in range(100):  # "Is another postmaster running", until the old processes are gone
                if subprocess.run(["tools/postgres", "again", A], capture_output=True).returncode == 0:
                    break
                time.sleep(0.1)
            waits.append(next_answer(s))
            time.sleep(0.5)
        print(f"# the next write after each start: {', '.join(f'{w:.2f} s' for w in waits)}")
        return KILLS
    storm(kill)


@test
def a_lost_primary_is_followed_by_its_synchronous_standby():
    pg("standby", B, A)

    def lose(s):
        pg("lose", A)
        start = time.monotonic()
        pg("promote", B)
        promoted = time.monotonic() - start
        next_answer(s)
        print(f"# promoted after {promoted:.1f} s, the first write after {time.monotonic() - start:.1f} s")
        return 1
    storm(lose)


done()
