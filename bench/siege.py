#!/usr/bin/python3
"""siege.py [SECONDS [BESIEGED]]: what a server under attack still does for others. 64 writers with idempotency keys and one
reader, first alone for SECONDS (12), then for BESIEGED (as many) beside 10,000 idle connections (every tenth has asked for a
page), 300 that send their head a piece at a time, and 16 that push bodies of 100 MB, then alone again. Prints writes a second, times, and the curve of the
server's memory: its own, and pages of the database that it has mapped (they stand in the system's cache anyway, and go when
others need room; at most MMAP_BYTES of them). The own part has a bound, net/http.h says which. Every acknowledged write is
looked up at the end. Attackers live in a process of their own; on a small machine they and the writers take their share of
the cores, so read the figures as ratios.

    siege.py 15 330     the long form, whose numbers stand in README.md

The last line is the verdict, and the exit code with it: nothing lost, every page answered, the server's own memory at most
OWN_MAX_MB, and in a siege of JUDGED_S and more level: over its last third it grows by less than GROWTH_MAX."""
import http.client
import json
import multiprocessing
import os
import re
import resource
import select
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/flow"))
from site_http import NOW, Site  # noqa: E402
from tap import run  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 12
BESIEGED = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
WRITERS, IDLE, SLOW, LARGE = 64, 10000, 300, 16
JUDGED_S, GROWTH_MAX, OWN_MAX_MB = 200, 0.05, 200


