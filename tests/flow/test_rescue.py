#!/usr/bin/python3
"""The finder over the registers: one planted child for every trigger is found, and nobody else; its scope, its clocks, what
was explained; and the demo city's list against an independent recount from its tables."""
import datetime
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from city import City, citizen
from site_http import Browser, Site
from tap import T, dicts, done, equal, rows, run, test

CHILD = "20150601"  # ten years old in the tests


def rules_of(c, *more, on="2025-12-31"):
    """child id -> the rules that find it."""
    r = c.q("--json", "rescue", "list", "--on", on, *more).json
    return {x["child"]: sorted(t["id"] for t in x["rules"]) for x in r["rows"] if x["rules"]}


class Town(City):
    """Its children and grown-ups come in one import: a process for each would be most of the test's time."""

    def __init__(self, children=30, adults=20):
        super().__init__()
        sheet = os.path.join(T.dir, "people.csv")
        with open(sheet, "w", encoding="utf-8") as f:
            f.write("姓名,身份证号\n")
            for i in range(children + adults):
                f.write(f"李{chr(0x4E00 + i)},{citizen(CHILD if i < children else '19800101', 2 * i + 1)}\n")
        self.q("import", "person", sheet, "--org", "X1")
        ids = [f"#{i}" for i, in rows(self.db, "SELECT id FROM person WHERE birth_month IN ('2015-06', '1980-01') ORDER BY id")]
        assert len(ids) == children + adults
        self.young, self.old = ids[:children][::-1], ids[children:]
        self.people = 200

    def adult(self):
        return self.old.pop()

    def child(self):
        p = self.young.pop()
        self.add("roll_entry", list_kind="village", child=p, listed_on="2025-09-01", enrolled="是")
        return p

    def parents(self, child, father="able", mother="able"):
        f, m = self.adult(), self.adult()
        for who, kin, state in ((f, "father", father), (m, "mother", mother)):
            self.add("guardianship", child=child, guardian=who, kinship=kin, valid_from="2020-01-01", condition=state)
        return f, m

    def listed(self, child, risk="low", **more):
        row = self.add("care_child", child=child, listed_on="2025-06-01", risk=risk, **more)
        for move in ("submit", "accept"):
            self.do(move, "care_child", row)
        return row

    def paired(self, child, **more):
        return self.add("pairing", child=child, helper=self.old[0], paired_on="2025-06-02", vetted_on="2025-06-01",
                        **more)

    def seen(self, child, on="2025-12-20"):
        self.add("visit", child=child, visited_on=on, way="home", seen="是")

    def cared_for(self, child, **more):
        """Listed, paired, seen: nothing wrong but what `more` plants."""
        row = self.listed(child, **more)
        self.paired(child)
        self.seen(child)
        return row


def n(p):
    return int(p.removeprefix("#"))


