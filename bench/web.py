#!/usr/bin/python3
"""bench/web.py [--seconds 4]: pages of the running site against nginx serving a static file of the same size. Server on
core 0, wrk on core 1 with 16 connections, rounds interleaved; the unit is requests per second of CPU that the server
used (its process times), which other work on the machine hardly moves. Needs build/qinghe, wrk, nginx."""
import datetime
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
SECONDS = int(sys.argv[sys.argv.index("--seconds") + 1]) if "--seconds" in sys.argv else 4
ROUNDS = 3
NOW = "2026-11-24T10:00:00+08:00"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def wrk(url, headers=()):
    args = ["taskset", "-c", "1", "wrk", "-t1", "-c16", f"-d{SECONDS}", "--latency"]
    for h in headers:
        args += ["-H", h]
    out = subprocess.run([*args, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        sys.exit(url + "\n" + out)
    return int(re.search(r"(\d+) requests in", out)[1]), re.search(r"99%\s+(\S+)", out)[1]


def measure(pids, url, headers=()):
    before = cpu_s(pids)
    n, p99 = wrk(url, headers)
    return n / max(cpu_s(pids) - before, 0.01), p99


def main():
    for need in ("wrk", "nginx", "taskset"):
        if not shutil.which(need):
            sys.exit(f"{need} is not installed")
    d = tempfile.mkdtemp(prefix="qinghe-bench-")
    db = d + "/city.db"
    seed = json.loads(subprocess.run(["/usr/bin/python3", "tests/browser/seed.py", "build/qinghe", db], capture_output=True, text=True, check=True).stdout)
    site = subprocess.Popen(["taskset", "-c", "0", "build/qinghe", "--db", db, "--now", NOW, "serve", "--listen", "127.0.0.1:0"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    base = site.stdout.readline().decode().strip().rstrip("/")
    host = urllib.parse.urlsplit(base).netloc

    def ask(method, path, form=None, headers=None):
        c = http.client.HTTPConnection(host)
        c.request(method, path, urllib.parse.urlencode(form) if form else None,
                  {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
        r = c.getresponse()
        return r, r.read()

    word = "a quiet field of rice"
    def session_of(r):
        return "Cookie: " + [v for k, v in r.getheaders() if v.startswith("session=")][0].split(";")[0] + "; lang=zh"

    r, _ = ask("POST", "/claim", {"code": seed["code"], "handle": "hejing", "password": word, "again": word})
    half = {"Cookie": session_of(r)[8:]}
    _, page = ask("GET", "/me/second-factor", headers=half)
    token = re.search(rb'name="csrf" value="([^"]+)"', page)[1].decode()
    sys.path.insert(0, "tests/flow")
    from site_http import secret_in, totp
    at = datetime.datetime.fromisoformat(NOW).timestamp()
    r, _ = ask("POST", "/me/second-factor", {"csrf": token, "code": totp(secret_in(page.decode()), at)}, half)
    cookie = session_of(r)
    pages = {"list of 25 rows, HTML": ("/r/volunteer_event", []), "list of 25 sealed names, HTML": ("/r/service_record", []),
             "the same, gzip": ("/r/volunteer_event", ["Accept-Encoding: gzip"]),
             "record with history": ("/r/volunteer_event/1", []),
             "list of 62 rows, JSON": ("/r/volunteer_event", ["Accept: application/json"]),
             "small answer": ("/healthz", [])}
    print(f"wrk, 16 connections, {SECONDS} s, best of {ROUNDS} rounds, interleaved; requests per CPU second")
    for name, (path, extra) in pages.items():
        _, body = ask("GET", path, headers=dict(h.split(": ", 1) for h in [cookie, *extra]))
        with open(d + "/page.html", "wb") as f:
            f.write(body)
        conf = d + "/nginx.conf"
        with open(conf, "w") as f:
            f.write(f"""daemon off; master_process off; pid {d}/nginx.pid; error_log /dev/null;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; keepalive_requests 100000000; client_body_temp_path {d}/b; proxy_temp_path {d}/p;
fastcgi_temp_path {d}/f; uwsgi_temp_path {d}/u; scgi_temp_path {d}/s; server {{ listen 127.0.0.1:18099; root {d}; }} }}""")
        peer = subprocess.Popen(["taskset", "-c", "0", "nginx", "-c", conf], stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        ours, theirs, p99 = 0, 0, ""
        for _ in range(ROUNDS):
            n, p = measure([site.pid], base + path, [cookie, *extra])
            if n > ours:
                ours, p99 = n, p
            theirs = max(theirs, measure([peer.pid], "http://127.0.0.1:18099/page.html")[0])
        peer.terminate()
        peer.wait()
        print(f"{name:32} {len(body):6} B  ours {ours:8.0f}  nginx static {theirs:8.0f}  ratio {ours / theirs:.3f}  p99 {p99}", flush=True)
    site.send_signal(signal.SIGTERM)
    site.wait(20)
    shutil.rmtree(d)


main()