def hold(at, n, asks, stop, told):
    """n connections that say nothing more; every tenth has asked for one page before. Those that the server shuts come again at
    once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    poll, open_, dialled, ready = select.epoll(), {}, 0, False
    while not stop.is_set():
        for _ in range(min(200, n - len(open_))):
            c = socket.socket()
            c.setblocking(False)
            c.connect_ex(at)
            open_[c.fileno()] = c
            poll.register(c, select.EPOLLRDHUP | select.EPOLLERR | (select.EPOLLOUT if dialled % 10 == 0 and asks else 0))
            dialled += 1
        if len(open_) == n and not ready:
            told.put("ready")
            ready = True
        for fd, what in poll.poll(0.05, 500):
            c = open_[fd]
            if what & (select.EPOLLRDHUP | select.EPOLLERR | select.EPOLLHUP):
                poll.unregister(c)
                open_.pop(fd).close()
            elif what & select.EPOLLOUT:
                poll.modify(c, select.EPOLLRDHUP | select.EPOLLERR)
                try:
                    c.send(b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n")
                except OSError:
                    pass
    told.put({"held": len(open_), "dialled": dialled})


def attack(at, stop, told):
    slow, counts = [], {"slow": 0, "large": 0, "large_bytes": 0, "large_refused": 0}

    def dial():
        return socket.create_connection(at, timeout=2)

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

    def head():
        try:
            c = dial()
            c.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
            return c
        except OSError:
            return None

    for _ in range(LARGE):
        threading.Thread(target=large, daemon=True).start()
    slow = [head() for _ in range(SLOW)]
    while not stop.wait(0.3):
        for i, c in enumerate(slow):
            if stop.is_set():
                break
            try:
                c.send(b"a" * 50)
                counts["slow"] += 50
            except (OSError, AttributeError):
                slow[i] = head()
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
    """MB: the server's own memory, and pages of files that it has mapped (the database's, given back when others need them)."""
    with open(f"/proc/{pid}/status") as f:
        text = f.read()
    own, files, shared = (int(re.search(name + r":\s+(\d+)", text)[1]) / 1024 for name in ("RssAnon", "RssFile", "RssShmem"))
    return own, files + shared


def said(pid):
    return "{:.0f} + {:.0f} MB".format(*memory(pid))


def watch(pid, every, stop, out):
    """A point of the curve each `every` seconds."""
    began = time.monotonic()
    while not stop.wait(every):
        try:
            out.append((time.monotonic() - began, *memory(pid), len(os.listdir(f"/proc/{pid}/fd"))))
        except (OSError, TypeError):
            return


def at(times, share):
    return times[min(len(times) - 1, int(len(times) * share))] if times else float("nan")


def phase(site, headers, tag, seconds):
    out = multiprocessing.Queue()
    w = multiprocessing.Process(target=write_for, args=(site.host, headers, seconds, tag, out))
    w.start()
    reads, failed = read_for(site.host, headers["Cookie"], seconds)
    done, times = out.get()
    w.join()
    print(f"{tag:9} {len(done) / seconds:7.0f} writes/s  p50 {at(times, .5):6.1f}  p99 {at(times, .99):7.1f} ms   "
          f"reads p50 {at(reads, .5):6.1f}  p99 {at(reads, .99):7.1f} ms, {failed} failed   server {said(site.p.pid)}", flush=True)
    return done, failed


def growth(points):
    """Of the server's own memory over the last third: its second half against its first, by their means."""
    last = [p[1] for p in points[len(points) * 2 // 3:]]
    half = len(last) // 2
    return (sum(last[half:]) / len(last[half:])) / (sum(last[:half]) / half) - 1 if half else float("nan")


def verdict(lost, failed, points):
    most, grown = max((p[1] for p in points), default=float("nan")), growth(points)
    faults = [text for bad, text in (
        (lost, f"{lost} acknowledged writes lost"),
        (failed, f"{failed} pages failed"),
        (not most <= OWN_MAX_MB, f"{most:.0f} MB of its own, over {OWN_MAX_MB}"),
        (BESIEGED >= JUDGED_S and not grown < GROWTH_MAX, f"memory grows: {100 * grown:+.1f} % in the last third's second half"),
    ) if bad]
    level = f"{100 * grown:+.1f} % over the last third" if BESIEGED >= JUDGED_S else "too short to say whether it is level"
    print("FAILED: " + "; ".join(faults) if faults else f"held: nothing lost, every page answered, at most {most:.0f} MB, {level}")
    return 1 if faults else 0


def curve(points):
    """Ten spans of a phase: the most of each."""
    if not points:
        return
    spans = [points[len(points) * k // 10:len(points) * (k + 1) // 10] for k in range(10)]
    print("   own MB, most in each tenth:  " + " ".join(f"{max(p[1] for p in s):5.0f}" for s in spans if s))
    print("   files MB, most in each tenth:" + " ".join(f"{max(p[2] for p in s):5.0f}" for s in spans if s))
    print("   descriptors, least:          " + " ".join(f"{min(p[3] for p in s):5}" for s in spans if s))


def besieged(site, headers):
    stop, told, points, end = multiprocessing.Event(), [multiprocessing.Queue(), multiprocessing.Queue()], [], threading.Event()
    host, port = site.host.split(":")
    both = [multiprocessing.Process(target=hold, args=((host, int(port)), IDLE, True, stop, told[0])),
            multiprocessing.Process(target=attack, args=((host, int(port)), stop, told[1]))]
    both[0].start()
    told[0].get()
    both[1].start()
    eye = threading.Thread(target=watch, args=(site.p.pid, 1, end, points))
    eye.start()
    done, failed = phase(site, headers, "besieged", BESIEGED)
    end.set()
    eye.join()
    stop.set()
    idle, counts = told[0].get(), told[1].get()
    for p in both:
        p.join()
    print(f"attack: {idle['held']} idle connections held, {idle['dialled']} dialled; {SLOW} slow heads ({counts['slow']} bytes); "
          f"{counts['large']} bodies of 100 MB begun, {counts['large_refused']} cut off, {counts['large_bytes'] >> 20} MB pushed")
    curve(points)
    return done, failed, points


def main():
    with tempfile.TemporaryDirectory(prefix="qinghe-siege-") as folder:
        site = Site(folder=folder).enter()
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": site.csrf(),
                   "Origin": "http://" + site.host, "Cookie": "; ".join(f"{k}={v}" for k, v in site.cookies.items())}
        print(f"{WRITERS} writers; server {said(site.p.pid)} at rest", flush=True)
        done, failed = phase(site, headers, "alone", SECONDS)
        more, besieged_failed, points = besieged(site, headers)
        done.update(more)
        after, after_failed = phase(site, headers, "after", SECONDS)
        done.update(after)
        site.stop()
        path = os.path.join(folder, "theme.ndjson")
        run("--db", site.db, "--now", NOW, "export", "theme", "-o", path)
        with open(path, encoding="utf-8") as f:
            stands = {r["name"]: r["id"] for r in map(json.loads, f)}
        lost = [n for n, row in done.items() if stands.get(n) != row]
        run("--db", site.db, "--now", NOW, "verify", "audit")
        print(f"acknowledged {len(done)}, lost {len(lost)}")
        return verdict(len(lost), failed + besieged_failed + after_failed, points)


sys.exit(main())
