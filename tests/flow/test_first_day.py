#!/usr/bin/env python3
"""The first day of a new user: ./run, the code that it prints, claiming the account, signing in, the report."""
import html
import http.cookiejar
import os
import re
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from tap import QINGHE, T, done, equal, run, skip, test

WORDS = "a quiet field of rice"


class Visitor:
    """A browser without a screen: follows forms with their hidden fields."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open
        self.last = ""

    def get(self, path):
        with self.open(self.url + path, timeout=20) as r:
            self.last, self.at = r.read().decode(), r.geturl()
        return self.last

    def post(self, path, **fields):
        form = self.get(path)
        hidden = {}
        for tag in re.findall(r"<input[^>]*type=\"?hidden[^>]*>", form):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            hidden[name[1]] = html.unescape(value[1]) if value else ""
        body = urllib.parse.urlencode({**hidden, **fields}).encode()
        q = urllib.request.Request(self.url + path, body, {"Origin": self.url})
        with self.open(q, timeout=20) as r:
            self.last, self.at = r.read().decode(), r.geturl()
        return self.last


def start(argv, env):
    """A server; its lines up to the address."""
    p = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **env})
    lines = []
    for line in p.stdout:
        lines.append(line.strip())
        if line.startswith("http"):
            return p, lines
    raise AssertionError("no address: " + "\n".join(lines) + p.stderr.read())


def stop(p):
    p.send_signal(signal.SIGINT)
    equal(p.wait(timeout=20), 0, "Ctrl-C ends it well")


def code_in(text):
    return re.search(r"\b(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}\b", text)[0]


@test
def run_prints_a_code_that_opens_the_report_and_its_figures_lead_to_rows():
    if os.path.realpath(QINGHE) != os.path.realpath("build/qinghe"):
        skip("the program under test is not the one that ./run builds")
    env = {"QINGHE_DB": T.dir + "/demo.db", "QINGHE_PEOPLE": "600", "LANG": "zh_CN.UTF-8"}
    p, lines = start(["./run", "--listen", "127.0.0.1:0"], env)
    try:
        v = Visitor(lines[-1])
        v.post("/claim", code=code_in("\n".join(lines)), handle="hejing", password=WORDS, again=WORDS)
        assert v.at.split("?")[0].endswith("/me/second-factor"), v.at
        v.get("/figures")
        assert "/me/second-factor" in v.at, "nothing opens before the second factor is set up"
        shown = re.search(r"<b>(\d{6})</b>", v.last)
        assert shown, "a demo shows the code that an authenticator would show"
        v.post("/me/second-factor", code=shown[1])
        equal(len(re.findall(r"<li>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}</li>", v.last)), 10, "recovery codes")
        v.get("/")
        assert "sign-in" not in v.at, v.at
        report = v.get("/report/2025")
        link = re.search(r'href="(/report/2025\?[^"]*figure=vol\.[^"#]*)', report)
        assert link, "no figure in the report leads anywhere"
        note = re.search(r'<aside class="note open".*?</aside>', v.get(html.unescape(link[1])), re.S)[0]
        v.get(html.unescape(re.search(r'href="(/figures/vol\.[^"]*)"', note)[1]))
        row = re.search(r'href="(/r/[a-z_]+/\d+)', v.last)
        if not row:
            trace = re.search(r'href="(/figures/[^"]*/trace[^"]*)"', v.last)
            row = re.search(r'href="(/r/[a-z_]+/\d+)', v.get(html.unescape(trace[1])))
        v.get(row[1])
    finally:
        stop(p)
    p, lines = start(["./run", "--listen", "127.0.0.1:0"], env)  # the second time the account is there
    stop(p)
    assert "hejing" in "\n".join(lines), lines


@test
def a_new_code_replaces_the_one_before_and_says_whose_it_is():
    db = T.dir + "/c.db"
    run("--db", db, "--quiet", "demo", "--people", 600)
    first = code_in(run("--db", db, "account", "code", "leader").out)
    second = run("--db", db, "--json", "account", "code", "leader").json
    assert first != second["code"]
    equal([x["role"] for x in run("--db", db, "--json", "account", "list").json if x["person"] == second["person"]],
          ["leader"], "roles of the leader")


@test
def a_role_is_granted_and_ended_and_refused_where_it_makes_no_sense():
    db = T.dir + "/c.db"
    run("--db", db, "--quiet", "demo", "--people", 600)
    who = "#%d" % run("--db", db, "--json", "account", "list").json[0]["person"]
    run("--db", db, "account", "code", "student", code=2)
    run("--db", db, "account", "grant", "student", who)
    run("--db", db, "account", "code", "student")
    run("--db", db, "--as", who, "account", "code", "student", code=3)
    run("--db", db, "account", "end", "student", who)
    run("--db", db, "account", "end", "student", who, code=2)
    run("--db", db, "account", "grant", "wizard", who, code=2)
    run("--db", db, "account", "code", "#999999", code=2)


@test
def codes_of_a_demo_are_good_on_the_day_it_is_made():
    db = T.dir + "/c.db"
    now = "2031-06-01T09:00:00+08:00"
    code = code_in(run("--db", db, "--now", now, "demo", "--people", 600).out)
    p, lines = start([QINGHE, "--db", db, "--now", now, "serve", "--listen", "127.0.0.1:0"], {})
    try:
        v = Visitor(lines[-1])
        v.post("/claim", code=code, handle="hejing", password=WORDS, again=WORDS)
        assert v.at.split("?")[0].endswith("/me/second-factor"), v.at
    finally:
        stop(p)


@test
def a_demo_stays_on_this_machine_and_another_address_wants_tls():
    db, real = T.dir + "/c.db", T.dir + "/r.db"
    run("--db", db, "--quiet", "demo", "--people", 600)
    assert "127.0.0.1" in run("--db", db, "serve", "--listen", "0.0.0.0:0", code=3).err
    run("--db", real, "init", "--city", "临澜市")
    assert "TLS" in run("--db", real, "--lang", "en", "serve", "--listen", "0.0.0.0:0", code=3).err.upper()


done()
