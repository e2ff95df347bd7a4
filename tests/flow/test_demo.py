#!/usr/bin/python3
"""The demo city: full, the same twice, and its figures proved by other means: from exported rows, by their traces, by what a
change of one row does to them.

At 3,000 people, which takes seconds; QINGHE_DEMO_PEOPLE=100000 takes the size that the issue names (minutes, 2 GB)."""
import array
import datetime
import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

from tap import ENGINE, PROGRAM, T, copy_city, done, equal, printed, run, skip, sql, test

YEAR = 2025
PEOPLE = int(os.environ.get("QINGHE_DEMO_PEOPLE", "3000"))
PATIENCE = 280 if PEOPLE <= 3000 else 3600  # seconds a command may take
home = tempfile.TemporaryDirectory(prefix="qinghe-demo-")
DB = os.path.join(home.name, "demo.db")


def q(*args, code=0, db=None):
    return run("--db", db or DB, *args, code=code, timeout=PATIENCE)


def demo(path, seed=7, people=PEOPLE):
    run("--db", path, "demo", "--people", people, "--year", YEAR, "--seed", seed, timeout=PATIENCE)
    return path


def city():
    if not os.path.exists(DB + ".key"):
        demo(DB)
    return DB


def copy(name):
    """The city again, to be changed."""
    city()
    path = os.path.join(T.dir, name)
    copy_city(DB, path)
    return path


def flat(figures):
    for f in figures:
        yield f
        yield from flat(f["companions"].values())


def figures(db=None):
    return {f["id"]: f for f in flat(q("figures", "--year", YEAR, "--json", db=db).json)}


def told(f):
    """Its value; where it cannot be told, what is told instead."""
    return f["value"] if f["value"] is not None else (f.get("instead") or {}).get("value")


_rows = {}


def rows(register):
    """The rows of a register as `export` writes them, by id."""
    if register not in _rows:
        path = os.path.join(home.name, register + ".ndjson")
        q("export", register, "-o", path)
        with open(path) as f:
            _rows[register] = {r["id"]: r for r in map(json.loads, f)}
    return _rows[register]


def year(date):
    return date is not None and date[:4] == str(YEAR)


def local(ms):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(hours=8, milliseconds=ms)).strftime("%Y-%m-%d")


def under(org, ancestor):
    while org is not None and org != ancestor:
        org = rows("org")[org]["parent"]
    return org == ancestor


# ---- the report's figures once more, from domain definitions over exported rows ----

def listed(someone, day):
    return someone["state"] == "valid" and someone["listed_on"] <= day and not (
        someone["delisted_on"] and someone["delisted_on"] <= day)


def lecture(s):
    if s["state"] != "completed" or s["lecturer"] is None:
        return False
    who = rows("lecturer")[s["lecturer"]]
    return listed(who, s["held_on"]) and rows("lecture_corps")[who["corps"]]["kind"] in ("youth", "red_scarf")


def study():
    for p in rows("study_participation").values():
        issue = rows("study_issue")[p["issue"]]
        if p["state"] == issue["state"] == "valid":
            yield p, issue


def study_attend():
    total = sum(p["n"] for p, i in study() if year(i["published_on"]))
    for t in rows("declared_total").values():
        if t["state"] == "accepted" and t["figure_id"] == "study.attend" and year(t["period_from"]) and year(t["period_to"]):
            total += t["value"] - sum(p["n"] for p, i in study() if under(p["org"], t["org"]) and
                                      t["period_from"] <= i["published_on"] <= t["period_to"])
    return total


def lecture_people():
    heard = [a for a in rows("lecture_attendance").values() if a["state"] == "valid" and
             lecture(rows("lecture_session")[a["session"]]) and year(rows("lecture_session")[a["session"]]["held_on"])]
    return sum(a["n"] for a in heard)  # head-counts are among them


