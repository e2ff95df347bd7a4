#!/usr/bin/python3
"""One's own data and the pages of authorisation, over HTTP: /me/data, its copy, requests; /authorisations; /break-glass."""
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.parse
from datetime import datetime
import http.client

sys.path.insert(0, os.path.dirname(__file__))
from site_http import pass_door
from tap import QINGHE, T, done, equal, holders, laid_down, run, sqlite_only, start, test

NOW = "2026-03-02T10:00:00+08:00"
PASSWORD = "a quiet field of rice"


class Visitor:
    """A signed-in browser."""

    def __init__(self, site, who, handle):
        self.site, self.cookies = site, {}
        code = site.q("--json", "account", "code", who).json["code"]
        equal(self.post("/claim", {"code": code, "handle": handle, "password": PASSWORD, "again": PASSWORD}, csrf=False).status, 303)
        pass_door(self.ask, datetime.fromisoformat(NOW).timestamp() + time.time() - site.began)

    def ask(self, method, path, form=None):
        c = http.client.HTTPConnection(self.site.host, timeout=30)
        h = {"Accept-Language": "en", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            h.update({"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://" + self.site.host})
        c.request(method, path, body, h)
        r = c.getresponse()
        r.text = r.read().decode()
        for k, v in r.getheaders():
            if k == "Set-Cookie":
                name, value = v.split(";")[0].split("=", 1)
                self.cookies[name] = value
        c.close()
        return r

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, form, csrf=True):
        if csrf:
            form = {"csrf": re.search(r'name="csrf" value="([^"]+)"', self.get("/me").text)[1], **form}
        return self.ask("POST", path, form)


