#!/usr/bin/python3
"""Coverage: the day of the last activity of a township is that of any unit there, held together or alone; what was only
planned does not count; after 90 days without one it is listed; the page and the command say the same."""
import datetime
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, run, test


def q(*args, **kw):
    return run("--db", os.path.join(T.dir, "v.db"), "--now", "2025-12-31T10:00:00+08:00", "--lang", "en", *args, **kw)


def units(on="2025-12-31", *more):
    r = q("--json", "coverage", "--on", on, *more, code=None)
    return r.code, {u["name"]: (u["last"], u["days"], u["silent"]) for u in r.json}


def org(code, name, kind, parent):
    q("add", "org", f"code={code}", f"name={name}", f"kind={kind}", f"parent={parent}", "founded=2020-01-01")


def event(title, day, owner, *more):
    q("add", "volunteer_event", f"title={title}", f"held_on={day}", "--org", owner, *more)


@test
def a_township_is_as_old_as_its_last_activity():
    q("init", "--city", "临澜市", "--region", "3399")
    org("A", "共青团东浦区委员会", "county", "临澜市")
    for code, name in (("A1", "柳河镇团委"), ("A2", "石门乡团委"), ("A3", "云脊乡团委")):
        org(code, name, "township", "A")
    org("A11", "柳河村团支部", "branch", "A1")
    org("A21", "石门村团支部", "branch", "A2")
    equal(units(), (1, {n: (None, None, True) for n in ("柳河镇团委", "石门乡团委", "云脊乡团委")}))
    event("净滩", "2025-12-01", "A11", "state=completed")
    event("看望", "2025-10-02", "A2", "state=completed")
    event("植树", "2025-10-01", "A3", "state=completed")
    event("还没办", "2025-12-30", "A3", "state=planned")
    code, found = units()
    equal(found["柳河镇团委"], ("2025-12-01", 30, False))
    equal(found["石门乡团委"], ("2025-10-02", 90, False), "the ninetieth day is not over")
    equal(found["云脊乡团委"], ("2025-10-01", 91, True), "planned is not held")
    equal(code, 1)
    equal(units("2025-10-15")[1]["柳河镇团委"], (None, None, True), "what came later was not yet there")


@test
def schools_have_a_map_of_their_own():
    import re
    from site_http import NOW, Site
    org = lambda code, name, kind, parent, *more: ("org", f"code={code}", f"name={name}", f"kind={kind}", f"parent={parent}", "founded=2020-01-01", *more)
    s = Site(org("A", "东浦区团委", "county", "330100"), org("A1", "柳河镇团委", "township", "A"), org("S1", "东浦一中团委", "committee", "A1", "school_kind=junior"),
             org("S2", "柳河小学大队", "brigade", "A1", "school_kind=primary"), org("S11", "一中一班团支部", "branch", "S1", "school_kind=junior"),
             org("E1", "船厂团委", "committee", "A1"), ("volunteer_event", "title=净滩", "held_on=2026-11-01", "--org", "S11", "state=completed"), folder=T.dir).enter()
    names = lambda query: {u["name"]: u["days"] for u in s.json("/coverage" + query)}
    equal(names(""), {"柳河镇团委": 23})
    equal(names("?of=schools"), {"东浦一中团委": 23, "柳河小学大队": None}, "a school's classes count for it; a yard is no school")
    page = s.get("/coverage?of=schools&lang=en").text
    assert "2 schools, 1 with an activity in the last 90 days" in page and re.search(r'of=schools"[^>]*aria-current="page"', page), page[-2500:]
    told = s.json("/appraisal?period=2026")
    equal([(u["name"], u["score"], [i["item"] for i in u["items"] if i["points"] is None][:1]) for u in told],
          [(n, None, ["team"]) for n in ("船厂团委", "东浦一中团委", "一中一班团支部")], "branches and committees take part, no brigade")
    equal(run("--db", s.db, "--now", NOW, "--lang", "en", "--json", "appraise", "--year", "2026", code=1).json, told, "the page says what the command says")
    s.stop()


@test
def the_demo_city_equals_a_count_from_its_exports():
    """Owners and co-hosts climb the chain of parents; dates and states are read from the exported rows."""
    held = {"volunteer_event": ("held_on", {"completed"}), "lecture_session": ("held_on", {"delivered", "completed"}),
            "mind_lecture": ("held_on", {"delivered", "completed"}), "league_day": ("held_on", {"accepted"}),
            "culture_event": ("held_on", {"completed"}), "pioneer_activity": ("held_on", {"completed"}),
            "netciv_event": ("held_on", {"completed"}), "training_class": ("ended_on", {"completed"})}

    def rows(register):
        out = os.path.join(T.dir, register + ".json")
        q("export", register, "-o", out)
        with open(out, encoding="utf-8") as f:
            return json.load(f)
    q("--quiet", "demo", "--people", 2000, "--year", 2025, "--seed", 5)
    orgs = {o["id"]: o for o in rows("org")}
    last = {}
    together = 0
    for register, (date, states) in held.items():
        for row in rows(register):
            if row["state"] not in states or not row[date] or row[date] > "2025-12-31":
                continue
            hosts = {row["org"]} | {int(h) for h in (row.get("cohosts") or "").split(",") if h}
            together += len(hosts) > 1
            for host in hosts:
                while host:
                    last[host] = max(last.get(host, ""), row[date])
                    host = orgs[host]["parent"]
    assert together > 0, "some were held together"
    found = q("--json", "coverage", "--on", "2025-12-31", code=1).json
    equal({u["org"]: u["last"] for u in found}, {o["id"]: last.get(o["id"]) for o in orgs.values() if o["kind"] == "township"})
    days = [(datetime.date(2025, 12, 31) - datetime.date.fromisoformat(u["last"])).days if u["last"] else None for u in found]
    equal([u["days"] for u in found], days)
    equal([u["silent"] for u in found], [d is None or d > 90 for d in days])
    one = next(o for o in orgs.values() if o["kind"] == "township")
    equal([u["org"] for u in q("--json", "coverage", "--on", "2025-12-31", "--org", one["code"], code=None).json], [one["id"]])


if __name__ == "__main__":
    done()