def league_days():
    for r in rows("league_day").values():
        theme, org = rows("theme")[r["theme"]], rows("org")[r["org"]]
        if (r["state"] == "accepted" and theme["state"] == "valid" and theme["annual"] and org["kind"] == "branch" and
                org["school_kind"] and year(r["held_on"])):
            yield r["org"]


def entrants():
    for e in rows("entry").values():
        c = rows("contest")[e["contest"]]
        if (e["state"] == "accepted" and c["kind"] == "explainer" and c["state"] != "cancelled" and e["pioneer"] and
                year(c["held_on"])):
            yield e["entrant"]


def named(e):
    return e["state"] == "completed" and e["drive"] is not None


def in_force(i):
    return (i["state"] == "valid" and i["entered_on"] <= f"{YEAR}-12-31" and
            (i["ended_on"] is None or i["ended_on"] > f"{YEAR}-01-01"))


def job_counts(j):
    if j["state"] != "valid" or j["proof"] not in ("contract", "insurance") or not year(j["started_on"]):
        return False
    if j["incubation"] is None:
        return True
    i = rows("incubation")[j["incubation"]]
    return (i["state"] == "valid" and i["entered_on"] <= j["started_on"] and
            (i["ended_on"] is None or i["ended_on"] > j["started_on"]))


def case(c):
    return c["kind"] != "enquiry"


def count(register, where):
    return sum(1 for r in rows(register).values() if where(r))


ORACLE = {
    "study.issues": lambda: len({p["issue"] for p, i in study() if year(i["published_on"]) and p["n"] > 0}),
    "study.attend": study_attend,
    "lecture.sessions": lambda: count("lecture_session", lambda s: lecture(s) and year(s["held_on"])),
    "lecture.people": lecture_people,
    "league_day.branches": lambda: len(set(league_days())),
    "contest.entrants": lambda: len(set(entrants())),
    "contest.voters": lambda: len({b["credential"] for b in rows("ballot").values() if b["state"] == "valid" and
                                   b["credential"] is not None and year(local(b["cast_at"]))}),
    "pioneer.offcampus": lambda: count("offcampus_committee", lambda c: c["state"] == "accepted" and year(c["approved_on"])),
    "pioneer.bases": lambda: count("practice_base", lambda b: b["state"] in ("named", "revoked") and year(b["named_on"])),
    "vol.events": lambda: count("volunteer_event", lambda e: named(e) and year(e["held_on"])),
    "vol.attend": lambda: sum(r["n"] for r in rows("service_record").values() if r["state"] == "valid" and
                              named(rows("volunteer_event")[r["event"]]) and
                              year(r["served_on"])),
    "return.matched": lambda: len({p["student"] for p in rows("placement").values() if
                                   p["state"] in ("started", "finished", "left") and year(p["started_on"])}),
    "return.teams": lambda: len({d["team"] for d in rows("team_day").values() if d["state"] == "completed" and
                                 rows("university_team")[d["team"]]["state"] == "accepted" and year(d["served_on"])}),
    "startup.trainings": lambda: count("training_class", lambda c: c["state"] == "completed" and
                                       c["kind"] in ("startup", "online_shop") and year(c["ended_on"])),
    "startup.incubated": lambda: len({i["project"] for i in rows("incubation").values() if in_force(i)}),
    "startup.jobs": lambda: sum(j["n"] for j in rows("job_start").values() if job_counts(j)),
    "aid.students": lambda: len({d["student"] for d in rows("disbursement").values() if d["state"] == "signed" and
                                 d["needy"] and (d["signed_on"] or d["note_no"]) and year(d["paid_on"])}),
    "aid.goods": lambda: sum(d["amount"] for d in rows("donation").values() if d["state"] in ("accepted", "closed") and
                             d["kind"] == "goods" and year(d["received_on"]) and
                             (d["value_basis"] in ("invoice", "appraisal") or (not d["value_basis"] and d["receipt_no"]))),
    "rights.handled": lambda: count("rights_case", lambda c: c["state"] != "void" and case(c) and year(c["accepted_on"])),
    "rights.mediated": lambda: count("rights_case", lambda c: c["state"] == "closed" and case(c) and
                                     c["outcome"] == "agreement" and year(c["closed_on"])),
    "mind.lectures": lambda: count("mind_lecture", lambda s: s["state"] == "completed" and s["expert"] is not None and
                                   listed(rows("mind_expert")[s["expert"]], s["held_on"]) and year(s["held_on"])),
    "mind.sessions": lambda: sum(s["n"] for s in rows("counselling_session").values() if
                                 s["state"] == "completed" and year(s["met_on"])),
}


