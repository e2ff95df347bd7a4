#!/usr/bin/python3
"""HTTP as attackers write it: what two programs could read differently is refused and the connection closed; those who are
slow, large or many do not keep others waiting, and memory stays bounded."""
import os
import re
import resource
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, data, done, equal, run, start, test

SECOND = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Server:
    """One for all tests: it must live through all of them."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="qinghe-")
        db = os.path.join(self.folder.name, "city.db")
        run("--db", db, "init", "--city", "临澜市", "--region", "330100")
        self.p = start([QINGHE, "--db", db, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        url = urllib.parse.urlsplit(self.p.stdout.readline().decode().strip())
        self.at = (url.hostname, url.port)

    def __enter__(self):
        equal(self.p.poll(), None, "the server lives")
        return self

    def __exit__(self, *what):
        equal(self.p.poll(), None, "the server lives")

    def dial(self, timeout=3.0):
        return socket.create_connection(self.at, timeout=timeout)

    def say(self, raw, timeout=3.0):
        """Everything that comes back, and whether the connection was closed."""
        got, closed = b"", False
        with self.dial(timeout) as s:
            try:
                s.sendall(raw)
                while True:
                    piece = s.recv(65536)
                    if not piece:
                        closed = True
                        break
                    got += piece
            except TimeoutError:
                pass
            except ConnectionError:
                closed = True
        return got, closed

    def memory(self):
        with open(f"/proc/{self.p.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) >> 10

    def answers(self):
        got, _ = self.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return got.startswith(b"HTTP/1.1 200")


def statuses(got):
    return [int(m) for m in re.findall(rb"HTTP/1\.[01] (\d{3}) ", got)]


def refused(server, name, raw, allowed=0):
    """No more than `allowed` good answers, and then an error or the end."""
    got, closed = server.say(raw, 14 if name in NEVER_ENDED else 3)
    codes = statuses(got)
    good = [c for c in codes if c < 400]
    if len(good) > allowed or not closed:
        raise AssertionError(f"{name}: answers {codes}, closed {closed}: {raw[:200]!r} -> {got[:200]!r}")


HEAD = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CORPUS = {
    "both lengths": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "both lengths, the other way": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SECOND,
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 9\r\n\r\na=b" + SECOND,
    "two equal lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\na=b" + SECOND,
    "a list of lengths": HEAD + b"Content-Length: 3, 3\r\n\r\na=b" + SECOND,
    "a signed length": HEAD + b"Content-Length: +3\r\n\r\na=b" + SECOND,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n" + SECOND,
    "a length in hex": HEAD + b"Content-Length: 0x3\r\n\r\na=b" + SECOND,
    "an endless length": HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n" + SECOND,
    "no length": HEAD + b"Content-Length: \r\n\r\n" + SECOND,
    "chunked": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n" + SECOND,
    "chunked behind a tab": HEAD + b"Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n" + SECOND,
    "chunked, misspelt": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND,
    "chunked with identity": HEAD + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "a chunk of ffffffffffffffff": HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff0\r\n" + SECOND,
    "a chunk with an extension": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3;\n\r\na=b\r\n0\r\n\r\n" + SECOND,
    "a blank before the colon": HEAD + b"Content-Length : 3\r\n\r\na=b" + SECOND,
    "a folded line": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nY: c\r\n\r\n" + SECOND,
    "a folded length": HEAD + b"X: a\r\n Content-Length: 3\r\nY: b\r\n\r\na=b" + SECOND,
    "bare LF in the request line": b"GET /healthz HTTP/1.1\nHost: x\r\n\r\n" + SECOND,
    "bare LF in the headers": b"GET /healthz HTTP/1.1\r\nHost: x\nX: y\r\n\r\n" + SECOND,
    "bare LF throughout": b"GET /healthz HTTP/1.1\nHost: x\nX: y\n\n" + SECOND,
    "bare CR in a header": b"GET /healthz HTTP/1.1\r\nHost: x\rX: y\r\nZ: 1\r\n\r\n" + SECOND,
    "NUL in a value": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\nY: c\r\n\r\n" + SECOND,
    "NUL in a name": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX\0Y: a\r\n\r\n" + SECOND,
    "a line without a colon": b"GET /healthz HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n" + SECOND,
    "a line that begins with a colon": HEAD + b"X: y\r\n:x\r\nContent-Length: 48\r\n\r\n" + SECOND,
    "a colon alone on its line": HEAD + b"X: y\r\n:\r\nContent-Length: 48\r\n\r\n" + SECOND,
    "a colon and blanks": HEAD + b"X: y\r\n: \t\r\n\r\n" + SECOND,
    "a colon first of all": b"GET /healthz HTTP/1.1\r\n:x\r\nHost: x\r\n\r\n" + SECOND,
    "a colon last of all": b"GET /healthz HTTP/1.1\r\nHost: x\r\n:x\r\n\r\n" + SECOND,
    "bare LF for the empty line": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\n" + SECOND,
    "no host": b"GET /healthz HTTP/1.1\r\nX: y\r\n\r\n" + SECOND,
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + SECOND,
    "a host that is none": b"GET /healthz HTTP/1.1\r\nHost: x/../y\r\n\r\n" + SECOND,
    "version 1.2": b"GET /healthz HTTP/1.2\r\nHost: x\r\n\r\n" + SECOND,
    "version 2.0": b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n" + SECOND,
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SECOND,
    "no version": b"GET /healthz\r\n\r\n" + SECOND,
    "a blank in the address": b"GET /health z HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND,
    "an absolute address": b"GET http://elsewhere/healthz HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND,
    "a header of 40 KB": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40960 + b"\r\n\r\n" + SECOND,
    "ten thousand headers": b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 10000 + b"\r\n" + SECOND,
    "TLS spoken to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
}

NEVER_ENDED = ("TLS spoken to a plain port",)  # no line ends: closed when the time for a head is over


@test
def an_honest_request_is_answered_and_the_connection_kept():
    with SERVER as s:
        got, closed = s.say(SECOND + b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:80\r\nX:y \r\nAccept:\t*/*\r\n\r\n" + SECOND, 1.0)
        equal((statuses(got), closed), ([200, 200, 200], False), repr(got[-300:]))


@test
def what_could_be_read_in_two_ways_is_refused_and_the_connection_closed():
    with SERVER as s:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda x: refused(s, *x), CORPUS.items()))
        equal(s.answers(), True)


def llhttp():
    """(name, raw, messages that were complete before the fault) of each request that llhttp refuses in its strict mode."""
    with tarfile.open(data("suites/llhttp-request-md.tar.gz")) as tar:
        for member in tar.getmembers():
            if not member.name.endswith(".md") or "lenient" in member.name or "pausing" in member.name:
                continue
            text = tar.extractfile(member).read().decode()
            for m in re.finditer(r"^#+ (.*?)\n(.*?)<!-- meta=(\{.*?\}) -->\n```http\n(.*?)\n```\n\n```log\n(.*?)\n```", text, re.M | re.S):
                name, _, meta, raw, log = m.groups()
                if '"type": "request"' not in meta or "error code=" not in log:
                    continue
                raw = re.sub(r"\\(\r\n|\r|\n)", "", raw)
                raw = re.sub(r"\r\n|\r|\n", "\r\n", raw).replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t")
                raw = raw.replace("\\f", "\f")
                raw = re.sub(r"\\x([0-9a-fA-F]{2})", lambda x: chr(int(x[1], 16)), raw)
                yield f"{os.path.basename(member.name)}: {name}", raw.encode("latin-1", "replace"), log.count("message complete")


@test
def what_llhttp_refuses_is_refused():
    with SERVER as s:
        def one(case):
            name, raw, complete = case
            got, closed = s.say(raw + b"\r\n\r\n" if complete == 0 else raw, 0.5)
            if len([c for c in statuses(got) if c < 400]) > complete:
                raise AssertionError(f"{name}: {raw[:300]!r} -> {statuses(got)}")

        with ThreadPoolExecutor(8) as pool:
            n = len(list(pool.map(one, llhttp())))
        equal(s.answers(), True)
    print(f"# {n} malformed requests of llhttp")
    if n < 40:
        raise AssertionError(f"only {n} requests found")


@test
def errors_carry_the_strict_headers_too():
    with SERVER as s:
        for raw, status in ((HEAD + b"Content-Length: 3\r\nContent-Length: 9\r\n\r\n", 400),
                            (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", 411),
                            (HEAD + b"Content-Length: 999999999\r\n\r\n", 413),
                            (b"GET /nothing/here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
                            (b"DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
                            (b"GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
                            (b"GET /assets/no.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404)):
            got, _ = s.say(raw)
            equal(statuses(got)[:1], [status], repr(raw))
            head = got.split(b"\r\n\r\n")[0].decode()
            for want in ("Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff", "Cache-Control: no-store",
                         "Referrer-Policy:", "Cross-Origin-Opener-Policy:", "frame-ancestors 'none'"):
                if want not in head:
                    raise AssertionError(f"{status} without {want}:\n{head}")


@test
def who_is_slow_is_shut_out_and_keeps_nobody_waiting():
    with SERVER as s:
        started = time.monotonic()
        slow = []
        for i in range(200):
            c = s.dial(30)
            c.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX" if i % 2 else HEAD + b"Content-Length: 1000\r\n\r\na")
            slow.append(c)
        ended = {}
        while len(ended) < 100 and time.monotonic() - started < 16:
            for i, c in enumerate(slow):
                if i in ended or i % 2 == 0:
                    continue
                try:
                    c.sendall(b"a")  # a byte now and then, as slowloris does
                    c.settimeout(0.001)
                    if c.recv(1) == b"":
                        ended[i] = time.monotonic() - started
                except TimeoutError:
                    pass
                except OSError:
                    ended[i] = time.monotonic() - started
            equal(s.answers(), True, "others are served")
            time.sleep(0.5)
        equal(len(ended), 100, "slow heads shut out within 16 s")
        if min(ended.values()) < 8:
            raise AssertionError(f"too early: {min(ended.values()):.1f} s")
        for c in slow:
            c.close()


@test
def a_large_body_is_refused_before_it_is_read_and_idle_thousands_cost_little():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with SERVER as s:
        before = s.memory()
        with s.dial() as c:
            c.sendall(HEAD + b"Content-Length: 104857600\r\n\r\n")
            equal(statuses(c.recv(65536)), [413])
        idle = [s.dial() for _ in range(min(2000, hard // 2))]
        equal(s.answers(), True, "beside idle connections")
        grown = s.memory() - before
        print(f"# {len(idle)} idle connections: {grown} MB more")
        if grown > 24 + len(idle) // 100:
            raise AssertionError(f"{grown} MB for {len(idle)} idle connections")
        for c in idle:
            c.close()


SERVER = Server()
done()
