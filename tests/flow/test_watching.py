#!/usr/bin/python3
"""How the server is watched, what its log holds, and what a full disk does: nothing acknowledged is lost, pages can be read."""
import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(__file__))
from site_http import pass_door
from tap import ENGINE, QINGHE, T, done, equal, rows, run, skip, sqlite_only, start, test

PASSWORD = "a quiet field of rice"


class Site:
    def __init__(self, folder, *args, env=None):
        self.db = os.path.join(folder, "city.db")
        self.args, self.env = args, {**os.environ, **(env or {})}
        self.code = run("--db", self.db, "--json", "init", "--city", "临澜市", "--region", "330100").json["code"]
        self.cookies = {}

    def __enter__(self):
        self.err = open(self.db + ".log", "w+")
        self.p = start([QINGHE, "--db", self.db, "serve", "--listen", "127.0.0.1:0", *self.args], stdout=subprocess.PIPE,
                                  stderr=self.err, env=self.env)
        self.host = urllib.parse.urlsplit(self.p.stdout.readline().decode().strip()).netloc
        return self

    def __exit__(self, *what):
        self.p.send_signal(signal.SIGTERM)
        self.p.wait(30)
        self.err.close()

    def log(self):
        return open(self.db + ".log").read()

    def ask(self, method, path, form=None, **headers):
        c = http.client.HTTPConnection(self.host, timeout=30)
        h = {"Accept-Language": "en", **headers}
        if self.cookies:
            h["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            h.update({"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://" + self.host})
        c.request(method, path, body, h)
        r = c.getresponse()
        r.text = r.read().decode("utf-8", "replace")
        for k, v in r.getheaders():
            if k == "Set-Cookie":
                name, value = v.split(";")[0].split("=", 1)
                self.cookies[name] = value
        c.close()
        return r

    def metrics(self):
        r = self.ask("GET", "/metrics")
        equal(r.status, 200)
        return {k: float(v) for k, v in re.findall(r"^qinghe_(\w+) (\S+)$", r.text, re.M)}


@test
def metrics_are_for_this_machine_only_and_count():
    with Site(T.dir) as s:
        before = s.metrics()
        for name in ("queue_jobs", "batch_jobs", "commit_seconds", "wal_bytes", "snapshot_seconds", "cells_wrong", "backup_age_seconds",
                     "disk_free_bytes", "read_only"):
            if name not in before:
                raise AssertionError(f"no {name}: {before}")
        equal(s.ask("POST", "/claim", {"code": s.code, "handle": "hejing", "password": PASSWORD, "again": PASSWORD}).status, 303)
        after = s.metrics()
        if not after["jobs_total"] > before["jobs_total"] or after["commit_seconds_sum"] <= before["commit_seconds_sum"]:
            raise AssertionError(f"{before} {after}")
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
            equal(s.ask("GET", "/metrics", **{header: "203.0.113.7"}).status, 404, header)
    with Site(tempfile.mkdtemp(dir=T.dir), "--origin", "https://qinghe.example") as s:
        equal(s.ask("GET", "/metrics").status, 404, "behind a proxy")


@test
def the_log_is_json_of_ids_and_nothing_can_be_written_into_it():
    with Site(T.dir, "--log") as s:
        evil = "\r\n{\"at\":0,\"person\":1}\x1b[2J张三 330101199001011234"
        s.ask("POST", "/sign-in", {"handle": evil, "password": evil})
        s.ask("GET", "/" + urllib.parse.quote(evil))
        s.ask("GET", "/r/" + urllib.parse.quote("x\ny") + "?q=" + urllib.parse.quote(evil), **{"User-Agent": "a\tb\x1b[31m"})
        time.sleep(0.2)
        lines = s.log().splitlines()
        entries = [json.loads(line) for line in lines]
        if len(entries) < 3:
            raise AssertionError(lines)
        allowed = {"at", "method", "route", "status", "us", "person", "note", "due", "failed", "reader_s", "thread"}
        for e in entries:
            equal(set(e) - allowed, set(), str(e))
        text = s.log()
        for part in ("张三", "330101", "\x1b", "[2J"):
            if part in text:
                raise AssertionError(f"{part!r} is in the log: {text}")


@test
def status_says_what_wants_to_be_looked_at():
    db = os.path.join(T.dir, "city.db")
    run("--db", db, "--now", "2026-11-01T10:00:00+08:00", "init", "--city", "临澜市", "--region", "330100")
    first = run("--db", db, "--now", "2026-11-02T10:00:00+08:00", "--json", "status", code=None)
    equal((first.json["backup_overdue"], first.json["due_overdue"]), (False, 0))
    late = run("--db", db, "--now", "2026-11-20T10:00:00+08:00", "--json", "status", code=1).json
    equal((late["well"], late["backup_overdue"]), (False, True))
    # Growth is noted week by week; what it comes to is told, and a disk that will be full soon is warned of.
    equal(first.json["growth_bytes_per_day"], -1)
    at = lambda day: ("--db", db, "--now", f"2026-{day}T10:00:00+08:00")
    run(*at("11-02"), "due", "run")
    rows(db, "INSERT INTO setting(name, value) VALUES ('filler', ?)", base64.b64encode(os.urandom(3000000)).decode())
    run(*at("11-12"), "due", "run")
    told = run(*at("11-12"), "--json", "status", "--years", code=None).json
    assert 300000 < told["growth_bytes_per_day"] < 600000 and told["used_bytes"] > 4000000, told
    equal(told["years"], [])
    notes = rows(db, "SELECT value FROM setting WHERE name = 'growth'")[0][0]
    equal(len(notes.split(";")), 2)
    rows(db, "UPDATE setting SET value = ? WHERE name = 'growth'", f"{notes.split(':')[0]}:-1000000000000000000")
    told = run(*at("11-12"), "--lang", "en", "status", code=1).out
    if ENGINE == "sqlite":
        assert "the disk is full in 0 days" in told, told


def mounted(megabytes):
    folder = tempfile.mkdtemp(prefix="qinghe-small-")
    p = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], stderr=subprocess.PIPE)
    if p.returncode:
        os.rmdir(folder)
        skip("no right to mount a small disk here")
    return folder