@test
def the_city_is_consistent():
    city()
    q("check")


@test
def the_check_looks_at_every_reference_and_names_one_that_leads_nowhere():
    db = copy("lost.db")
    one = q("check", "--json", db=db).json["references"]
    assert one["looked_at"] > 10000 and one["bad"] == 0, one
    row = next(e["id"] for e in rows("volunteer_event").values() if e["cohosts"])
    sql(db, f"UPDATE volunteer_event SET cohosts = ',1,99999,' WHERE id = {row}")
    found = q("check", "--json", db=db, code=1).json["references"]
    assert found["bad"] == 1 and f"volunteer_event #{row}" in found["first"] and "cohosts" in found["first"], found
    if ENGINE == "sqlite":  # PostgreSQL holds references of one row by itself
        sql(db, "UPDATE service_record SET event = 99999 WHERE id IN (SELECT id FROM service_record LIMIT 3)")
        equal(q("check", "--json", db=db, code=1).json["references"]["bad"], 4)


def states_of(register):
    """The states that its declaration names."""
    text = open(f"model/registers/{register}.yaml").read()
    block = re.search(r"^states:\n((?:  .*\n)+)", text, re.M)
    return re.findall(r"^  (\w+):", block.group(1), re.M) if block else []


@test
def every_register_has_rows_and_every_state_occurs():
    city()
    gaps = []
    pictures = {"photo", "photo_person"}  # the demo keeps no picture of anybody; tests/flow/test_upload.py does
    registers = [r["id"] for r in q("registers", "--json").json if r["id"] not in pictures]
    for i in registers:
        declared = states_of(i)
        have = {x["state"] for x in rows(i).values()}
        gaps += [] if rows(i) else [f"{i}: no rows"]
        gaps += [f"{i}: nothing {s}" for s in declared if s not in have]
        gaps += [] if declared else [f"{i}: no states read from its declaration"]
    equal(gaps, [], "gaps")
    if len(registers) < 150:
        raise AssertionError(f"only {len(registers)} registers")


@test
def every_figure_has_something_to_tell():
    city()
    found = figures()
    empty = [i for i, f in found.items() if told(f) == 0]
    equal(empty, [], "figures at zero")
    equal(found["league_day.coverage"]["value"], None, "a rate has no value of its own")
    share = found["league_day.branches"]["value"] / found["league_day.due"]["value"]
    if not 0.95 < share < 1:
        raise AssertionError(f"coverage {share}: some branches should lack their record, and few")


@test
def the_22_figures_equal_an_independent_count_over_exported_rows():
    city()
    found = figures()
    equal(len(ORACLE), 22, "figures")
    wrong = {i: (told(found[i]), f()) for i, f in ORACLE.items() if told(found[i]) != f()}
    equal(wrong, {}, "program and oracle")


class Trace:
    """A figure's rows, kept small: its contributions in order, and what each row of a register adds."""

    def __init__(self, lines):
        self.contributions = array.array("q")
        self.by_register = {}
        for line in lines:
            row = json.loads(line)
            ids, adds = self.by_register.setdefault(row["register"], (array.array("q"), array.array("q")))
            ids.append(row["id"])
            adds.append(row["contribution"])
            self.contributions.append(row["contribution"])

    def of(self, register, row):
        """What that row adds, or None where it is not among them. Rows come in the order of their ids."""
        ids, adds = self.by_register.get(register, ((), ()))
        for i, x in enumerate(ids):
            if x == row:
                return adds[i]
        return None


