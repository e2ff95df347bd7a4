#!/usr/bin/python3
"""The street: public pages of a demo city. What is not declared public stands on none of them (values planted in every other
text column, and in rows of other states); sizes; what may be kept; feeds; help and suggestions by a receipt code."""
import csv
import glob
import hashlib
import html
import http.client
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(__file__))
from tap import ENGINE, PROGRAM, QINGHE, T, copy_city, done, equal, rows, run, skip, sql, start, test

NOW = "2026-11-24T10:00:00+08:00"
HERE = os.path.dirname(os.path.abspath(__file__))
ATTACK = os.path.join(os.path.dirname(PROGRAM), "test_guard_suppress")
PAGES = ["/street", "/street/figures", "/street/reports", "/street/verify", "/street/data", "/street/events", "/street/events?month=2026-11", "/street/articles", "/street/posts", "/street/contests",
         "/street/help", "/street/suggest", "/street/receipt", "/street/find?q=a", "/street/nothing"]
FEEDS = ["/street/events.ics", "/street/articles.atom", "/sitemap.xml", "/robots.txt", "/.well-known/security.txt"]


DEMO = tempfile.TemporaryDirectory()  # made once, copied for each test


class Street:
    def __init__(self, plant=None):
        made = os.path.join(DEMO.name, "city.db")
        if not os.path.exists(made + ".key"):
            run("--db", made, "--now", NOW, "--quiet", "demo", "--people", "500", "--year", "2026", "--seed", "11")
        shutil.copytree(DEMO.name, T.dir, dirs_exist_ok=True)
        self.db = os.path.join(T.dir, "city.db")
        copy_city(made, self.db)
        if plant:
            plant(self.db)
        self.serve()

    def serve(self):
        self.p = start([QINGHE, "--db", self.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.host = self.p.stdout.readline().strip().split("//")[1].rstrip("/")

    def ask(self, path, form=None, **headers):
        c = http.client.HTTPConnection(self.host, timeout=120)
        body = urllib.parse.urlencode(form) if form is not None else None
        if form is not None:
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://" + self.host, **headers}
        c.request("POST" if form is not None else "GET", path, body, {"Accept-Language": "en", **headers})
        r = c.getresponse()
        r.body = r.read()
        c.close()
        return r

    def send(self, path, content):
        edge = "edge-of-a-part"
        body = (f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="r.bin"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n").encode() + content + f"\r\n--{edge}--\r\n".encode()
        c = http.client.HTTPConnection(self.host, timeout=120)
        c.request("POST", path, body, {"Accept-Language": "en", "Origin": "http://" + self.host, "Content-Type": f"multipart/form-data; boundary={edge}"})
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
    """What must not be seen, into every text that is not declared public; a column that takes no such word is left."""
    wanted = []
    for reg, (shown, states, texts, public) in public_registers().items():
        if reg in ("org", "person"):
            continue
        wanted += [(reg, f, f"'CANARY-{reg}-{f}-'", "1 = 1") for f in texts - shown]
        if public:
            marks = ", ".join(f"'{x}'" for x in sorted(states))
            wanted += [(reg, f, f"'CANARY-state-{reg}-'", f"state NOT IN ({marks})") for f in texts & shown]
    if ENGINE == "sqlite":
        sql(db, ";".join(f'UPDATE OR IGNORE "{r}" SET "{f}" = {word} || id WHERE {which}' for r, f, word, which in wanted) + "; SELECT 1")
    else:
        rows(db, ";".join(f'DO $$ BEGIN UPDATE "{r}" SET "{f}" = {word} || id WHERE {which}; EXCEPTION WHEN integrity_constraint_violation'
                          " THEN NULL; END $$" for r, f, word, which in wanted))
    planted = sum(int(sql(db, f"SELECT count(*) FROM \"{r}\" WHERE \"{f}\" LIKE 'CANARY%'")) for r, f, _, _ in wanted)
    assert planted > 200, planted


@test
def what_is_not_declared_public_stands_on_no_page_and_in_no_feed():
    s = Street(plant)
    walked = PAGES + FEEDS + s.links()
    assert len(walked) > 50, len(walked)
    for path in walked:
        for lang in ("en", "zh"):
            body = s.ask(path, **{"Accept-Language": lang}).body.decode()
            assert "CANARY" not in body, (path, re.findall(r"CANARY[\w-]+", body)[:3])
    for table, head in (("article", "/street/articles/"), ("post", "/street/posts/"), ("volunteer_event", "/street/events/volunteer_event/")):
        states = public_registers()[table][1]
        others = rows(s.db, f'SELECT id FROM "{table}" WHERE state NOT IN ({",".join("?" * len(states))}) LIMIT 1', *sorted(states))
        for (i,) in others:
            equal(s.ask(head + str(i)).status, 404, table)
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


def nobody_on_duty(db):
    assert int(sql(db, "SELECT count(*) FROM case_member WHERE register = 'rights_station'")) > 5, "the demo has people on duty"
    rows(db, "DELETE FROM case_member WHERE register = 'rights_station'")


@test
def where_nobody_would_read_it_no_message_is_taken_and_numbers_to_call_stand():
    s = Street(nobody_on_duty)
    page = s.text("/street/help")
    assert "Nobody is on duty here" in page and "tel:110" in page and "tel:12355" in page and "<textarea" not in page
    r = s.ask("/street/help", {"kind": "mind", "body": "zzz", "agree": "1"})
    assert r.status == 503 and "Nobody is on duty here" in r.body.decode()
    s.close()


@test
def who_asks_for_help_or_complains_gets_a_code_and_reads_the_answer_by_it():
    s = Street()
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
    s.serve()
    assert "We open at nine now." in s.ask("/street/receipt", {"code": f}).body.decode()
    s.close()


@test
def another_site_cannot_fill_the_forms_and_no_other_field_is_taken():
    s = Street()
    good = {"kind": "complaint", "body": "x"}
    equal(s.ask("/street/suggest", good, Origin="https://evil.example").status, 403)
    equal(s.ask("/street/suggest", {**good, "answer": "mine"}).status, 400)
    s.close()


# ---- open figures ----

def counted(db, period, org):
    flat = {}

    def take(f):
        flat[f["id"]] = f["value"]
        for c in (f.get("companions") or {}).values():
            take(c)
    for f in run("--db", db, "--now", NOW, "figures", "--period", period, "--org", org, "--json").json:
        take(f)
    return flat


def tables_of(t, true):
    """Each whole with its parts, and what stands on no page: beside the units, beside the parts. Yields the attack's input."""
    units = len(t["units"])
    for top in [f for f in t["figures"] if f["part_of"] is None]:
        family, cells, sums = [top], [], []
        for f in family:
            family += [x for x in t["figures"] if x["part_of"] == f["id"]]
        if all(v is not None for f in family for v in f["values"]):
            continue
        column = {}
        for f in family:
            row = [true[u["code"]].get(f["id"]) for u in t["units"]]
            if None in row:  # a figure of a tree that the command line does not list by itself
                row = None
                break
            column[f["id"]] = row + [row[0] - sum(row[1:])]
        if row is None or any(c[-1] < 0 for c in column.values()):
            continue
        at = {}
        for f in family:
            at[f["id"]] = len(cells)
            cells += [(v, 0 if w is not None else 1) for v, w in zip(column[f["id"]], f["values"])] + [(column[f["id"]][-1], 2)]
        for f in family:
            first = at[f["id"]]
            sums.append((first, [first + u for u in range(1, units + 1)]))
            parts = [x for x in family if x["part_of"] == f["id"]]
            if parts:
                other = len(cells)
                cells += [(column[f["id"]][u] - sum(column[x["id"]][u] for x in parts), 2) for u in range(units + 1)]
                sums += [(first + u, [at[x["id"]] + u for x in parts] + [other + u]) for u in range(units + 1)]
        yield top["id"], top["hidden_below"], cells, sums


@test
def open_figures_are_one_table_in_every_form_and_withstand_an_attack():
    if not os.path.exists(ATTACK):
        skip("the attack is not built here")
    s = Street()
    t = json.loads(s.text("/street/figures.json"))
    assert t["period"] == "2025" and len(t["units"]) == 5 and len(t["figures"]) >= 25 and t["left_out"] == 0, t
    hidden = [(f["id"], u["code"]) for f in t["figures"] for u, v in zip(t["units"], f["values"]) if v is None]
    assert len(hidden) > 20, hidden
    lines = list(csv.reader(io.StringIO(s.ask("/street/figures.csv?year=2025").body.decode("utf-8-sig"))))[1:]
    equal({(r[1], r[4]): r[6] for r in lines},
          {(f["id"], u["code"]): "" if v is None else str(v) for f in t["figures"] for u, v in zip(t["units"], f["values"])})
    for u, unit in enumerate(t["units"]):
        page = s.text("/street/figures" + (f"?unit={unit['code']}" if u else ""))
        for f in t["figures"]:
            row = re.search(rf'<a href="/street/figures/{re.escape(f["id"])}\?year=2025">[^<]*</a>(.*?)</li>', page, re.S)[1]
            v = f["values"][u]
            told = re.search(r'<b class="nb">([\d,]+)[ <]', row)
            equal(told and int(told[1].replace(",", "")), v, f"{f['id']} {unit['code']}")
            assert (v is None) == ("not told" in row), row
    for f in t["figures"]:
        page = s.text("/street/figures/" + f["id"])
        equal([int(v.replace(",", "")) for v in re.findall(r'<td class="num">([\d,]+)</td>', page)], [v for v in f["values"][1:] if v is not None], f["id"])
        assert html.escape(f["definition"]["en"], quote=True).replace("&#x27;", "&#39;") in page or f["definition"]["en"] in html.unescape(page)
    equal(s.ask("/street/figures?year=2026").status, 404, "a year that is not published")
    equal(s.ask("/street/figures?unit=nowhere").status, 404)
    true = {u["code"]: counted(s.db, "2025", u["code"]) for u in t["units"]}
    for f in t["figures"]:
        for u, v in zip(t["units"], f["values"]):
            if v is not None and f["id"] in true[u["code"]]:
                equal(v, true[u["code"]][f["id"]], f"{f['id']} {u['code']}")
                assert v >= f["hidden_below"] or (v == 0 and not f["zero_hidden"]) or u is t["units"][0], (f["id"], u, v)
    report = json.loads(rows(s.db, "SELECT body FROM edition WHERE template = 'desk:year:public'")[0][0])
    told = {v["slot"] for v in report["values"] if v["told"]}
    for figure, code in hidden:
        assert f"{figure}@org:{code}" not in told and (code != t["units"][0]["code"] or figure not in told), (figure, code)
    path, n = os.path.join(T.dir, "served"), 0
    with open(path, "w") as out:
        for name, k, cells, sums in tables_of(t, true):
            out.write(f"{name} {k} {len(cells)} {len(sums)}\n" + "".join(f"{v} {kind}\n" for v, kind in cells))
            out.write("".join(f"{total} {len(parts)} {' '.join(map(str, parts))}\n" for total, parts in sums))
            n += 1
    p = subprocess.run([ATTACK], capture_output=True, text=True, env={**os.environ, "QINGHE_SUPPRESS_SERVED": path, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    line = [x for x in p.stdout.splitlines() + p.stderr.splitlines() if "street" in x]
    print("# " + " / ".join(line))
    assert n >= 4 and any(x.startswith("ok") and "SKIP" not in x for x in line) and f"# {n} tables of the street" in " ".join(line), p.stdout[-600:] + p.stderr[-600:]
    s.close()
    # What is entered, mended or deleted later changes nothing of what is published.
    before = t
    rows(s.db, "DELETE FROM counselling_session WHERE id % 2 = 0")
    s.serve()
    equal(json.loads(s.text("/street/figures.json")), before)
    s.close()


def sums_over_time():
    """Figures of rows and sums: a year is its quarters. Persons, stocks and balances are not."""
    import yaml
    out = set()

    def take(name, f, above):
        grain = f.get("grain", above)
        if grain in (None, "row") or (isinstance(grain, dict) and "sum" in grain):
            out.add(name)
        for c, sub in (f.get("companions") or {}).items():
            take(f"{name}.{c}", sub, grain)
    for path in glob.glob(os.path.join(HERE, "../../model/figures/*.yaml")):
        for name, f in (yaml.safe_load(open(path, encoding="utf-8")).get("figures") or {}).items():
            take(name, f, None)
    return out


def publish_again(db, year, figures, kind, period):
    """A public report of another span, as the desk keeps it: what it told and what it withheld."""
    body = dict(year)
    body["period"], body["values"] = period, sorted(({"slot": i, "label": i, "unit": "", "printed": p, "digest": "", "told": v is not None, "value": v or 0, "of": 0,
                                                      "over": 0, "grades": [0, 0, 0, 0]} for i, (p, v) in figures.items()), key=lambda v: v["slot"])
    rows(db, "INSERT INTO edition (id, period, org, template, revision, at, actor, template_digest, body, document, head) SELECT (SELECT MAX(id) + 1 FROM edition), ?, org, ?, 1, "
             "at, actor, template_digest, ?, document, head FROM edition WHERE template = 'desk:year'", period, f"desk:{kind}:public", json.dumps(body))


@test
def no_quarter_follows_from_the_year_and_the_other_quarters_whichever_comes_first():
    s = Street()
    s.close()
    year = json.loads(rows(s.db, "SELECT body FROM edition WHERE template = 'desk:year:public'")[0][0])
    told = {v["slot"]: v["value"] for v in year["values"] if v["told"] and "@" not in v["slot"]}
    quarters = [f"2025Q{i}" for i in range(1, 5)]
    root = year["org"]
    true = [counted(s.db, q, root) for q in quarters]
    over_time = sums_over_time()
    adds = [i for i, v in told.items() if i in over_time and all(x.get(i) is not None for x in true) and sum(x[i] for x in true) == v and v > 0]
    template = os.path.join(T.dir, "q.md")
    with open(template, "w", encoding="utf-8") as f:
        f.write("# 季报\n\n" + "\n\n".join("一、{{%s}}。" % i for i in adds) + "\n")

    def public(period):
        r = run("--db", s.db, "--now", NOW, "--json", "report", "--period", period, "--public", "--draft", "--template", template, "-o",
                os.path.join(T.dir, "q.out.md"), code=None)
        r = r.json
        return {f["slot"]: (f["printed"], None if f["printed"] == "＊" else f["value"]) for f in r["figures"] if f["slot"] in adds}
    rows(s.db, "UPDATE report_edition SET state = 'taken_down' WHERE kind = 'year'")  # whoever has read it knows it
    after = []
    for q in quarters:
        after.append(public(q))
        publish_again(s.db, year, after[-1], "quarter", q)
    unknown = lambda list_, i: [k for k in range(4) if list_[k][i][1] is None]
    lone = [i for i in adds if sum(true[k][i] in range(1, 5) for k in range(4)) == 1]
    for i in adds:
        hidden = unknown(after, i)
        assert len(hidden) != 1, (i, told[i], [x[i] for x in true], [x[i][0] for x in after], "the year gives the one away")
        assert not hidden or sum(true[k][i] for k in hidden) >= 5, (i, [x[i] for x in true], hidden)
        for k in set(range(4)) - set(hidden):
            equal(after[k][i][1], true[k][i], i)
    print(f"# {len(adds)} figures that add up, {len(lone)} with one small quarter, {sum(map(bool, (unknown(after, i) for i in adds)))} with hidden quarters")
    assert len(adds) >= 8 and any(unknown(after, i) for i in adds), (len(adds), lone)
    # The other way round: four quarters stand, then the year is told or withheld so that the hidden quarter stays hidden.
    rows(s.db, "DELETE FROM edition WHERE template IN ('desk:quarter:public', 'desk:year:public')")
    first = []
    for q in quarters[:3]:
        first.append(public(q))
        publish_again(s.db, year, first[-1], "quarter", q)
    whole = public("2025")
    for i in adds:
        hidden = [k for k in range(3) if first[k][i][1] is None]
        if whole[i][1] is not None and hidden:
            rest = sum(true[k][i] for k in hidden) + true[3][i]
            assert rest >= 5, (i, [x[i] for x in true], hidden)
    lost = [i for i in adds if whole[i][1] is None and told[i] >= 10]
    print(f"# behind three quarters the year withholds {len(lost)} numbers that it would tell alone")


@test
def a_units_own_public_report_tells_nothing_that_the_open_figures_hide_of_it():
    s = Street()
    t = json.loads(s.text("/street/figures.json"))
    s.close()
    rows(s.db, "UPDATE report_edition SET state = 'taken_down' WHERE kind = 'year'")  # whoever has read it knows it
    template, out, n = os.path.join(T.dir, "u.md"), os.path.join(T.dir, "u.out.md"), 0
    for u, unit in enumerate(t["units"][1:], 1):
        hidden = [f["id"] for f in t["figures"] if f["values"][u] is None]
        with open(template, "w", encoding="utf-8") as f:
            f.write("# 县报\n\n" + "\n\n".join("一、{{%s}}。" % i for i in hidden) + "\n")
        r = run("--db", s.db, "--now", NOW, "--json", "report", "--year", "2025", "--org", unit["code"], "--public", "--draft", "--template", template, "-o",
                out, code=None).json
        printed = {f["slot"]: f["printed"] for f in r["figures"]}
        for i in hidden:
            equal(printed.get(i, "＊"), "＊", f"{unit['code']} {i}")
        n += len([i for i in hidden if counted(s.db, "2025", unit["code"]).get(i, 0) >= 10])
    print(f"# {n} of them are no small numbers: partners of small ones elsewhere")
    assert n > 0


@test
def a_published_report_is_read_taken_away_and_verified_by_anybody():
    s = Street()
    listed = re.findall(r'href="(/street/reports/\d+)"', s.text("/street/reports"))
    equal(len(listed), 1, "the demo's own; rows without a frozen copy are passed over")
    page = s.text(listed[0])
    assert "2025年关心下一代工作情况报告" in page and "＊" in page and "【待补】" not in page and "临团发〔2026〕3号" in page
    for name in ("report.docx", "evidence.zip"):
        r = s.ask(f"{listed[0]}/{name}")
        equal(r.status, 200)
        digest = hashlib.sha256(r.body).hexdigest()
        assert digest in page, name
        for q in (digest, digest[:16].upper()):
            told = s.ask("/street/verify", {"q": q})
            assert told.status == 200 and "Genuine" in told.body.decode() and "Byte for byte" in told.body.decode()
        whole, changed = s.send("/street/verify", r.body), s.send("/street/verify", r.body[:-1] + b"x")
        assert whole.status == 200 and "Byte for byte" in whole.body.decode()
        assert changed.status == 404 and "none of those that were published" in changed.body.decode()
        if name.endswith("zip"):
            with open(os.path.join(T.dir, "e.zip"), "wb") as f:
                f.write(r.body)
            run("verify", os.path.join(T.dir, "e.zip"))
    told = s.ask("/street/verify", {"q": "临团发〔2026〕3号"}).body.decode()
    assert "Genuine" in told and "Byte for byte" not in told
    equal(s.ask("/street/verify", {"q": "临团发〔2026〕99号"}).status, 404)
    equal(s.ask("/street/verify", {"q": ""}).status, 422)
    equal(s.ask("/street/verify", {"q": "x"}, Origin="https://evil.example").status, 403)
    equal(s.ask(f"{listed[0]}/bundle").status, 404)
    for (i,) in rows(s.db, "SELECT id FROM report_edition WHERE state <> 'published' OR kind <> 'year'"):
        equal(s.ask(f"/street/reports/{i}").status, 404, "not published, or nothing was kept")
    s.close()


@test
def the_page_of_data_protection_says_what_the_declarations_say():
    s = Street()
    page = html.unescape(s.text("/street/data"))
    assert "About personal data: the office of the city committee" in page, "whom to turn to"
    for name in sorted(glob.glob(os.path.join(HERE, "../../model/registers/*.yaml"))):
        t = open(name, encoding="utf-8").read()
        label = re.search(r"^label: \{zh: .*?, en: \"?(.*?)\"?\}$", t, re.M)[1]
        personal = re.search(r"^sensitivity: (personal|minor|sealed)$", t, re.M)
        if personal:
            assert f"<dt>{label} " in page, label
    assert "within 15 days" in page and "/me/consents" in page and "2026.1#" in page and "In numbers, 2025" in page
    s.close()


@test
def a_contest_tells_its_rules_dates_and_awards_and_never_who_and_a_vote_its_count():
    s = Street()
    q = lambda text, *v: rows(s.db, text, *v)
    told = 0
    for contest, name, rules in q("SELECT id, name, rules_text FROM contest WHERE state = 'completed'"):
        page = html.unescape(s.text(f"/street/contests/{contest}"))
        assert name in page and rules in page and "Timeline" in page and "Entries close" in page
        for (stage,) in q("SELECT name FROM contest_stage WHERE contest = ? AND state = 'completed'", contest):
            assert stage in page, stage
        due = q("SELECT e.number FROM award a JOIN entry e ON e.id = a.entry WHERE e.contest = ? AND a.state = 'valid' AND e.state = 'accepted' AND a.public_from <= '2026-11-24'", contest)
        equal(page.count('class="chip done"'), len(due), f"awards of {name}")
        told += len(due)
        assert all((number or "") in page for (number,) in due)
    assert told > 10, told
    first = q("SELECT contest FROM entry WHERE state = 'accepted' GROUP BY contest HAVING COUNT(*) > 9 ORDER BY contest")[0][0]
    ids = [i for (i,) in q("SELECT id FROM entry WHERE contest = ? AND state = 'accepted' ORDER BY id", first)]
    poll, = [i for (i,) in q("SELECT id FROM poll WHERE state = 'published' AND opens_on < '2026' ORDER BY id LIMIT 1")]
    page = s.text(f"/street/votes/{poll}")
    counted = json.loads(run("--db", s.db, "--now", NOW, "--json", "contest", "tally", f"#{poll}").out)
    equal([int(v) for v in re.findall(r'<td class="num">(\d+)</td>', page)], [v["votes"] for v in counted["votes"]][:30])
    equal(s.ask(f"/street/votes/{poll}/board.ndjson").status, 404, "its ballots are not signed")
    s.close()
    # Of four entries no award and no work is told; of a vote that is not published no count.
    q(f"UPDATE entry SET state = 'rejected' WHERE id IN ({','.join(map(str, ids[4:]))})")
    q("UPDATE poll SET state = 'closed' WHERE id = ?", poll)
    s.serve()
    page = s.text(f"/street/contests/{first}")
    assert "so few entries" in page and 'class="chip done"' not in page and "All works" not in page
    page = s.text(f"/street/votes/{poll}")
    assert "The count</h2>" not in page and '<td class="num">' not in page
    s.close()


@test
def a_strangers_host_header_stands_in_no_address():
    s = Street()
    for path in PAGES + FEEDS + s.links():
        for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
            r = s.ask(path, **headers)
            assert b"evil.example" not in r.body and "evil.example" not in str(r.headers), (path, headers)
    assert f'<loc>http://{s.host}/street</loc>' in s.text("/sitemap.xml")
    s.close()


done()