@test
def every_trigger_finds_its_child_and_no_other():
    c = Town()
    want = {}
    # Nothing wrong: on a list with able parents; listed, paired and seen; away parents with an entrusted carer.
    c.parents(c.child())
    c.cared_for(c.child())
    p = c.child()
    c.parents(p, "away", "away")
    c.add("entrusted_carer", child=p, carer=c.adult(), valid_from="2025-01-01", valid_to="2026-12-31",
          asked_child="是", barred="否")
    # Carers.
    p = c.child()
    c.parents(p, "away", "away")
    want[n(p)] = ["no_carer", "parents_away"]
    p = c.child()
    c.add("guardianship", child=p, guardian=c.adult(), kinship="grandparent", valid_from="2020-01-01",
          valid_to="2025-11-30", condition="able")
    want[n(p)] = ["no_carer"]
    p = c.child()
    c.parents(p, "dead", "missing")
    want[n(p)] = ["guardian_lost", "no_carer"]
    p = c.child()
    c.parents(p)
    row = c.add("entrusted_carer", child=p, carer=c.adult(), valid_from="2025-01-01", asked_child="是", barred="否")
    c.do("void", "entrusted_carer", row, reason="有违法犯罪记录")
    c.q("set", "entrusted_carer", row, "barred=是")
    want[n(p)] = ["carer_barred"]
    # The list and its visits.
    p = c.child()
    c.cared_for(p, ground_92="missing")
    want[n(p)] = ["temporary_guardianship"]
    p = c.child()
    c.listed(p)
    c.seen(p)
    want[n(p)] = ["unpaired"]
    p = c.child()
    c.listed(p)
    row = c.paired(p)
    c.q("set", "pairing", row, "ended_on=2025-12-01")
    c.seen(p)
    want[n(p)] = ["helper_gone", "unpaired"]
    p = c.child()
    c.listed(p, risk="high")
    c.paired(p)
    c.seen(p, "2025-12-15")  # sixteen days ago, fifteen are allowed
    want[n(p)] = ["not_seen"]
    p = c.child()
    c.listed(p)
    pair = c.paired(p)
    c.seen(p)
    c.add("visit_due", pairing=f"#{pair}", child=p, due_on="2025-12-25")
    want[n(p)] = ["visit_overdue"]
    p = c.child()
    row = c.cared_for(p)
    c.add("care_kind", listed=f"#{row}", kind="困境儿童", evidence="低保证", valid_from="2025-01-01", valid_to="2025-12-30")
    want[n(p)] = ["evidence_expired"]
    # Schools.
    p = c.young.pop()
    c.add("roll_entry", list_kind="village", child=p, listed_on="2025-09-01", enrolled="否")
    want[n(p)] = ["not_enrolled"]
    p = c.young.pop()
    c.add("roll_entry", list_kind="school", child=p, listed_on="2025-09-01", dropped_on="2025-11-01")
    want[n(p)] = ["dropped_out"]
    p = c.young.pop()
    c.add("roll_entry", list_kind="school", child=p, listed_on="2025-09-01", transfer_out_on="2025-11-01")
    want[n(p)] = ["transfer_lost"]
    # Families: the brother of a listed child.
    listed, p = c.child(), c.child()
    c.cared_for(listed)
    mother = c.adult()
    for one in (listed, p):
        c.add("guardianship", child=one, guardian=mother, kinship="mother", valid_from="2020-01-01", condition="able")
    want[n(p)] = ["sibling"]
    # Counts: two assessments missed, three calls within ninety days.
    p = c.child()
    for i, day in enumerate(("2025-04-01", "2025-10-01")):
        c.add("screening_round", name=f"测评{i}", instrument="phq9", opens_on=day, closes_on=day)
        row = c.add("screening_due", round=f"测评{i}", person=p, due_on=day)
        c.do("miss", "screening_due", row)
    want[n(p)] = ["screening_missed"]
    p = c.child()
    for day in ("2025-10-05", "2025-11-05", "2025-12-05"):
        c.add("contact", received_at=f"{day}T10:00:00+08:00", way="phone", topic="family", caller=p, minor_concerned="是")
    want[n(p)] = ["repeat_caller"]
    p = c.child()
    row = c.add("rights_case", number="1", accepted_on="2025-10-01", kind="other", applicant=p, minor_concerned="是")
    c.do("assign", "rights_case", row, worker=c.adult())
    c.do("close", "rights_case", row, outcome="withdrawn")
    want[n(p)] = ["case_closed_alone"]
    got = rules_of(c)
    missing = {k: v for k, v in want.items() if got.get(k) != v}
    assert not missing, (missing, {k: got.get(k) for k in missing})
    equal({k: v for k, v in got.items() if k not in want}, {})


@test
def a_hit_comes_on_the_day_that_its_rule_says():
    c = Town()
    p = c.child()
    c.listed(p, risk="high")  # every fifteen days
    c.paired(p)
    c.seen(p, "2025-12-15")
    equal(rules_of(c, on="2025-12-30"), {})
    equal(rules_of(c, on="2025-12-31"), {n(p): ["not_seen"]})
    c.seen(p, "2025-12-31")
    equal(rules_of(c, on="2025-12-31"), {})
    equal(rules_of(c, on="2025-12-30"), {}, "a visit of later does not count back")
    row = c.q("--json", "rescue", "list", "--on", "2026-01-20").json["rows"][0]
    equal((row["urgency"], row["due"], row["on_roll"]), ("normal", "2026-01-23", True))