_traces = {}


def traces():
    if not _traces:
        city()
        ids = list(figures())

        def one(i):
            r = q("trace", i, "--year", YEAR, "--ndjson", "--limit", 100000000, code=None)
            return i, Trace([] if r.code else (x for x in r.out.split("\n") if x))

        with ThreadPoolExecutor(2) as pool:
            _traces.update(pool.map(one, ids))
    return _traces


@test
def every_trace_adds_up_to_its_value():
    wrong = {}
    for i, f in figures().items():
        got = list(traces()[i].contributions)
        if f["value"] is None:
            continue  # a rate, or a figure that cannot be told
        if i in ("lesson.gain", "mind.contact_hours"):  # medians: the middle of what the rows say
            got.sort()
            half = len(got) // 2
            middle = got[half] if len(got) % 2 else (got[half - 1] + got[half]) // 2
            if abs(middle - f["value"]) > 1:
                wrong[i] = (f["value"], middle)
        elif sum(got) != f["value"]:
            wrong[i] = (f["value"], sum(got))
    equal(wrong, {}, "values and traces")


@test
def a_trace_read_page_by_page_is_the_same_trace():
    city()
    rest, after = [], 0
    while True:
        page = q("trace", "vol.events", "--year", YEAR, "--json", "--limit", 7, "--after", after).json["rows"]
        if not page:
            break
        rest += page
        after = page[-1]["id"]
    equal(sum(r["contribution"] for r in rest), figures()["vol.events"]["value"], "pages")


def void(db, register, wanted):
    """Voids a row of the register that `wanted` accepts; (its id, figures before, figures after)."""
    before = figures(db)
    row = next(r for r in rows(register).values() if wanted(r))
    q("do", "void", register, row["id"], "reason=重复登记", db=db)
    return row["id"], before, figures(db)


def moved(before, after):
    return {i: (told(before[i]), told(after[i])) for i in before if told(before[i]) != told(after[i])}


@test
def voiding_one_row_changes_exactly_the_figures_that_rest_on_it():
    db = copy("void.db")
    named_event = {e["id"] for e in rows("volunteer_event").values() if named(e)}
    row, before, after = void(db, "service_record", lambda r: r["state"] == "valid" and r["event"] in named_event and
                              year(r["served_on"]) and r["n"] == 1)
    resting = {i: t.of("service_record", row) for i, t in traces().items() if t.of("service_record", row) is not None}
    changed = moved(before, after)
    equal(set(changed) - set(resting), set(), "figures that changed without resting on the row")
    for i in ("vol.attend", "vol.attend.all", "vol.attend.hours"):
        equal(changed.get(i), (told(before[i]), told(before[i]) - resting[i]), i)
    q("check", db=db)


@test
def voiding_an_event_takes_its_records_out_as_well():
    db = copy("event.db")
    row, before, after = void(db, "volunteer_event", lambda e: named(e) and year(e["held_on"]))
    records = {r["id"] for r in rows("service_record").values() if r["event"] == row}
    resting = {i for i, t in traces().items() if t.of("volunteer_event", row) is not None or
               not records.isdisjoint(t.by_register.get("service_record", ((),))[0])}
    changed = moved(before, after)
    equal(set(changed) - resting, set(), "figures that changed without resting on the event")
    equal(changed["vol.events"], (told(before["vol.events"]), told(before["vol.events"]) - 1), "vol.events")


@test
def the_same_seed_gives_the_same_city_another_seed_another():
    people = 600
    one = q("digest", db=demo(os.path.join(T.dir, "a.db"), people=people)).out
    two = q("digest", db=demo(os.path.join(T.dir, "b.db"), people=people)).out
    other = q("digest", db=demo(os.path.join(T.dir, "c.db"), seed=8, people=people)).out
    equal(one, two, "digest")
    if one == other or len(one.strip()) != 64:
        raise AssertionError(f"digests {one!r} {other!r}")