@test
def a_full_disk_makes_the_city_read_only_and_room_makes_it_writable_again():
    sqlite_only("its disk is the server's")
    folder = mounted(48)
    try:
        s = Site(folder, env={"QINGHE_BALLAST_MB": "4"})
        with s:
            equal(s.ask("POST", "/claim", {"code": s.code, "handle": "hejing", "password": PASSWORD, "again": PASSWORD}).status, 303)
            pass_door(s.ask, time.time())
            equal(os.path.getsize(s.db + ".ballast"), 4 << 20)
            filler = os.path.join(folder, "filler")
            with open(filler, "wb", buffering=0) as f:
                try:
                    while True:
                        f.write(b"x" * 4096)
                except OSError:
                    pass
            kept = 0
            for i in range(3000):
                csrf = re.search(r'name="csrf" value="([^"]+)"', s.ask("GET", "/me").text)
                if s.metrics()["read_only"]:
                    break
                whole, s.cookies = s.cookies, {}  # signing in elsewhere is the write
                r = s.ask("POST", "/sign-in", {"handle": "hejing", "password": PASSWORD})
                s.cookies = whole
                kept += r.status == 303
            equal(s.metrics()["read_only"], 1.0, f"after {i} writes, {kept} kept")
            equal(os.path.exists(s.db + ".ballast"), False, "given back")
            home = s.ask("GET", "/")
            equal((home.status, "The disk is full" in home.text), (200, True))
            refused = s.ask("POST", "/sign-in", {"handle": "hejing", "password": PASSWORD})
            equal((refused.status, refused.getheader("Retry-After")), (503, "60"))
            equal(json.loads(s.ask("GET", "/healthz").text)["status"], "read-only")
            os.unlink(filler)
            time.sleep(1.2)
            equal(s.metrics()["read_only"], 0.0, "room again")
            equal(os.path.getsize(s.db + ".ballast"), 4 << 20)
            whole, s.cookies = s.cookies, {}
            equal(s.ask("POST", "/sign-in", {"handle": "hejing", "password": PASSWORD}).status, 303)
            s.cookies = whole
            equal("The disk is full" in s.ask("GET", "/").text, False)
        equal(run("--db", s.db, "verify", "audit").code, 0)
        equal(run("--db", s.db, "check").code, 0)
    finally:
        subprocess.run(["umount", folder])
        os.rmdir(folder)


done()