@test
def who_is_grown_up_is_told_no_longer():
    c = Town()
    p = c.person("20071215")
    c.add("roll_entry", list_kind="school", child=p, listed_on="2025-09-01", dropped_on="2025-11-01")
    equal(rules_of(c, on="2025-12-14"), {n(p): ["dropped_out"]})
    equal(rules_of(c, on="2025-12-31"), {})  # eighteen within the birth month


@test
def what_was_explained_is_marked_for_ninety_days_and_then_asked_again():
    c = Town()
    p = c.child()
    c.listed(p)
    c.seen(p)
    hit = c.add("rescue_hit", child=p, rule="unpaired", found_on="2025-11-01")
    c.do("close", "rescue_hit", hit, outcome="explained", note="祖母照看")  # on 2026-01-10
    r = c.q("--json", "rescue", "list", "--on", "2026-01-10").json
    equal((r["open"], [x["id"] for x in r["rows"][0]["explained"]], r["rows"][0]["rules"]), (0, ["unpaired"], []))
    assert "未结对" not in c.q("rescue", "list", "--on", "2026-01-10").out
    assert "unpaired" in rules_of(c, on="2026-04-11")[n(p)]


@test
def everybody_told_is_announced_in_the_chain_first():
    c = Town()
    children = [c.child() for _ in range(3)]
    for p in children:
        c.listed(p)
        c.seen(p)
    c.q("rescue", "list", "--on", "2025-12-31")
    (subject,), = rows(c.db, "SELECT subject FROM audit WHERE action = 'read' ORDER BY seq DESC LIMIT 1")
    equal(subject, "person:" + ",".join(str(n(p)) for p in children))
    c.q("verify", "audit")


@test
def a_worker_sees_the_children_of_his_unit_and_others_none():
    c = Town()
    c.add("org", code="X2", name="西山区委", kind="county", parent="共青团清河市委员会", founded="2000-01-01")
    mine, other = c.child(), c.child()
    for p in (mine, other):
        c.listed(p)
        c.seen(p)
    units = dict(rows(c.db, "SELECT code, id FROM org WHERE code IN ('X1', 'X2')"))
    rows(c.db, "UPDATE person SET org = ? WHERE id = ?", units["X1"], n(mine))
    rows(c.db, "UPDATE person SET org = ? WHERE id = ?", units["X2"], n(other))
    worker, clerk = c.adult(), c.adult()
    c.q("account", "grant", "child_worker", worker, "--org", "X1")
    c.q("account", "grant", "lecturer", clerk, "--org", "X1", code=None)
    equal(rules_of(c, "--on", "2025-12-31"), {n(mine): ["unpaired"], n(other): ["unpaired"]})
    at = ("--now", "2026-01-10T09:00:00+08:00")
    run("--db", c.db, "--as", worker, *at, "rescue", "list", code=3)  # the role alone opens no rows of minors
    run("--db", c.db, *at, "authorise", "grant", worker, "child_worker", "child_care", "--org", "X1", "--by", clerk)
    r = run("--db", c.db, "--json", "--as", worker, *at, "rescue", "list").json
    equal([x["child"] for x in r["rows"]], [n(mine)])
    run("--db", c.db, "--as", clerk, "rescue", "list", code=3)


def open_rows(c):
    return rows(c.db, "SELECT child, rule, found_on, due_on, urgency, gone_on FROM rescue_hit WHERE state = 'open' ORDER BY id")


def run_on(c, on, code=0):
    r = run("--db", c.db, "--json", "--now", f"{on}T09:00:00+08:00", "rescue", "run", code=code)
    return r.json if code == 0 else r


