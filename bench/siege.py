#!/usr/bin/python3
"""siege.py [SECONDS]: what a server under attack still does for others. 64 writers with idempotency keys and one reader, first
alone, then beside 10,000 idle connections, 300 that send a byte of their head now and then, and 16 that push bodies of 100 MB.
Prints writes a second, times, the server's memory; every acknowledged write is looked up at the end. Attackers live in a
process of their own; on a small machine they and the writers take their share of the cores, so read the figures as ratios."""
import http.client
import json
import multiprocessing
import os
import re
import resource
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/flow"))
from site_http import NOW, Site  # noqa: E402
from tap import run  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 12
WRITERS, IDLE, SLOW, LARGE = 64, 10000, 300, 16


def attack(at, stop, told):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle, slow, counts = [], [], {"idle": 0, "slow": 0, "large": 0, "large_bytes": 0, "large_refused": 0}

    def dial():
        return socket.create_connection(at, timeout=5)

    def large():
        body = b"x" * 65536
        while not stop.is_set():
            try:
                with dial() as c:
                    c.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n")
                    counts["large"] += 1
                    for _ in range(1600):
                        counts["large_bytes"] += c.send(body)
            except OSError:
                counts["large_refused"] += 1
            time.sleep(0.01)

    threads = [threading.Thread(target=large, daemon=True) for _ in range(LARGE)]
    while len(idle) < IDLE and not stop.is_set():
        try:
            idle.append(dial())
        except OSError:
            time.sleep(0.05)
    counts["idle"] = len(idle)
    for _ in range(SLOW):
        try:
            c = dial()
            c.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
            slow.append(c)
        except OSError:
            pass
    for t in threads:
        t.start()
    told.put("ready")
    while not stop.is_set():
        for i, c in enumerate(slow):
            try:
                c.send(b"a")
                counts["slow"] += 1
            except OSError:
                try:
                    slow[i] = dial()
                    slow[i].sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
                except OSError:
                    pass
        for i in range(0, len(idle), 7):  # those that were shut come again
            try:
                if idle[i].recv(1, socket.MSG_DONTWAIT) == b"":
                    idle[i].close()
                    idle[i] = dial()
            except OSError:
                pass
        stop.wait(0.3)
    told.put(counts)


def write_for(host, headers, seconds, tag, out):
    """WRITERS threads, each on one kept connection; acknowledged names with their rows, times in ms."""
    done, times, lock, end = {}, [], threading.Lock(), time.monotonic() + seconds

    def one(n):
        c, k = None, 0
        while time.monotonic() < end:
            name = f"{tag}-{n}-{k}"
            body = json.dumps({"name": name, "opens_on": "2026-01-01", "closes_on": "2026-12-31"})
            began = time.monotonic()
            try:
                c = c or http.client.HTTPConnection(host, timeout=20)
                c.request("POST", "/r/theme", body, {**headers, "Idempotency-Key": name})
                r = c.getresponse()
                text = r.read()
            except (OSError, http.client.HTTPException):
                c = None
                continue
            if r.status in (200, 201):
                with lock:
                    done[name] = json.loads(text)["id"]
                    times.append((time.monotonic() - began) * 1000)
                k += 1

    threads = [threading.Thread(target=one, args=(n,)) for n in range(WRITERS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    out.put((done, sorted(times)))


def read_for(host, cookie, seconds):
    times, failed, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            c = http.client.HTTPConnection(host, timeout=20)
            c.request("GET", "/r/theme", None, {"Cookie": cookie})
            failed += c.getresponse().status != 200
            c.close()
            times.append((time.monotonic() - began) * 1000)
        except OSError:
            failed += 1
        time.sleep(0.05)
    return sorted(times), failed


def memory(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) >> 10


def at(times, share):
    return times[min(len(times) - 1, int(len(times) * share))] if times else float("nan")


def phase(site, headers, tag):
    out = multiprocessing.Queue()
    w = multiprocessing.Process(target=write_for, args=(site.host, headers, SECONDS, tag, out))
    w.start()
    reads, failed = read_for(site.host, headers["Cookie"], SECONDS)
    done, times = out.get()
    w.join()
    print(f"{tag:7} {len(done) / SECONDS:7.0f} writes/s  p50 {at(times, .5):6.1f}  p99 {at(times, .99):7.1f} ms   "
          f"reads p50 {at(reads, .5):6.1f}  p99 {at(reads, .99):7.1f} ms, {failed} failed   server {memory(site.p.pid)} MB")
    return done


def main():
    with tempfile.TemporaryDirectory(prefix="qinghe-siege-") as folder:
        site = Site(folder=folder).enter()
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": site.csrf(),
                   "Origin": "http://" + site.host, "Cookie": "; ".join(f"{k}={v}" for k, v in site.cookies.items())}
        print(f"{WRITERS} writers, {SECONDS:.0f} s each; server {memory(site.p.pid)} MB at rest")
        done = phase(site, headers, "alone")
        stop, told = multiprocessing.Event(), multiprocessing.Queue()
        host, port = site.host.split(":")
        a = multiprocessing.Process(target=attack, args=((host, int(port)), stop, told))
        a.start()
        told.get()
        done.update(phase(site, headers, "besieged"))
        stop.set()
        counts = told.get()
        a.join()
        print(f"attack: {counts['idle']} idle connections, {SLOW} slow heads ({counts['slow']} bytes), {counts['large']} bodies of 100 MB "
              f"begun, {counts['large_refused']} cut off, {counts['large_bytes'] >> 20} MB pushed")
        done.update(phase(site, headers, "after"))
        site.stop()
        path = os.path.join(folder, "theme.ndjson")
        run("--db", site.db, "--now", NOW, "export", "theme", "-o", path)
        with open(path, encoding="utf-8") as f:
            stands = {r["name"]: r["id"] for r in map(json.loads, f)}
        lost = [n for n, row in done.items() if stands.get(n) != row]
        run("--db", site.db, "--now", NOW, "verify", "audit")
        print(f"acknowledged {len(done)}, lost {len(lost)}")
        return 1 if lost else 0


sys.exit(main())
