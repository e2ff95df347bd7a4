#!/usr/bin/python3
"""The desk of every role: what waits with its clock, what came back, the boxes of the role; nobody is named, nothing is told
of rows that the role may not read but that a clock has run out."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, T, done, equal, rows, run, start, test

HERE = os.path.dirname(os.path.abspath(__file__))
NOW = "2026-01-20T10:00:00+08:00"
BOXES = {"branch_secretary": "tf", "county_staff": "tfrck", "city_staff": "tfrc", "leader": "tfrc", "case_worker": "to", "lawyer": "to",
         "counsellor": "to", "finance_clerk": "tfo", "finance_approver": "tfo", "host": "to", "judge": "to", "auditor": "tfo",
         "sysadmin": "ta", "secadmin": "ta", "auditadmin": "ta", "child_worker": "to", "partner_contact": "to"}


class City:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="qinghe-desk-")
        self.db = os.path.join(self.dir, "city.db")
        out = subprocess.run(["/usr/bin/python3", os.path.join(HERE, "../browser/roles.py"), QINGHE, self.db, NOW], capture_output=True, text=True)
        assert out.returncode == 0, out.stderr
        self.seed = json.loads(out.stdout)
        self.p = start([QINGHE, "--db", self.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE)
        self.url = self.p.stdout.readline().decode().strip().rstrip("/")

    def get(self, role, path, form=None):
        r = urllib.request.Request(self.url + path, headers={"Cookie": "session=" + self.seed["roles"][role]})
        if form is not None:
            r.data = urllib.parse.urlencode(form).encode()
            r.add_header("Origin", self.url)
        try:
            with urllib.request.urlopen(r, timeout=30) as a:
                return a.status, a.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def sql(self, text, *args):
        return rows(self.db, text, *args)


city = None


def served():
    global city
    if city is None:
        city = City()
    return city


@test
def every_role_has_its_desk_and_no_other():
    c = served()
    for role, wanted in BOXES.items():
        status, page = c.get(role, "/?lang=en")
        equal(status, 200, role)
        shown = {m for m in re.findall(r'aria-labelledby="([a-z])"', page)}
        for box in "tfrcoka":
            expected = box in wanted
            if box in "ck":  # there where the unit has townships, and an authorisation over the whole of it
                continue
            equal(box in shown, expected, f"{role}: box {box}")
    for role in ("student", "volunteer", "guardian"):
        assert '<h2 id="t">' not in c.get(role, "/?lang=en")[1], role  # sent on to what is his own
        for closed in ("/figures", "/report/2025", "/coverage", "/figures/board"):
            equal(c.get(role, closed)[0], 403, f"{role}: {closed}")


@test
def a_line_has_its_clock_and_one_verb():
    c = served()
    page = c.get("county_staff", "/?lang=en")[1]
    lines = re.findall(r"<li><svg class=\"ring\".*?</li>", page, re.S)
    assert len(lines) > 5, len(lines)
    for line in lines:
        equal(len(re.findall(r'<span class="chip', line)), 1, line)
        assert line.count("<a ") in (0, 2), line
    assert "Overdue" in page and re.search(r"\d+ days late", page)


@test
def nobody_is_named_on_a_desk():
    c = served()
    names = set()
    run("--db", c.db, "--now", NOW, "export", "person", "-o", os.path.join(T.dir, "p.json"))
    for p in json.load(open(os.path.join(T.dir, "p.json"), encoding="utf-8")):
        if p.get("name"):
            names.add(p["name"])
    assert len(names) > 100
    for role in BOXES:
        page = c.get(role, "/?lang=zh")[1]
        text = re.sub(r"<[^>]+>", " ", page[page.index("<main"):page.index("</main>")])
        for n in names:
            assert n not in text, f"{role}: a name stands on the desk"


@test
def a_clock_that_ran_out_on_a_closed_row_is_told_as_a_number_alone():
    c = served()
    tasks = json.loads(c.get("county_staff", "/.json")[1])["tasks"]
    closed = [t for t in tasks if t["href"] == ""]
    assert closed, "a mediation is overdue in the demo"
    assert all("#" not in t["label"] + t["detail"] for t in closed)
    # the open ones lead to rows or lists that this role may open
    for t in tasks:
        if t["href"]:
            equal(c.get("county_staff", t["href"])[0], 200, t["href"])


@test
def every_line_of_every_role_leads_somewhere_open():
    c = served()
    for role in BOXES:
        page = c.get(role, "/?lang=en")[1]
        main = page[page.index("<main"):page.index("</main>")]
        for href in sorted(set(re.findall(r'href="([^"#]+)', main))):
            status = c.get(role, href.replace("&amp;", "&"))[0]
            equal(status, 200, f"{role}: {href}")


def found(c, role, q):
    """What the search box gives: {group: [title, ...]}."""
    token = re.search(r'name="csrf" value="([^"]+)"', c.get(role, "/find?lang=en")[1])[1]
    status, page = c.get(role, "/find?lang=en", {"csrf": token, "q": q})
    equal(status, 200, q)
    out = {}
    for part in re.findall(r'<section class="box hits">(.*?)</section>', page, re.S):
        out[re.search(r"<h2>(.*?)</h2>", part)[1]] = re.findall(r'<a href="[^"]+">(.*?)</a>', part)
    return out


@test
def the_search_box_finds_what_the_reader_may_see_and_no_more():
    c = served()
    code, name = c.sql("SELECT code, name FROM org WHERE kind = 'township' ORDER BY id LIMIT 1")[0]
    assert name in found(c, "city_staff", code).get("Units", []), "by code"
    assert name in found(c, "city_staff", name[2:5]).get("Units", []), "by a part of the title"
    title = c.sql("SELECT title FROM volunteer_event WHERE state <> 'void' ORDER BY id DESC LIMIT 1")[0][0]
    assert title in found(c, "city_staff", title[:6]).get("Records", []), title
    equal(found(c, "lawyer", title[:6]).get("Records"), None, "a register that is closed to the role")
    assert "Volunteer attendances" in found(c, "city_staff", "volunteer attend").get("Figures", [])
    assert "Volunteer event" in found(c, "city_staff", "volunteer event").get("Registers", [])
    assert "Coverage" in found(c, "city_staff", "cover").get("Pages", [])
    equal(found(c, "city_staff", "x"), {}, "one letter fits everything, so nothing")
    equal(found(c, "student", "attendances").get("Figures"), None, "residents have no figures")


@test
def titles_are_found_by_their_initials():
    c = served()
    names = [r[0] for r in c.sql("SELECT name FROM programme WHERE name LIKE '%学雷锋%' AND state <> 'void'")]
    assert names and set(found(c, "city_staff", "xlf").get("Records", [])) & set(names), names
    equal(found(c, "city_staff", "xqzvw").get("Records"), None, "no such run of initials")


@test
def children_are_found_by_those_alone_who_may_read_them():
    c = served()
    run("--db", c.db, "--now", NOW, "export", "person", "-o", os.path.join(T.dir, "p.json"))
    child = c.sql("SELECT p.id FROM person p JOIN care_child k ON k.child = p.id WHERE k.state = 'valid' ORDER BY p.id LIMIT 40")
    ids = {r[0] for r in child}
    names = [p["name"] for p in json.load(open(os.path.join(T.dir, "p.json"), encoding="utf-8")) if p.get("id") in ids and p.get("name")]
    assert names
    for role in ("lawyer", "finance_clerk", "judge", "sysadmin", "leader"):
        equal(found(c, role, names[0]).get("People"), None, role)
    c.p.terminate()
    c.p.wait()
    shutil.rmtree(c.dir)


done()
