#!/usr/bin/python3
"""What looks wrong in the registers is listed, and nothing else; the rules are those of rules/quality.yaml."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from city import City
from tap import T, done, equal, run, test


def found(c, *rules, code=1, more=(), who=None):
    return {r["rule"]: [(x["register"], x["id"]) for x in r["rows"]] for r in c.q(*(("--as", who) if who else ()), "--json", "quality", *rules, *more, code=code).json}


@test
def rows_that_look_wrong_are_listed_and_the_others_not():
    c = City()
    c.add("org", code="B1", name="东山一支部", kind="branch", parent="X1", founded="2020-01-01")
    branch = c.q("--json", "list", "org", "--where", "code = 'B1'").json[0]["id"]
    equal(found(c, "branch_empty", "branch_small"),
          {"branch_empty": [("org", branch)], "branch_small": [("org", branch)]}, "a branch on paper")
    people = [c.person() for _ in range(12)]
    for p in people[:3]:
        c.add("membership", "B1", member=p, joined_on="2020-05-04")
    equal(found(c, "branch_small", code=0)["branch_small"], [], "three members")
    theme = c.add("theme", name="主题", slogan="主题", opens_on="2025-01-01", closes_on="2025-12-31", state="valid")
    fits = c.add("league_day", "B1", theme=f"#{theme}", held_on="2025-03-01", heads="3", state="accepted")
    wrong = c.add("league_day", "B1", theme=f"#{theme}", held_on="2025-04-01", heads="40", state="accepted")
    assert fits != wrong
    equal(found(c, "more_than_members")["more_than_members"], [("league_day", wrong)], "40 of 3")
    events = [c.add("volunteer_event", "B1", title=f"清扫{i}", held_on=f"2025-0{i}-10", hours="4", state="completed")
              for i in (1, 2, 3)]
    for e, who in zip(events, (people, people, people[:10])):
        for p in who:
            c.add("service_record", "B1", event=f"#{e}", volunteer=p, served_on="2025-03-10", hours="1", state="valid")
    equal(found(c, "same_volunteers")["same_volunteers"], [("volunteer_event", events[1])], "the same twelve; ten of twelve are not")
    here = c.add("service_record", "B1", event=f"#{events[0]}", volunteer=c.person(), served_on="2025-03-11", hours="2",
                 in_at="2025-03-11T08:00:00+08:00", out_at="2025-03-11T10:00:00+08:00", state="valid")
    someone = f"#{c.q('--json', 'show', 'service_record', here).json['volunteer']}"
    there = c.add("service_record", "B1", event=f"#{events[1]}", volunteer=someone, served_on="2025-03-11", hours="2",
                  in_at="2025-03-11T09:00:00+08:00", out_at="2025-03-11T11:00:00+08:00", state="valid")
    c.add("service_record", "B1", event=f"#{events[2]}", volunteer=someone, served_on="2025-03-11", hours="2",
          in_at="2025-03-11T11:00:00+08:00", out_at="2025-03-11T13:00:00+08:00", state="valid")
    equal(found(c, "two_places")["two_places"], [("service_record", there)], "nine o'clock at two places")
    equal(found(c, "two_places", more=("--limit", "1"))["two_places"], [("service_record", there)])
    c.do("void", "service_record", there, reason="记错")
    equal(found(c, "two_places", code=0)["two_places"], [], "mended")


@test
def children_are_told_only_to_the_authorised_and_each_is_in_the_audit():
    c = City("minors")
    for code in ("S1", "S2"):
        c.add("org", code=code, name=f"学校{code}", kind="committee", parent="X1", founded="2000-01-01")
    child = [c.q("--json", "add", "person", "--org", s, f"name=小{s}").json["id"] for s in ("S1", "S2", "S2")]
    who = f"#{c.q('--json', 'add', 'person', '--org', 'X1', 'name=李干事', 'birth_month=1990-01').json['id']}"
    boss = f"#{c.q('--json', 'add', 'person', '--org', 'X1', 'name=王书记', 'birth_month=1980-01').json['id']}"
    c.q("account", "grant", "county_staff", who, "--org", "X1")
    c.q("account", "grant", "leader", boss, "--org", "X1")
    ours = lambda: [i for r, i in found(c, "birth_unknown", code=None, who=who)["birth_unknown"]]
    equal([i for r, i in found(c, "birth_unknown")["birth_unknown"] if i in child], child, "the operator sees all")
    audit = lambda: c.q("--json", "audit", "list").json
    equal(ours(), [], "no authorisation, no child")
    c.q("--as", boss, "authorise", "grant", who, "county_staff", "identity", "--org", "S2")
    equal(ours(), child[1:], "those of the unit that the authorisation is over")
    reads = [(x["subject"], x["detail"]) for x in audit() if x["action"] == "read" and x["actor"] == f"person:{who[1:]}"]
    equal(reads, [(f"person:{child[1]}-{child[2]}", "identity authorisation:1")])


@test
def round_head_counts_of_a_unit_are_listed():
    c = City()
    corps = c.add("lecture_corps", name="青年宣讲团", kind="youth")
    lecturer = c.add("lecturer", person=c.person(), corps=f"#{corps}", listed_on="2024-01-01", state="valid")
    for i, n in enumerate((50, 100, 30, 20, 60, 40, 80, 70, 33, 41)):
        s = c.add("lecture_session", lecturer=f"#{lecturer}", title=f"宣讲{i}", held_on="2025-03-10", state="completed")
        c.add("lecture_attendance", session=f"#{s}", n=n, state="valid")
    equal(len(found(c, "round_counts")["round_counts"]), 1, "eight of ten end in zero")


@test
def a_rule_that_is_not_there_and_a_foreign_unit_are_refused():
    c = City()
    c.q("quality", "no_such_rule", code=2)
    c.q("quality", "--org", "nowhere", code=2)
    c.q("quality", "two_places", code=0)


@test
def a_faulty_rule_is_told_with_its_line():
    c = City()
    over = os.path.join(T.dir, "over")
    os.makedirs(os.path.join(over, "rules"))
    with open(os.path.join(over, "rules", "quality.yaml"), "w", encoding="utf-8") as f:
        f.write("rules: quality\nrules_list:\n  a:\n    label: {zh: 甲, en: a}\n    of: org\n    when: nothing = 1\n")
    db = os.path.join(T.dir, "other.db")
    run("--db", db, "init", "--city", "清河市", "--model", over)
    r = run("--db", db, "--lang", "en", "quality", code=2)
    assert "rules/quality.yaml, line 6" in r.err, r.err


done()
