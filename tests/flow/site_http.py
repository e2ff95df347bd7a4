"""site_http.py -- a city served over HTTP with one visitor who keeps cookies; what the flow tests of the pages share."""
import http.client
import json
import os
import re
import signal
import subprocess
import urllib.parse

from tap import QINGHE, T, equal, run

NOW = "2026-11-24T10:00:00+08:00"
PASSWORD = "a quiet field of rice"


class Site:
    """A served city; one visitor with cookies."""

    def __init__(self, *rows, folder=None):
        self.db = os.path.join(folder or T.dir, "city.db")
        self.code = run("--db", self.db, "--now", NOW, "--json", "init", "--city", "临澜市", "--region", "330100").json["code"]
        for row in rows:
            run("--db", self.db, "--now", NOW, "add", *row)
        self.start()
        self.cookies = {}

    def start(self):
        self.p = subprocess.Popen([QINGHE, "--db", self.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        url = urllib.parse.urlsplit(self.p.stdout.readline().decode().strip())
        self.host = url.netloc

    def ask(self, method, path, form=None, headers=None, cookies=True, raw=None, binary=False):
        c = http.client.HTTPConnection(self.host, timeout=30)
        h = {"Accept-Language": "en", **(headers or {})}
        if cookies and self.cookies:
            h["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        body = raw.encode() if raw is not None else None
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
        c.close()
        return r

    def get(self, path, **k):
        return self.ask("GET", path, **k)

    def json(self, path):
        r = self.get(path, headers={"Accept": "application/json"})
        equal((r.status, r.getheader("Content-Type")), (200, "application/json"), path)
        return json.loads(r.text)

    def claim(self):
        form = {"code": self.code, "handle": "hejing", "password": PASSWORD, "again": PASSWORD}
        return self.ask("POST", "/claim", form)

    def sign_in(self, password=PASSWORD, **more):
        return self.ask("POST", "/sign-in", {"handle": "hejing", "password": password, **more})

    def enter(self):
        equal(self.claim().status, 303)
        r = self.sign_in()
        equal((r.status, r.getheader("Location")), (303, "/"))
        return self

    def csrf(self):
        return re.search(r'name="csrf" value="([^"]+)"', self.get("/me").text)[1]

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        code = self.p.wait(20)
        err = self.p.stderr.read().decode()
        assert "Sanitizer" not in err, err[-3000:]
        return code