@test
def a_run_keeps_one_task_for_each_child_and_rule_until_a_person_answers():
    c = Town()
    p = c.child()
    c.parents(p, "away", "away")
    c.listed(p)
    c.paired(p)
    c.seen(p)
    equal(run_on(c, "2026-01-10"), {"opened": 2, "changed": 0, "open": 2})
    equal(open_rows(c), [(n(p), "no_carer", "2026-01-10", "2026-01-13", "high", None), (n(p), "parents_away", "2026-01-10", "2026-01-13", "high", None)])
    for on in ("2026-01-10", "2026-01-11"):
        equal(run_on(c, on), {"opened": 0, "changed": 0, "open": 2}, "once is enough, and the clock stays")
    hits = [r[0] for r in rows(c.db, "SELECT id FROM rescue_hit ORDER BY id")]
    c.q("do", "close", "rescue_hit", hits[0], "outcome=visited", code=2)  # what was found is written down
    c.do("close", "rescue_hit", hits[0], outcome="visited", note="祖母在家照看")  # on 2026-01-10
    equal(run_on(c, "2026-01-11"), {"opened": 0, "changed": 0, "open": 1}, "just answered")
    equal(run_on(c, "2026-02-08")["opened"], 0, "29 days later")
    equal(run_on(c, "2026-02-09"), {"opened": 1, "changed": 0, "open": 2}, "asked again after thirty days")
    # A carer is named: the rules find the child no longer, but only a person closes the rows.
    c.add("entrusted_carer", child=p, carer=c.adult(), valid_from="2025-12-01", valid_to="2026-12-31", asked_child="是", barred="否")
    equal(run_on(c, "2026-02-10"), {"opened": 0, "changed": 2, "open": 2})
    equal({r[5] for r in open_rows(c)}, {"2026-02-10"})
    equal(run_on(c, "2026-02-11")["changed"], 0)
    subject, detail = rows(c.db, "SELECT subject, detail FROM audit WHERE action = 'finder' ORDER BY seq LIMIT 1")[0]
    equal((subject, detail), ("rescue_hit", "opened:2 changed:0"))
    run("--db", c.db, "--as", c.adult(), "rescue", "run", code=3)
    c.q("check")


@test
def a_run_follows_the_child_to_another_unit_and_raises_what_has_become_graver():
    c = Town()
    p = c.child()
    c.listed(p)
    c.paired(p)
    run_on(c, "2026-01-10")
    c.add("org", code="X2", name="西山区委", kind="county", parent="共青团清河市委员会", founded="2000-01-01")
    (x2,), = rows(c.db, "SELECT id FROM org WHERE code = 'X2'")
    rows(c.db, "UPDATE person SET org = ? WHERE id = ?", x2, n(p))
    rows(c.db, "UPDATE rescue_hit SET rule = 'no_carer' WHERE rule = 'not_seen'")  # as if that rule had been milder once
    c.parents(p, "away", "away")
    equal(run_on(c, "2026-01-11"), {"opened": 2, "changed": 2, "open": 3})
    equal(rows(c.db, "SELECT org, urgency FROM rescue_hit WHERE rule = 'no_carer'"), [(x2, "high")])