@test
def a_digest_sees_one_changed_value_and_not_who_changed_nothing():
    db = copy("digest.db")
    before = q("digest", db=db).out
    equal(q("digest", db=db).out, before, "asked twice")
    theme = next(iter(rows("theme").values()))
    q("set", "theme", theme["id"], "slogan=另一句", db=db)
    if q("digest", db=db).out == before:
        raise AssertionError("a changed slogan left the digest as it was")


# ---- the report of the city ----

def report(db, name):
    path = os.path.join(T.dir, name)
    r = run("--db", db, "report", "--year", YEAR, "-o", path, code=None)
    if r.code not in (0, 1):
        raise AssertionError(r.err)
    return path, r


def docx_text(path):
    with zipfile.ZipFile(path) as z:
        xml = z.read("word/document.xml").decode()
    return "".join(re.findall(r"<w:t[ >][^<]*|<w:t>[^<]*", xml)), xml


@test
def the_report_has_no_placeholder_and_no_empty_slot():
    path, r = report(city(), "r.docx")
    text, xml = docx_text(path)
    for left in ("xx", "202x", "{{", "}}", "，，", "。。", "（）"):
        if left in re.sub(r"<[^>]*>", "", text):
            raise AssertionError(f"{left!r} in the report")
    md, _ = report(city(), "r.md")
    said = open(md).read()
    equal(re.findall(r"(?<![0-9])0[场次个名件项人]", said), [], "zeros told")
    if re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said):
        raise AssertionError("a date that no office writes")
    for part in ("## 一、", "## 二、", "## 三、", "一是", "值得推广"):
        if part not in said:
            raise AssertionError(f"{part} missing")
    for section in re.findall(r"主要不足和原因如下：\n\n(.*)\n", said) + re.findall(r"采取以下措施：\n\n(.*)\n", said):
        told_twice = [x for x in (y.split("是", 1)[-1] for y in section.split("。")) if x]
        equal(len(told_twice), len(set(told_twice)), "one thing said twice")
    again, _ = report(city(), "r2.docx")
    equal(open(path, "rb").read(), open(again, "rb").read(), "same inputs, same bytes")