class Site:
    def __init__(self, made=NOW, before=None):
        self.db, self.now = os.path.join(T.dir, "city.db"), made
        self.q("init", "--city", "临澜市", "--region", "330100")
        self.q("add", "org", "--org", "330100", "code=C1", "name=海州县团委", "kind=county")
        self.child = self.person("欧阳小满", "birth_month=2015-05")
        self.mother = self.person("欧阳母亲")
        self.staff = self.person("县里的人")
        self.boss = self.person("市里的人")
        self.q("account", "grant", "county_staff", self.staff, "--org", "C1")
        self.q("account", "grant", "city_staff", self.boss, "--org", "330100")
        self.q("account", "grant", "leader", self.boss, "--org", "330100")
        self.q("add", "guardianship", "--org", "C1", f"child={self.child}", f"guardian={self.mother}", "kinship=mother", "valid_from=2015-05-01", "verified=booklet", "verified_on=2015-05-01", "state=valid")
        self.q("add", "care_child", "--org", "C1", f"child={self.child}", f"listed_on={made[:4]}-01-05", "risk=high", "wish=CANARY想妈妈", "state=valid")
        self.q("add", "care_kind", "--org", "C1", "listed=#1", "kind=left_behind", "evidence=CANARY证明", "state=valid", code=None)
        if before:
            before(self)
        self.now = NOW
        self.p = start([QINGHE, "--db", self.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.began = time.time()
        self.host = urllib.parse.urlsplit(self.p.stdout.readline().decode().strip()).netloc

    def q(self, *args, code=0, who=None):
        return run("--db", self.db, "--now", self.now, *(("--as", who) if who else ()), *args, code=code)

    def person(self, name, *more):
        return f"#{self.q('--json', 'add', 'person', '--org', 'C1', f'name={name}', *more).json['id']}"

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        equal(self.p.wait(20), 0)
        self.p.stdout.close()
        self.p.stderr.close()


@test
def a_guardian_sees_all_that_is_held_who_looked_and_asks():
    s = Site()
    child = s.child[1:]
    s.q("authorise", "grant", s.staff, "county_staff", "child_care", who=s.boss)
    s.q("show", "care_child", "1", who=s.staff)
    v = Visitor(s, s.mother, "mother")
    equal(v.get("/me/data").status, 200)
    r = v.get(f"/me/data?child={child}")
    equal(r.status, 200)
    for words in ("Child in care register", "县里的人", "authorisation:1"):
        assert words in r.text, (words, r.text[-3000:])
    equal(v.get(f"/me/data?child={s.staff[1:]}").status, 403)
    r = v.get(f"/me/data/copy?child={child}")
    copy = json.loads(r.text)
    assert "attachment" in r.getheader("Content-Disposition")
    rows = {x["register"]: x["rows"] for x in copy["registers"]}
    equal(rows["care_child"][0]["wish"], "CANARY想妈妈")
    equal(rows["person"][0]["name"], "欧阳小满")
    assert {"care_child", "guardianship", "person"} <= set(rows), rows.keys()
    equal([(x["by"], x["registers"]) for x in copy["reads"]], [(int(s.staff[1:]), "care_child")])
    equal(v.post("/me/data/ask", {"child": child, "kind": "delete"}).status, 303)
    equal(v.post("/me/data/ask", {"child": child, "kind": "nonsense"}).status, 400)
    r = v.get(f"/me/data?child={child}")
    assert "Delete" in r.text and "overdue" not in r.text
    # The staff's queue has a clock; a refusal is written and told.
    s.q("do", "answer", "data_request", "1", "granted=false", who=s.staff, code=None)
    s.q("authorise", "grant", s.staff, "county_staff", "data_subject", who=s.boss)
    q = s.q("--json", "list", "data_request", "--where", "state = 'open' and due_on >= today", who=s.staff).json
    equal([(x["kind"], x["due_on"], x["asked_by"]) for x in q], [("delete", "2026-03-23", "guardian")])
    s.q("do", "answer", "data_request", "1", "granted=false", who=s.staff, code=2)
    s.q("do", "answer", "data_request", "1", "granted=false", "refusal=法律要求保存六年", who=s.staff)
    assert "法律要求保存六年" in v.get(f"/me/data?child={child}").text
    s.stop()


@test
def what_lies_in_the_archive_is_told_as_well_and_who_looked_at_it():
    def once(s):
        s.q("add", "pioneer_activity", "--org", "C1", "title=寻访", "kind=classroom", "held_on=2022-05-01", "state=completed")
        for who in (s.mother, s.child, s.staff):
            s.q("add", "pioneer_attendance", "--org", "C1", "activity=#1", f"pioneer={who}", "state=valid")
        s.q("authorise", "grant", s.staff, "county_staff", "pioneers", who=s.boss)
        s.q("show", "pioneer_attendance", "2", who=s.staff)
    s = Site("2022-06-01T10:00:00+08:00", once)
    child, folder = s.child[1:], s.db + ".archive"
    v = Visitor(s, s.mother, "mother")
    before = json.loads(v.get(f"/me/data/copy?child={child}").text)
    assert ("pioneer_attendance" in {x["registers"] for x in before["reads"]}) and "pioneer_attendance" in {x["register"] for x in before["registers"]}, before
    with open(os.path.join(T.dir, "t.md"), "w", encoding="utf-8") as f:
        f.write("# 总结\n\n开展活动{{vol.events}}次。\n")
    s.q("report", "freeze", "--year", "2022", "--template", f.name, code=None)
    told = s.q("--json", "archive", "rows", "--before", "2023", "--register", "pioneer_attendance").json
    equal([(x["year"], x["rows"], x["archived"]) for x in told], [(2022, 3, True)], told)
    s.q("archive", "audit", "--before", "2023-01-01")
    equal(len(os.listdir(folder)), 2)
    # The server that ran meanwhile takes no row of that year any more, and says where those are that it counts.
    s.q("add", "impact_assessment", "subject=寻访", "register_id=pioneer_attendance", "done_on=2026-03-01", "risk=low", "measures_text=只记出席", "valid_until=2027-03-01", "necessary=true")
    staff = Visitor(s, s.staff, "staff")
    r = staff.post("/r/pioneer_attendance/new", {"activity": "寻访", "n": "5", "org": "C1"})
    assert r.status == 409 and "is closed" in r.text, (r.status, re.sub("<[^>]+>", " ", r.text)[-600:])
    s.q("authorise", "grant", s.staff, "county_staff", "pioneers", who=s.boss)
    page = staff.get("/figures/pioneer.attend/trace?period=2022")
    equal(page.status, 200)
    assert "rows in the archive (pioneer_attendance-2022.ndjson)" in page.text and "Nothing has been recorded" not in page.text, page.text[-2500:]
    after = json.loads(v.get(f"/me/data/copy?child={child}").text)
    equal(after["registers"], before["registers"])
    equal([x for x in after["reads"] if x in before["reads"]], before["reads"])
    equal("not_at_hand" in after, False)
    # Another person's rows are found at either end of the file, and nobody's are mixed up.
    mine = json.loads(v.get("/me/data/copy").text)
    equal([[r["pioneer"] for r in x["rows"]] for x in mine["registers"] if x["register"] == "pioneer_attendance"], [[int(s.mother[1:])]])
    os.rename(folder, folder + ".away")
    lost = json.loads(v.get(f"/me/data/copy?child={child}").text)
    equal(lost["not_at_hand"], "pioneer_attendance-2022.ndjson audit")
    assert "pioneer_attendance-2022.ndjson" in v.get(f"/me/data?child={child}").text
    os.rename(folder + ".away", folder)
    s.q("person", "shred", child, "--reason", "监护人要求", "--confirm", child)
    gone = json.loads(v.get(f"/me/data/copy?child={child}").text)
    equal([x["name"] for y in gone["registers"] if y["register"] == "person" for x in y["rows"]], [None])
    s.stop()


@test
def authorisations_are_asked_approved_and_revoked_on_pages():
    s = Site()
    staff, boss = Visitor(s, s.staff, "staff"), Visitor(s, s.boss, "boss")
    equal(staff.get("/r/care_child/1").status, 403)
    ask = {"role": "county_staff", "purpose": "child_care", "reason": "年度复核", "to": "2026-08-31"}
    equal(staff.post("/authorisations/ask", {**ask, "reason": ""}).status, 400)
    equal(staff.post("/authorisations/ask", ask).status, 303)
    equal(staff.post("/authorisations/decide", {"id": "1", "act": "approve"}).status, 403)
    assert "年度复核" in boss.get("/authorisations").text and "Approve" in boss.get("/authorisations").text
    equal(boss.post("/authorisations/decide", {"id": "1", "act": "approve"}).status, 303)
    equal(staff.get("/r/care_child/1").status, 200)
    equal(boss.post("/authorisations/decide", {"id": "1", "act": "revoke"}).status, 303)
    equal(staff.get("/r/care_child/1").status, 403)
    equal(boss.post("/authorisations/duty", {"role": "county_staff", "purpose": "child_care"}).status, 303)
    equal(staff.get("/r/care_child/1").status, 200)
    equal(staff.post("/authorisations/duty", {"role": "county_staff", "purpose": "aid"}).status, 403)
    last = s.q("--json", "audit", "list", "--limit", "1").json[0]
    equal((last["result"], last["address"]), ("denied", "127.0.0.1"))
    for lang in ("zh", "en"):
        equal(staff.get(f"/authorisations?lang={lang}").status, 200)
    s.stop()


@test
def break_glass_is_opened_told_and_reviewed_on_pages():
    s = Site()
    staff, boss = Visitor(s, s.staff, "staff"), Visitor(s, s.boss, "boss")
    r = staff.post("/break-glass/open", {"register": "care_child", "row": "1", "reason": "孩子失联"})
    equal((r.status, r.getheader("Location")), (303, "/r/care_child/1"))
    equal(staff.get("/r/care_child/1").status, 200)
    assert "/break-glass" in boss.get("/").text and "/break-glass" not in staff.get("/").text, "the alert stands on the desk"
    assert "孩子失联" in boss.get("/break-glass").text
    equal(staff.post("/break-glass/review", {"id": "1", "act": "justified", "reason": "x"}).status, 403)
    equal(boss.post("/break-glass/review", {"id": "1", "act": "justified", "reason": "已核实"}).status, 303)
    assert "已核实" in boss.get("/break-glass").text
    equal(staff.post("/break-glass/open", {"register": "mind_file", "row": "1", "reason": "x"}).status, 403)
    rows = s.q("--json", "audit", "list", "--limit", "100").json
    assert {"break_glass", "break_glass_review"} <= {x["action"] for x in rows}
    s.stop()


def declared():
    """Registers as the files declare them: their person, their fields."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../model/registers")
    for name in sorted(os.listdir(folder)):
        t = open(os.path.join(folder, name), encoding="utf-8").read()
        one = lambda key: (re.search(rf"^{key}: (.*)$", t, re.M) or [None, ""])[1]
        fields = re.search(r"^fields:\n(.*?)^\w", t, re.M | re.S)[1]
        yield one("register"), one("person"), {m[1]: (re.search(r"type: (\w+)", m[2])[1], (re.search(r"\bto: (\w+)", m[2]) or [0, None])[1])
                                               for m in re.finditer(r"^  (\w+):(.*?)(?=^  \w+:|\Z)", fields, re.M | re.S)}


@test
def ones_own_copy_holds_a_row_of_every_register_that_can_hold_one():
    sqlite_only("its rows lead to rows that do not stand, which PostgreSQL refuses")
    s = Site()
    me = s.person("全部登记的人")
    v = Visitor(s, me, "everywhere")
    regs = {name: (person, fields) for name, person, fields in declared()}
    own, named, hang = {}, set(), set()
    c = sqlite3.connect(s.db)
    c.execute("PRAGMA foreign_keys = OFF")

    def put(register, **values):
        row = c.execute(f'SELECT coalesce(max(id), 0) + 1 FROM "{register}"').fetchone()[0]
        values = {"id": row, "org": 1, "state": "valid", "version": 1, "entered_by": 0, "entered_at": 1, "changed_by": 0, "changed_at": 1, "source": "form", **values}
        names = ", ".join(f'"{k}"' for k in values)
        c.execute(f'INSERT INTO "{register}"({names}) VALUES ({", ".join("?" * len(values))})', list(values.values()))
        return row
    n = int(me[1:])
    for name, (person, fields) in regs.items():
        if person:
            own[name] = put(name, **{person: n})
        for f, (kind, _) in fields.items():
            if kind == "person" and f != person:
                put(name, **{f: n})
                named.add((name, f))
    own["person"] = n
    for name, (person, fields) in regs.items():
        to = [(f, t) for f, (kind, t) in fields.items() if kind == "ref" and t in own and t != "person"]
        if not person and name != "person" and to:
            put(name, **{to[0][0]: own[to[0][1]]})
            hang.add(name)
    c.commit()
    c.close()
    assert len(own) > 50 and len(named) > 40 and len(hang) > 5, (len(own), len(named), len(hang))
    r = v.get("/me/data/copy")
    equal(r.status, 200, r.text[:300])
    copy = json.loads(r.text)
    told = {x["register"]: x["rows"] for x in copy["registers"]}
    equal(sorted(set(own) | hang), sorted(told), "registers in the copy")
    for name, row in own.items():
        assert row in [x["id"] for x in told[name]], name
    equal(sorted(named), sorted((x["register"], x["as"]) for x in copy["named"]), "where else one is named")
    assert "Also named in" in v.get("/me/data").text
    s.stop()


@test
def a_guardian_consents_online_to_a_text_in_its_version_and_withdraws_it():
    s = Site()
    child = s.child[1:]
    v, staff = Visitor(s, s.mother, "mother"), Visitor(s, s.staff, "staff")
    page = v.get(f"/me/consents?child={child}&lang=zh").text
    assert "为开展心理健康服务" in page and "我已阅读并同意" in page
    version = re.search(r'name="purpose" value="mind"><input type="hidden" name="version" value="([^"]+)"', page)[1]
    assert re.fullmatch(r"2026\.1#[0-9a-f]{8}", version), version
    give = {"child": child, "act": "give", "purpose": "mind", "version": version}
    equal(v.post("/me/consents", {**give, "version": "2025.1#00000000"}).status, 409, "another text than was shown")
    equal(v.post("/me/consents", {**give, "purpose": "nothing"}).status, 422)
    equal(staff.post("/me/consents", give).status, 403, "not the guardian of this child")
    equal(v.post("/me/consents", give).status, 303)
    row = s.q("--json", "show", "consent", "1").json
    equal((row["person"], row["purpose_id"], row["text_version"], row["by_guardian"], row["guardian"], row["verified"], row["given_on"], row["state"]),
          (int(child), "mind", version, 1, int(s.mother[1:]), "account", "2026-03-02", "valid"))
    assert "consented" in v.get(f"/me/consents?child={child}&lang=en").text
    s.q("add", "screening_round", "name=2026春", "instrument=who5", "opens_on=2026-02-20", "closes_on=2026-03-20", "state=completed")
    s.q("add", "sitting", "--org", "C1", "round=2026春", f"person={s.child}", "sat_on=2026-03-02", "score=52", "consent=#1")
    equal(staff.post("/me/consents", {"act": "withdraw", "id": "1"}).status, 403)
    equal(v.post("/me/consents", {"child": child, "act": "withdraw", "id": "1"}).status, 303)
    equal(s.q("--json", "show", "consent", "1").json["state"], "withdrawn")
    assert "Delete" in v.get(f"/me/data?child={child}").text, "its deletion is asked for"
    equal(v.post("/me/consents", give).status, 409, "a second one the same day")
    # Somebody under fourteen does not consent alone; a grown person does.
    media = {"act": "give", "purpose": "media", "version": re.search(r'value="media"><input type="hidden" name="version" value="([^"]+)"', page)[1]}
    equal(Visitor(s, s.child, "child").post("/me/consents", media).status, 422)
    equal(staff.post("/me/consents", media).status, 303)
    s.stop()


@test
def staff_answer_on_a_queue_with_clocks_and_an_objection_is_reviewed_by_another():
    s = Site()
    child = s.child[1:]
    second = s.person("另一位市里的人")
    s.q("account", "grant", "city_staff", second, "--org", "330100")
    v, staff, boss, other = Visitor(s, s.mother, "mother"), Visitor(s, s.staff, "staff"), Visitor(s, s.boss, "boss"), Visitor(s, second, "second")
    equal(v.get("/requests").status, 403, "a resident has no queue")
    for kind in ("delete", "copy"):
        equal(v.post("/me/data/ask", {"child": child, "kind": kind}).status, 303)
    assert "ask for an authorisation" in staff.get("/requests").text
    assert 'value="grant"' not in staff.get("/requests").text
    s.q("authorise", "grant", s.staff, "county_staff", "data_subject", who=s.boss)
    s.q("authorise", "grant", s.boss, "city_staff", "data_subject", "--by", s.staff)
    s.q("authorise", "grant", second, "city_staff", "data_subject", "--by", s.staff)
    page = staff.get("/requests").text
    assert page.count('value="grant"') == 2 and "21 days left" in page, re.findall(r"\d+ days? \w+", page)
    equal(boss.post("/requests", {"id": "1", "act": "refuse"}).status, 422, "a refusal gives its reason")
    equal(boss.post("/requests", {"id": "1", "act": "refuse", "words": "法律要求保存六年"}).status, 303)
    equal(boss.post("/requests", {"id": "1", "act": "grant"}).status, 422, "answered once")
    equal(staff.post("/requests", {"id": "2", "act": "grant", "words": "不会存"}).status, 303)
    page = v.get(f"/me/data?child={child}").text
    assert "法律要求保存六年" in page and page.count("/me/data/object") == 1, "only what was refused can be objected to"
    equal(v.post("/me/data/object", {"child": child, "id": "2", "words": "x"}).status, 400)
    equal(staff.post("/me/data/object", {"id": "1", "words": "x"}).status, 403, "only the person or the guardian objects")
    equal(v.post("/me/data/object", {"child": child, "id": "1", "words": "孩子已离开登记"}).status, 303)
    assert "孩子已离开登记" in v.get(f"/me/data?child={child}").text
    assert "somebody else reviews it" in boss.get("/requests").text
    equal(boss.post("/requests", {"id": "1", "act": "uphold", "words": "仍须保存"}).status, 403, "not by who answered")
    equal(staff.post("/requests", {"id": "1", "act": "uphold", "words": "仍须保存"}).status, 403, "nor by the county")
    assert 'value="uphold"' in other.get("/requests").text
    equal(other.post("/requests", {"id": "1", "act": "change", "words": ""}).status, 422)
    equal(other.post("/requests", {"id": "1", "act": "change", "words": "改为同意，三日内删除"}).status, 303)
    assert "改为同意，三日内删除" in v.get(f"/me/data?child={child}").text
    rows = s.q("--json", "audit", "list", "--limit", "200").json
    assert {"do:answer", "do:contest", "do:review"} <= {x["action"] for x in rows}
    equal(holders(laid_down(s.db), "法律要求保存六年", "孩子已离开登记"), [], "words of a request lie sealed")
    s.stop()


done()