@test
def the_page_of_hits_is_for_those_with_an_authorisation_masks_names_and_announces_every_reader():
    c = Town()
    p = c.child()
    c.parents(p, "away", "away")
    c.listed(p)
    worker, clerk, boss = c.adult(), c.adult(), c.adult()
    at = ("--db", c.db, "--now", "2026-01-10T09:00:00+08:00")
    for who, role in ((worker, "child_worker"), (clerk, "branch_secretary"), (boss, "leader")):
        run(*at, "account", "grant", role, who, "--org", "X1")
    run(*at, "authorise", "grant", worker, "child_worker", "child_care", "--org", "X1", "--by", boss)
    run(*at, "authorise", "grant", worker, "child_worker", "identity", "--org", "X1", "--by", boss)
    codes = {who: run(*at, "--json", "account", "code", who).json["code"] for who in (worker, clerk)}
    run_on(c, "2026-01-09")
    name, = rows(c.db, f"SELECT id FROM rescue_hit WHERE child = {n(p)} AND rule = 'no_carer'")[0]
    s = Site(db=c.db, now="2026-01-10T10:00:00+08:00")
    w, other = Browser(s).enter(codes[worker], "worker"), Browser(s).enter(codes[clerk], "clerk")
    equal([other.get(x).status for x in ("/finder", f"/finder/{name}")], [403, 403])
    full = run(*at, "--json", "show", "person", n(p)).json["name"]
    before = len(rows(c.db, "SELECT 1 FROM audit WHERE action = 'read'"))
    page = w.get("/finder?lang=en")
    equal(page.status, 200)
    assert full not in page.text and "None of the carers on record is able" in page.text
    equal(page.text.count(f'href="/finder/{name}"'), 2, "a line's link and its verb")
    after = rows(c.db, "SELECT subject, detail FROM audit WHERE action = 'read' ORDER BY seq")
    assert len(after) == before + 1 and "rescue_hit:" in after[-1][0], after[-1:]
    one = w.get(f"/finder/{name}?lang=en")
    equal(one.status, 200)
    for words in (full, "Minors Protection Law, art. 22", f"/r/visit/new?about={n(p)}", f"/r/rescue_hit/{name}/do/close", "Both parents away"):
        assert words in one.text, words
    assert f"person:{n(p)}" in rows(c.db, "SELECT subject FROM audit WHERE action = 'read' ORDER BY seq DESC LIMIT 1")[0][0]
    form = w.get(f"/r/visit/new?about={n(p)}").text
    assert f'name="child.id" value="{n(p)}"' in form, form[form.find("child"):][:600]
    equal(w.get("/finder?rule=no_such").status, 404)
    r = w.post(f"/r/rescue_hit/{name}/do/close", {"outcome": "visited", "note": "祖母在家", "_version": "1"})
    equal(r.status, 303, r.text[-800:])
    assert "Answered before" in w.get(f"/finder/{name}?lang=en").text
    desk = w.get("/?lang=en").text
    assert "/finder" in desk and "Finder" in desk
    s.stop()


@test
def bad_days_and_bad_rules_are_refused_with_their_place():
    c = Town()
    c.q("rescue", "list", "--on", "31.12.2025", code=2)
    c.q("rescue", "forget", code=2)
    rules = open("model/rules/rescue.yaml", encoding="utf-8").read()
    for broken, words in ((rules.replace("visited_on\n  within", "visitedon\n  within"), "visitedon"),
                          (rules.replace("urgency: high", "urgency: soon", 1), "urgency"),
                          (rules.replace("barred = true and (", "barredd = true and (", 1), "barredd"),
                          (rules.replace("register: roll_entry", "register: rolls", 1), "register"),
                          (rules.replace("explained_days: 90", "explained_days: often"), "explained_days")):
        assert broken != rules
        folder = os.path.join(T.dir, words)
        os.makedirs(os.path.join(folder, "rules"))
        with open(os.path.join(folder, "rules", "rescue.yaml"), "w", encoding="utf-8") as f:
            f.write(broken)
        db = os.path.join(T.dir, words + ".db")
        run("--db", db, "init", "--city", "清河市", "--model", folder)
        r = run("--db", db, "--lang", "en", "rescue", "list", code=2)
        assert words in r.err and re.search(r"rescue.yaml, line \d+", r.err), (words, r.err)


def day(text):
    return datetime.date.fromisoformat(text)