@test
def the_report_says_the_values_of_the_figures():
    md, _ = report(city(), "r.md")
    said = open(md).read()
    found = figures()
    exact = ["study.issues", "lecture.sessions", "league_day.branches", "contest.entrants",
             "pioneer.offcampus", "pioneer.bases", "return.matched", "return.teams", "startup.trainings",
             "startup.incubated", "startup.jobs", "aid.students", "rights.handled", "rights.mediated", "mind.lectures",
             "mind.sessions"]
    missing = [i for i in exact if not re.search(rf"(?<![0-9.]){told(found[i])}(?![0-9.])", said)]
    equal(missing, [], "figures not told")
    for i, step in (("vol.events", 10), ("vol.attend", 100), ("lecture.people", 10000)):
        v = told(found[i])
        floor = f"{v // step}万" if step == 10000 else str(v // step * step)
        want = str(v) if v < step else floor + ("余" if v % step else "")
        if want not in said:
            raise AssertionError(f"{i}: {want} not told")


@test
def a_public_copy_withholds_small_numbers_with_partners_in_every_form():
    template = os.path.join(T.dir, "t.md")
    with open(template, "w") as f:
        f.write("# 公开\n\n{{#if mind.flags}}预警{{mind.flags}}件，已联系{{mind.flags.contacted}}件。{{/if}}"
                "咨询{{mind.sessions}}人次，热线{{mind.sessions.hotline}}人次。活动{{vol.events}}次，面积{{year}}。\n\n"
                "| 单位 | 走访 | 咨询 |\n|---|---|---|\n"
                "| {{#each units}}{{short}} | {{aid.visits}} | {{mind.sessions}}{{/each}} |\n"
                "| 合计 | {{aid.visits}} | {{mind.sessions}} |\n")
    def made(name, *more):
        path = os.path.join(T.dir, name)
        q("report", "--year", YEAR, "--template", template, "-o", path, *more, db=city(), code=None)
        return path
    open_text, said = open(made("open.md")).read(), open(made("p.md", "--public")).read()
    assert "公开版：标＊的数（共" in said and "公开版" not in open_text and "＊" not in open_text
    table = [[c.strip() for c in x.strip("| \n").split("|")] for x in said.splitlines() if x.startswith("|")][2:]
    truth = [[c.strip() for c in x.strip("| \n").split("|")] for x in open_text.splitlines() if x.startswith("|")][2:]
    equal(len(table), len(truth), "rows")
    hidden = 0
    for column in (1, 2):
        stars = [i for i, row in enumerate(table) if row[column] == "＊"]
        small = [i for i, row in enumerate(truth) if int(row[column]) < 10]
        equal(set(small) - set(stars), set(), "small numbers told")
        hidden += len(stars)
        if stars:  # what is hidden cannot be had by subtraction, nor to within less than 10
            units = [i for i in stars if i < len(truth) - 1]
            assert len(stars) > 1 and sum(int(truth[i][column]) for i in units) >= 10, (column, stars)
        for i, row in enumerate(table):
            assert row[column] in ("＊", truth[i][column]), row
    assert hidden, "the city has nothing small"
    text, _ = docx_text(made("p.docx", "--public"))
    equal(text.count("＊") + 0, said.count("＊") - 1, ".docx")  # the note stands in its header
    with zipfile.ZipFile(os.path.join(T.dir, "p.docx")) as z:
        assert any("公开版" in z.read(n).decode() for n in z.namelist() if "header" in n), "the header's note"
    page = open(made("p.html", "--public")).read()
    equal(page.count("＊"), said.count("＊"), ".html")
    proof = os.path.join(T.dir, "b.zip")
    told = q("report", "--year", YEAR, "--template", template, "-o", os.path.join(T.dir, "x.md"), "--public", "--bundle", proof,
             "--json", db=city(), code=None).json["figures"]
    secret = {x["slot"] for x in told if x["printed"] == "＊" and "@" not in x["slot"]}
    equal([x for x in told if x["printed"] == "＊" and x["value"] is not None], [], "values beside the text")
    with zipfile.ZipFile(proof) as z:
        bundle = json.loads(z.read("bundle.json"))
    for f in bundle["figures"]:
        if f["id"] in secret:
            equal(f["value"], None, f["id"])
    q("verify", "bundle", proof)


@test
def annexes_tell_each_unit_what_its_own_figure_is_and_the_bundle_holds_them():
    proof = os.path.join(T.dir, "u.zip")
    q("report", "--year", YEAR, "-o", os.path.join(T.dir, "u.docx"), "--bundle", proof, db=city(), code=None)
    text, _ = docx_text(os.path.join(T.dir, "u.docx"))
    for want in ("附件1", "思想引领主要数据（按单位）", "附件4", "合计"):
        assert want in text, want
    with zipfile.ZipFile(proof) as z:
        bundle = json.loads(z.read("bundle.json"))
    units = [u for u in bundle["units"] if u["figure"] == "vol.attend"]
    assert len(units) > 2, units
    for u in units[:2]:
        own = q("figures", "--year", YEAR, "--org", u["org"], "--json", db=city()).json
        equal([f["value"] for f in own if f["id"] == "vol.attend"], [u["value"]], u["org"])
    q("verify", "bundle", proof)
    with zipfile.ZipFile(proof) as z, zipfile.ZipFile(proof + ".bad", "w") as w:
        for i in z.infolist():
            w.writestr(i, z.read(i).replace(b'"figure":"vol.attend","org":"%s","value":' % units[0]["org"].encode(),
                                            b'"figure":"vol.attend","org":"%s","value":1' % units[0]["org"].encode()))
    q("verify", "bundle", proof + ".bad", db=None, code=1)


@test
def columns_and_tables_without_anything_to_tell_fall_away():
    def heads(period, path):
        q("report", "--period", period, "-o", path, db=city(), code=None)
        return [l for l in open(path, encoding="utf-8").read().splitlines() if l.startswith(("#####", "| 单位"))]
    equal(heads("2019", os.path.join(T.dir, "before.md")), [])
    # A public copy hides zeros of minors: a column that is not there would tell one.
    path = os.path.join(T.dir, "before-public.md")
    q("report", "--period", "2019", "--public", "-o", path, db=city(), code=None)
    table = [l for l in open(path, encoding="utf-8").read().splitlines() if l.startswith("| ") and "---" not in l]
    assert any("在册关爱对象" in l for l in table), table
    told = {c.strip() for l in table if "单位" not in l for c in l.strip("| ").split("|")[1:]}
    equal(told - {"＊", "—"}, set(), "a zero of minors told")
    columns = "".join(heads(f"{YEAR}-02", os.path.join(T.dir, "february.md")))
    told = {f["id"]: f["value"] for f in q("figures", "--period", f"{YEAR}-02", "--json", db=city()).json}
    for figure, head in (("lecture.sessions", "宣讲（场）"), ("lesson.sessions", "思想教育课（堂）"), ("league_day.branches", "主题团日"),
                         ("pioneer.activities", "少先队活动（场）"), ("rights.handled", "维权案件受理")):
        equal(head in columns, bool(told[figure]), figure)


@test
def it_is_printed_at_22_lines_a_page_in_the_declared_faces():
    path = os.path.join(T.dir, "r.pdf")
    args = ("report", "--year", YEAR, "--letterhead", "document", "--number", "青团发〔2026〕3号", "-o", path)
    q(*args, db=city(), code=None)
    with open(path, "rb") as f:
        pages = [[x for x in p.splitlines() if x.strip()] for p in printed(f.read()).split("\f") if p.strip()]
    assert len(pages) >= 5, len(pages)
    for p in pages[1:3]:  # full pages of running text; the last line is the page number
        equal(len(p) - 1, 22, "lines")
    text = "".join("".join(p) for p in pages).replace(" ", "")
    assert "青团发〔2026〕3号" in text and "附件1" in text and "印发" in text
    faces = subprocess.run(["pdffonts", path], check=True, stdout=subprocess.PIPE).stdout.decode()
    fandol = "Fandol" in subprocess.run(["fc-list"], check=True, stdout=subprocess.PIPE).stdout.decode()
    embedded = set(re.findall(r"^[A-Z]{6}\+(\w+)", faces, re.M))  # without it one Chinese serif stands for 仿宋, 楷体 and 小标宋
    assert len(embedded) >= (4 if fandol else 3), faces
    if ENGINE != "sqlite":
        return
    # Without the program beside it or on the PATH: the package is named and nothing is written.
    alone = shutil.copy(PROGRAM, os.path.join(T.dir, "qinghe"))
    r = run("--db", city(), *args[:-1], os.path.join(T.dir, "none.pdf"), program=alone, code=2)
    assert "qinghe-print" in r.err and not os.path.exists(os.path.join(T.dir, "none.pdf")), r.err


@test
def libreoffice_sets_it_at_22_lines_a_page():
    if not shutil.which("soffice") or not shutil.which("pdftotext"):
        skip("no LibreOffice here")
    path, _ = report(city(), "r.docx")
    subprocess.run(["soffice", f"-env:UserInstallation=file://{T.dir}/profile", "--headless", "--convert-to", "pdf",
                    "--outdir", T.dir, path], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    text = subprocess.run(["pdftotext", "-layout", path[:-4] + "pdf", "-"], check=True, stdout=subprocess.PIPE).stdout.decode()
    pages = [[x for x in p.splitlines() if x.strip()] for p in text.split("\f") if p.strip()]
    if len(pages) < 4:
        raise AssertionError(f"{len(pages)} pages")
    for p in pages[1:3]:  # full pages of running text; the last line is the page number
        equal(len(p) - 1, 22, "lines")


done()
