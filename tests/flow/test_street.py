#!/usr/bin/python3
"""The street: public pages of a demo city. What is not declared public stands on none of them (values planted in every other
text column, and in rows of other states); sizes; what may be kept; feeds; help and suggestions by a receipt code."""
import glob
import http.client
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, T, done, equal, run, sqlite_only, test

NOW = "2026-11-24T10:00:00+08:00"
HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = ["/street", "/street/events", "/street/events?month=2026-11", "/street/articles", "/street/posts", "/street/contests",
         "/street/help", "/street/suggest", "/street/receipt", "/street/find?q=a", "/street/nothing"]
FEEDS = ["/street/events.ics", "/street/articles.atom", "/sitemap.xml", "/robots.txt", "/.well-known/security.txt"]


class Street:
    def __init__(self, plant=None):
        self.db = os.path.join(T.dir, "city.db")
        run("--db", self.db, "--now", NOW, "--quiet", "demo", "--people", "500", "--year", "2026", "--seed", "11")
        if plant:
            plant(self.db)
        self.p = subprocess.Popen([QINGHE, "--db", self.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.host = self.p.stdout.readline().strip().split("//")[1].rstrip("/")

    def ask(self, path, form=None, **headers):
        c = http.client.HTTPConnection(self.host, timeout=30)
        body = urllib.parse.urlencode(form) if form is not None else None
        if form is not None:
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://" + self.host, **headers}
        c.request("POST" if form is not None else "GET", path, body, {"Accept-Language": "en", **headers})
        r = c.getresponse()
        r.body = r.read()
        c.close()
        return r

    def text(self, path):
        return self.ask(path).body.decode()

    def links(self):
        out = []
        for page in PAGES:
            out += [x for x in re.findall(r'href="(/street/[^"?#]+)"', self.text(page)) if x not in out]
        return out

    def close(self):
        self.p.send_signal(signal.SIGTERM)
        equal(self.p.wait(20), 0)


def public_registers():
    """Of each register: shown fields, states, text fields that are not shown; read from the files themselves."""
    out = {}
    for name in sorted(glob.glob(os.path.join(HERE, "../../model/registers/*.yaml"))):
        t = open(name, encoding="utf-8").read()
        reg = re.search(r"^register: (\w+)", t)[1]
        block = re.search(r"^public:\n((?:  .*\n?)+)", t, re.M)
        shown, states = set(), set()
        if block:
            for key, value in re.findall(r"^  (\w+): (.*)$", block[1], re.M):
                if key == "states":
                    states = set(re.findall(r"\w+", value))
                elif key not in ("as", "when"):
                    shown |= set(re.findall(r"\w+", value))
        fields = re.search(r"^fields:\n(.*?)^\w", t, re.M | re.S)[1]
        texts = {m[1] for m in re.finditer(r"^  (\w+): \{type: text(?!.*sealed: true)(?!.*unique)", fields, re.M)}
        out[reg] = (shown, states, texts, bool(block))
    return out


def plant(db):
    c = sqlite3.connect(db)
    planted = 0
    for reg, (shown, states, texts, public) in public_registers().items():
        if reg in ("org", "person"):
            continue
        for f in texts - shown:
            planted += c.execute(f'UPDATE OR IGNORE "{reg}" SET "{f}" = \'CANARY-{reg}-{f}-\' || id').rowcount
        if public:
            marks = ",".join("?" * len(states))
            for f in texts & shown:
                planted += c.execute(f'UPDATE OR IGNORE "{reg}" SET "{f}" = \'CANARY-state-{reg}-\' || id WHERE state NOT IN ({marks})', sorted(states)).rowcount
    c.commit()
    c.close()
    assert planted > 200, planted


@test
def what_is_not_declared_public_stands_on_no_page_and_in_no_feed():
    sqlite_only()
    s = Street(plant)
    walked = PAGES + FEEDS + s.links()
    assert len(walked) > 50, len(walked)
    for path in walked:
        for lang in ("en", "zh"):
            body = s.ask(path, **{"Accept-Language": lang}).body.decode()
            assert "CANARY" not in body, (path, re.findall(r"CANARY[\w-]+", body)[:3])
    c = sqlite3.connect(s.db)
    for table, head in (("article", "/street/articles/"), ("post", "/street/posts/"), ("volunteer_event", "/street/events/volunteer_event/")):
        states = public_registers()[table][1]
        row = c.execute(f'SELECT id FROM "{table}" WHERE state NOT IN ({",".join("?" * len(states))})', sorted(states)).fetchone()
        if row:
            equal(s.ask(head + str(row[0])).status, 404, table)
    equal(s.ask("/street/events/person/1").status, 404, "no register that is not an event")
    equal(s.ask("/street/events/care_child/1").status, 404)
    s.close()


@test
def a_page_is_small_kept_by_its_tag_without_script_and_with_the_hotlines():
    s = Street()
    sheet = re.search(r'href="(/assets/qinghe-\w+\.css)"', s.text("/street"))[1]
    css = len(s.ask(sheet, **{"Accept-Encoding": "gzip"}).body)
    for path in PAGES[:-1] + s.links():
        r = s.ask(path, **{"Accept-Encoding": "gzip"})
        equal(r.status, 200, path)
        if not r.getheader("Content-Type").startswith("text/html"):
            continue
        plain = s.text(path)
        js = len(s.ask(m[1], **{"Accept-Encoding": "gzip"}).body) if (m := re.search(r'script src="([^"]+)"', plain)) else 0
        assert len(r.body) + css + js <= 40960, (path, len(r.body), css, js)
        for n in ("tel:12355", "tel:12356", "tel:110"):
            assert n in plain, (path, n)
        quiet = path in ("/street/help", "/street/suggest", "/street/receipt")
        equal("data-leave" in plain, quiet, path)
        equal("<script" in plain, quiet, path)
        if quiet:
            equal(r.getheader("Cache-Control"), "no-store", path)
        else:
            assert r.getheader("Cache-Control").startswith("public"), path
            again = s.ask(path, **{"If-None-Match": r.getheader("ETag")})
            equal((again.status, again.body), (304, b""), path)
    equal((s.ask("/").status, s.ask("/").getheader("Location")), (303, "/street"), "a stranger's front page")
    assert "<title>临澜市</title>" in s.text("/street/help"), "a help page's title says nothing"
    s.close()


@test
def calendars_and_feeds_hold_for_readers_that_are_not_ours():
    from icalendar import Calendar
    s = Street()
    cal = Calendar.from_ical(s.ask("/street/events.ics").body)
    events = [e for e in cal.walk("VEVENT")]
    assert len(events) > 5, len(events)
    for e in events:
        assert e["UID"] and e["SUMMARY"] and e["DTSTART"].dt and e["DTSTAMP"].dt, e
    equal(len({str(e["UID"]) for e in events}), len(events), "each has its own name")
    for line in s.ask("/street/events.ics").body.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line, line
    one = re.search(r'href="(/street/event\.ics/[^"]+)"', "".join(s.text(x) for x in s.links() if x.startswith("/street/events/")))[1]
    equal(len(list(Calendar.from_ical(s.ask(one).body).walk("VEVENT"))), 1)
    feed = ET.fromstring(s.ask("/street/articles.atom").body)
    ns = "{http://www.w3.org/2005/Atom}"
    entries = feed.findall(ns + "entry")
    assert len(entries) > 5
    for e in [feed, *entries]:
        assert e.find(ns + "id").text and e.find(ns + "title").text and re.match(r"\d{4}-\d\d-\d\dT", e.find(ns + "updated").text)
    ET.fromstring(s.ask("/sitemap.xml").body)
    txt = s.text("/.well-known/security.txt")
    assert re.search(r"^Contact: http", txt, re.M) and re.search(r"^Expires: \d{4}-\d\d-\d\dT00:00:00Z$", txt, re.M), txt
    s.close()


def code_of(r):
    return re.search(r'<p class="big mono">([0-9A-Z-]+)</p>', r.body.decode())[1]


def somebody_on_duty(db):
    with sqlite3.connect(db) as d:
        person = d.execute("SELECT min(id) FROM person").fetchone()[0]
        for (station,) in d.execute("SELECT id FROM rights_station WHERE state = 'valid'").fetchall():
            d.execute("INSERT INTO case_member VALUES (?,'rights_station',?,?,'case_worker','2025-01-01','9999-12-31',0,1)", (9000 + station, station, person))
    d.close()


@test
def where_nobody_would_read_it_no_message_is_taken_and_numbers_to_call_stand():
    s = Street()
    page = s.text("/street/help")
    assert "Nobody is on duty here" in page and "tel:110" in page and "tel:12355" in page and "<textarea" not in page
    r = s.ask("/street/help", {"kind": "mind", "body": "zzz", "agree": "1"})
    assert r.status == 503 and "Nobody is on duty here" in r.body.decode()
    s.close()


@test
def who_asks_for_help_or_complains_gets_a_code_and_reads_the_answer_by_it():
    s = Street(somebody_on_duty)
    words = "zzz nobody must find this zzz"
    bad = s.ask("/street/help", {"kind": "mind", "body": words})
    equal((bad.status, words in bad.body.decode()), (422, True), "the text stays in the form")
    r = s.ask("/street/help", {"kind": "mind", "harm": "bullying", "body": words, "reach": "QQ", "minor": "1", "agree": "1"})
    equal((r.status, r.getheader("Cache-Control")), (200, "no-store"))
    code = code_of(r)
    assert words not in r.body.decode()
    raw = b"".join(open(f, "rb").read() for f in glob.glob(s.db + "*"))
    assert words.encode() not in raw and code.replace("-", "").encode() not in raw, "sealed"
    told = s.ask("/street/receipt", {"code": code.lower()})
    equal(told.status, 200)
    assert "Open" in told.body.decode() and words not in told.body.decode() and "QQ" not in told.body.decode()
    equal(s.ask("/street/receipt", {"code": "0000-0000-0000-0000"}).status, 404)
    f = code_of(s.ask("/street/suggest", {"kind": "complaint", "about": "opening hours", "body": "always closed"}))
    s.close()
    c = run("--db", s.db, "--now", NOW, "--json", "list", "contact", "--where", "consented_to = 'street-help-1'").out
    assert "bullying" in c and "street-help-1" in c, c
    assert json.loads(c)[0]["station"], "it reached a station with people"
    rows = run("--db", s.db, "--now", NOW, "list", "feedback", "--where", "about = 'opening hours'").out
    row = re.search(r"#(\d+)", rows)[1]
    run("--db", s.db, "--now", NOW, "do", "answer", "feedback", row, "answer=We open at nine now.")
    s.p = subprocess.Popen([QINGHE, "--db", s.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    s.host = s.p.stdout.readline().strip().split("//")[1].rstrip("/")
    assert "We open at nine now." in s.ask("/street/receipt", {"code": f}).body.decode()
    s.close()


@test
def another_site_cannot_fill_the_forms_and_no_other_field_is_taken():
    s = Street()
    good = {"kind": "complaint", "body": "x"}
    equal(s.ask("/street/suggest", good, Origin="https://evil.example").status, 403)
    equal(s.ask("/street/suggest", {**good, "answer": "mine"}).status, 400)
    s.close()


done()