@test
def the_demo_citys_list_is_an_independent_recounts():
    db = os.path.join(T.dir, "demo.db")
    run("--db", db, "demo", "--people", "3000", "--year", "2025")
    on = day("2025-12-31")
    found = {}
    for x in run("--db", db, "--json", "rescue", "list", "--on", str(on)).json["rows"]:
        for t in x["rules"]:
            found.setdefault(t["id"], set()).add(x["child"])
    table = {t: dicts(db, f"SELECT * FROM {t}") for t in
             "person care_child pairing visit visit_due guardianship entrusted_carer roll_entry care_kind".split()}
    minor = {}
    for p in table["person"]:
        y, m = map(int, (p["birth_month"] or "2015-06").split("-"))
        last = datetime.date(y + m // 12, m % 12 + 1, 1) - datetime.timedelta(days=1)
        minor[p["id"]] = (on.year - last.year) - ((on.month, on.day) < (last.month, last.day)) < 18 and p["state"] != "void"

    def children(rows):
        return {c for c in rows if minor.get(c)}

    def valid(name):
        return [r for r in table[name] if r["state"] == "valid"]

    listed = {}
    for r in valid("care_child"):
        if day(r["listed_on"]) <= on and (r["exited_on"] is None or on < day(r["exited_on"])):
            listed.setdefault(r["child"], []).append(r)
    in_register = {r["child"] for r in valid("care_child")}
    live = {r["child"] for r in valid("pairing") if r["ended_on"] is None or day(r["ended_on"]) > on}
    left = {r["child"] for r in valid("pairing") if r["ended_on"] and day(r["ended_on"]) <= on}
    able = {r["child"] for r in valid("guardianship") if r["condition"] == "able" and
            (r["valid_to"] is None or day(r["valid_to"]) > on)}
    able |= {r["child"] for r in valid("entrusted_carer") if not r["barred"] and day(r["valid_from"]) <= on and
             (r["valid_to"] is None or day(r["valid_to"]) >= on)}
    named = {r["child"] for t in ("guardianship", "entrusted_carer") for r in table[t] if r["state"] != "void"}
    last = {}
    for r in valid("visit"):
        if r["seen"] and r["way"] in ("home", "school") and day(r["visited_on"]) <= on:
            last[r["child"]] = max(last.get(r["child"], day("1900-01-01")), day(r["visited_on"]))
    grave = {"low": 90, "middle": 30, "high": 15, "urgent": 7}
    unseen = set()
    for child, rows in listed.items():
        since = max([day(r["listed_on"]) for r in rows] + ([last[child]] if child in last else []))
        if (on - since).days > min(grave[r["risk"]] for r in rows):
            unseen.add(child)
    guardians, by_guardian = {}, {}
    for r in valid("guardianship"):
        guardians.setdefault(r["child"], set()).add(r["guardian"])
        by_guardian.setdefault(r["guardian"], set()).add(r["child"])
    family = {}
    for child in guardians:
        todo, seen = [child], {child}
        while todo:
            for g in guardians[todo.pop()]:
                for other in by_guardian[g] - seen:
                    seen.add(other)
                    todo.append(other)
        family[child] = seen - {child}
    row_of = {r["id"]: r for r in table["care_child"]}
    want = {
        "unpaired": children(in_register - live),
        "helper_gone": children((in_register & left) - live),
        "temporary_guardianship": children({r["child"] for r in valid("care_child") if r["ground_92"]}),
        "no_carer": children(named - able),
        "not_seen": children(unseen),
        "visit_overdue": children({r["child"] for r in valid("visit_due") if r["visit"] is None and day(r["due_on"]) < on}),
        "dropped_out": children({r["child"] for r in valid("roll_entry") if r["list_kind"] == "school" and r["dropped_on"]}),
        "transfer_lost": children({r["child"] for r in valid("roll_entry") if r["list_kind"] == "school" and
                                   r["transfer_out_on"] and not r["transfer_in_on"] and
                                   (on - day(r["transfer_out_on"])).days > 30}),
        "evidence_expired": children({row_of[r["listed"]]["child"] for r in valid("care_kind") if r["valid_to"] and
                                      day(r["valid_to"]) < on and row_of[r["listed"]]["state"] == "valid"}),
        "sibling": children({c for c in family if c not in listed and family[c] & set(listed)}),
    }
    for rule, children_of in want.items():
        equal(found.get(rule, set()), children_of, rule)
    assert sum(bool(x) for x in want.values()) >= 9, {k: len(v) for k, v in want.items()}


done()
