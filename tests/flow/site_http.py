"""site_http.py -- a served city and a visitor with cookies, for flow tests over HTTP; what an authenticator would show.

    s = Site(("volunteer_event", "title=净滩行动", ...)).enter()     the first administrator, claimed, with a second factor
    s.get("/figures").status; s.json("/figures"); s.post("/me/password", ...)    post carries the form's token
"""
import base64
import hashlib
import hmac
import html
import http.client
import json
import os
import re
import signal
import struct
import subprocess
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from tap import QINGHE, T, equal, run, sql, start

NOW = "2026-11-24T10:00:00+08:00"
PASSWORD = "a quiet field of rice"


def totp(secret, at):
    """RFC 6238, six digits, 30 seconds."""
    key = base64.b32decode(secret.replace(" ", ""))
    mac = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


def secret_in(page):
    return re.search(r"secret=([A-Z2-7]{32})|((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", page)[0].split("=")[-1]


def pass_door(ask, now_s):
    """For other clients: sets up the second factor where the door asks for one. ask(method, path, form) -> status, text."""
    page = ask("GET", "/me/second-factor", None).text
    if "/me/second-factor" not in page:
        return
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    equal(ask("POST", "/me/second-factor", {"csrf": token, "code": totp(secret_in(html.unescape(page)), now_s)}).status, 200, "a second factor")


class Browser:
    """Cookies of one browser; Site is one, others are made beside it."""

    def __init__(self, site):
        self.site, self.cookies, self.agent = site, {}, "Mozilla/5.0 (X11; Linux) Chrome/120"
        self.recovery = []

    @property
    def host(self):
        return self.site.address

    def ask(self, method, path, form=None, headers=None, cookies=True, raw=None, binary=False):
        c = http.client.HTTPConnection(self.host, timeout=120)
        h = {"Accept-Language": "en", "User-Agent": self.agent, **(headers or {})}
        if cookies and self.cookies:
            h["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        body = raw.encode() if isinstance(raw, str) else raw
        if form is not None:
            body = urllib.parse.urlencode(form)
            h.setdefault("Content-Type", "application/x-www-form-urlencoded")
            h.setdefault("Origin", "http://" + self.host)
        c.request(method, path, body, h)
        r = c.getresponse()
        r.body = r.read()
        r.text = "" if binary else r.body.decode("utf-8", "replace")
        for k, v in r.getheaders():
            if k == "Set-Cookie" and cookies:
                name, value = v.split(";")[0].split("=", 1)
                self.cookies[name] = value
                if "Max-Age=0" in v:
                    del self.cookies[name]
        c.close()
        return r

    def get(self, path, **k):
        return self.ask("GET", path, **k)

    def json(self, path):
        r = self.get(path, headers={"Accept": "application/json"})
        equal((r.status, r.getheader("Content-Type")), (200, "application/json"), path)
        return json.loads(r.text)

    def csrf(self, path="/me"):
        return re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)[1]

    def post(self, path, form=None, token_from=None, **k):
        """With the token of the page that the form stands on."""
        at = token_from or path
        return self.ask("POST", path, {"csrf": self.csrf(at), **(form or {})}, **k)

    def now(self):
        return self.site.now_s()

    def claim(self, code, handle="hejing"):
        return self.ask("POST", "/claim", {"code": code, "handle": handle, "password": PASSWORD, "again": PASSWORD})

    def enrol(self):
        """Sets up the second factor that the door asks for; the session is whole afterwards."""
        page = self.get("/me/second-factor").text
        self.secret = secret_in(html.unescape(page))
        r = self.post("/me/second-factor", {"code": totp(self.secret, self.now())})
        equal(r.status, 200, "the second factor is set up")
        self.recovery = re.findall(r"<li>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2})</li>", r.text)
        equal(len(self.recovery), 10, "recovery codes")
        return self

    def sign_in(self, password=PASSWORD, handle="hejing", **more):
        return self.ask("POST", "/sign-in", {"handle": handle, "password": password, **more})

    def sign_in_whole(self, **more):
        """With a recovery code: those of the authenticator are good once, and the tests are quicker than its clock."""
        return self.sign_in(code=self.recovery.pop(), **more)

    def enter(self, code, handle="hejing"):
        r = self.claim(code, handle)
        equal(r.status, 303, "claimed")
        if r.getheader("Location").startswith("/me/second-factor"):
            self.enrol()
        return self


def fifty(site, path, form, cookies=None):
    """[(browser, answer)] of fifty who post the same from one moment on, each from an address of its own where the site
    believes this machine's proxy: no measure on an address stands in the way of the race."""
    gate, all_ = threading.Barrier(50), [Browser(site) for _ in range(50)]

    def one(n):
        all_[n].cookies.update(cookies or {})
        gate.wait()
        return all_[n], all_[n].ask("POST", path, form, headers={"X-Forwarded-For": f"198.51.100.{n + 1}"})
    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(one, range(50)))


def one_of_fifty(site, path, form):
    """Who alone got in with a code that is good once; the others are refused and have no session."""
    got = fifty(site, path, form)
    won = [(b, r) for b, r in got if r.status == 303]
    equal(len(won), 1, [r.status for _, r in got])
    equal([r.status for b, r in got if r.status not in (303, 403, 422, 429) or (r.status != 303 and b.cookies)], [], "the others")
    return won[0]


PROXY = ("--proxy", "127.0.0.1")


class Site(Browser):
    def __init__(self, *rows, now=NOW, db=None, serve=(), folder=None):
        self.site, self.now_text, self.serve = self, now, serve
        Browser.__init__(self, self)
        self.db = db or os.path.join(folder or T.dir, "city.db")
        if db is None:
            self.code = run("--db", self.db, "--now", now, "--json", "init", "--city", "临澜市", "--region", "330100").json["code"]
        for row in rows:
            run("--db", self.db, "--now", now, "add", *row)
        self.start()

    def start(self, now=None):
        self.now_text = now or self.now_text
        self.p = start([QINGHE, "--db", self.db, "--now", self.now_text, "serve", "--listen", "127.0.0.1:0", *self.serve],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.began = time.time()
        url = urllib.parse.urlsplit(self.p.stdout.readline().decode().strip())
        self.address = url.netloc

    def now_s(self):
        return datetime.fromisoformat(self.now_text).timestamp() + time.time() - self.began

    def enter(self, code=None, handle="hejing"):
        return Browser.enter(self, code or self.code, handle)

    def claim(self, code=None, handle="hejing"):
        return Browser.claim(self, code or self.code, handle)

    def cli(self, *args, **k):
        return run("--db", self.db, "--now", self.now_text, *args, **k)

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        code = self.p.wait(20)
        err = self.p.stderr.read().decode()
        assert "Sanitizer" not in err, err[-3000:]
        return code

    def later(self, now):
        """The same city at another time: the server is started anew."""
        equal(self.stop(), 0)
        self.start(now)
        return self

    def rows(self, text):
        return sql(self.db, text)
