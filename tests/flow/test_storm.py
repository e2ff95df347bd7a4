#!/usr/bin/python3
"""A storm of kills: many clients write over HTTP with idempotency keys while the server is killed at random and started
again; whoever had no answer asks again with the same key. Every write stands once, none is lost, the city checks clean.
About 12 seconds; QINGHE_LONG=1: some minutes."""
import http.client
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
from site_http import NOW, Site
from tap import done, equal, run, test

LONG = bool(os.environ.get("QINGHE_LONG"))
CLIENTS, KILLS = 24, 60 if LONG else 5


class Storm:
    def __init__(self, site):
        self.site, self.stop, self.lock = site, False, threading.Lock()
        self.acknowledged, self.again, self.faults = {}, 0, []
        self.headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": site.csrf(),
                        "Cookie": "; ".join(f"{k}={v}" for k, v in site.cookies.items())}

    def write(self, name):
        """One write, asked until it is answered; the row's id, or None when told to stop before any answer."""
        body = json.dumps({"name": name, "opens_on": "2026-01-01", "closes_on": "2026-12-31"})
        tries = 0
        while True:
            host = self.site.host
            try:
                c = http.client.HTTPConnection(host, timeout=10)
                c.request("POST", "/r/theme", body, {**self.headers, "Origin": "http://" + host, "Idempotency-Key": name})
                r = c.getresponse()
                text = r.read()
                c.close()
            except (OSError, http.client.HTTPException):
                tries += 1
                time.sleep(0.05)
                continue
            if r.status == 503:
                time.sleep(0.05)
                continue
            with self.lock:
                self.again += tries
            if r.status not in (200, 201):
                raise AssertionError((name, r.status, text))
            return json.loads(text)["id"]

    def client(self, n):
        k = 0
        try:
            while not self.stop:
                name = f"storm-{n}-{k}"
                row = self.write(name)
                with self.lock:
                    self.acknowledged[name] = row
                k += 1
        except Exception as e:  # told at the end: a thread's failure is the test's
            self.faults.append(e)


@test
def every_write_stands_once_through_a_storm_of_kills():
    rng = random.Random(29)
    site = Site().enter()
    storm = Storm(site)
    threads = [threading.Thread(target=storm.client, args=(n,)) for n in range(CLIENTS)]
    for t in threads:
        t.start()
    for _ in range(KILLS):
        time.sleep(0.3 + rng.random())
        site.p.send_signal(signal.SIGKILL)
        site.p.wait()
        site.p.stdout.close()
        site.p.stderr.close()
        site.start()
    time.sleep(0.5)
    storm.stop = True
    for t in threads:
        t.join()
    equal(storm.faults, [])
    equal(site.stop(), 0)
    stands = {}
    out = os.path.join(os.path.dirname(site.db), "theme.ndjson")
    run("--db", site.db, "--now", NOW, "export", "theme", "-o", out)
    with open(out, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if row["name"].startswith("storm-"):
                stands.setdefault(row["name"], []).append(row["id"])
    equal({n: i for n, i in stands.items() if len(i) != 1}, {}, "written twice")
    lost = {n: row for n, row in storm.acknowledged.items() if stands.get(n) != [row]}
    equal(lost, {}, "acknowledged and lost, or another row than was answered")
    equal(set(stands) - set(storm.acknowledged), set(), "all were answered in the end")
    assert storm.again > 0, "no client was ever without an answer"
    run("--db", site.db, "--now", NOW, "check")
    run("--db", site.db, "--now", NOW, "verify", "audit")
    print(f"# {KILLS} points, {len(storm.acknowledged)} acknowledged (lost 0), {storm.again} times asked again")


if __name__ == "__main__":
    done()
