#!/usr/bin/python3
"""One source row, and exactly the figures that rest on it: every figure of the report in a demo city, a branch that moves."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, copy_city, done, equal, run, test

# The 22 figures of the report; what else may change with one of their rows beside figures of the same first word.
REPORT = {
    "study.issues": (), "study.attend": (), "lecture.sessions": (), "lecture.people": (), "league_day.branches": (),
    "contest.entrants": (), "contest.voters": (), "pioneer.offcampus": (), "pioneer.bases": (), "vol.events": (),
    "vol.attend": (), "return.matched": (), "return.teams": (), "startup.trainings": (), "startup.incubated": (),
    "startup.jobs": (), "aid.students": (), "aid.goods": (), "rights.handled": (), "rights.mediated": (),
    "mind.lectures": (), "mind.sessions": ()}
MEDIANS = ("mind.contact_hours", "lesson.gain")  # told of the rows, not added up
NEEDED = {"ballot": ["annul_reason=invalid"]}  # what a move wants beside its reason
# What is counted where many rows show one thing: the thing itself is taken away.
THINGS = {"study.issues": ("issue", "study_issue"), "return.teams": ("team", "university_team")}
NOW = "2026-01-20T10:00:00+08:00"


def q(*args, **kw):
    return run("--db", os.path.join(T.dir, "c.db"), "--now", NOW, "--lang", "zh", *args, **kw)


def figures(*more):
    flat = {}

    def take(f):
        told = f["value"]
        if told is None:
            told = (f.get("instead") or {}).get("value"), f.get("of"), f.get("over")
        flat[f["id"]] = told
        for c in (f.get("companions") or {}).values():
            take(c)
    for f in q("--json", "figures", "--year", 2025, *more).json:
        take(f)
    return flat


def trace(figure, *more):
    return q("--json", "trace", figure, "--year", 2025, "--limit", 100000, *more).json


def rows_of(register, row):
    return q("--json", "show", register, row).json


def ways(register, row, reg):
    """What takes a row out of the counting: a declared move to void (or the like), a correction of its dates or marks."""
    state = rows_of(register, row)["state"]
    for word in ("void", "annul", "cancel", "reject", "quit", "withdraw"):
        for m in reg["moves"]:
            if m["id"] == word and state in m["from"]:
                yield ["do", word, register, row, "reason=试验", *NEEDED.get(register, [])]
    for f in reg["fields"]:
        if f["type"] == "date":
            yield ["set", register, row, f"{f['id']}=2019-05-05"]
            yield ["set", register, row, f"{f['id']}=2026-01-05"]
        if f["id"] in ("outcome", "kind"):
            for value in f["values"]:
                yield ["set", register, row, f"{f['id']}={value}"]
        if f["id"] == "pioneer":
            yield ["set", register, row, "pioneer=否"]


class Registers(dict):
    def __missing__(self, name):
        self[name] = q("--json", "model", "show", name).json
        return self[name]


def demo(base):
    copy_city(os.path.join(base, "c.db"), os.path.join(T.dir, "c.db"))


def changes_with_one_row(figure, base, regs, before, rows):
    """The figures that changed, by a row of this figure whose loss changes it, and how."""
    for r in sorted(rows, key=lambda r: -r["contribution"])[:4]:
        where = r["register"], r["id"]
        if figure in THINGS:
            field, register = THINGS[figure]
            demo(base)
            where = register, rows_of(*where)[field]
        for way in ways(*where, regs[where[0]]):
            demo(base)
            if q(*way, code=None).code != 0:
                continue
            after = figures()
            changed = {f for f in before if before[f] != after[f]}
            if figure in changed:
                return changed, (*where, way), before, after
    raise AssertionError(f"{figure}: nothing done to its rows changed it")


def rests_on(figure, row, base):
    """Was the row among those of the figure, before it was taken out?"""
    there = T.dir
    with tempfile.TemporaryDirectory() as T.dir:
        demo(base)
        found = any((r["register"], r["id"]) == row for r in trace(figure)["rows"])
    T.dir = there
    return found


@test
def one_row_changes_exactly_the_figures_that_rest_on_it():
    with tempfile.TemporaryDirectory() as base:
        run("--db", os.path.join(base, "c.db"), "--now", NOW, "demo", "--people", 1000, "--year", 2025, "--seed", 7)
        demo(base)
        regs = Registers()
        told = figures()
        tried = 0
        for figure, others in REPORT.items():
            demo(base)
            listed = trace(figure)["rows"]
            if not listed:
                equal(told[figure] in (0, None) or told[figure][0] in (0, None), True, f"{figure}: a value without rows")
                continue
            changed, how, before, after = changes_with_one_row(figure, base, regs, told, listed)
            tried += 1
            word = figure.split(".")[0] + "."
            if how[0] == "declared_total":
                others = (*others, "report.totals")  # their own number
            far = {f for f in changed if not f.startswith((word, *others)) and not rests_on(f, how[:2], base)}
            assert not far, f"{figure} by {how}: changed too {[(f, before[f], after[f]) for f in far]}"
            left = trace(figure)
            if left.get("value") is not None:
                equal(sum(r["contribution"] for r in left["rows"]), left["value"], f"{figure} after {how}")
            assert how[:2] not in [(r["register"], r["id"]) for r in left["rows"]], f"{figure}: {how} still listed"
        q("check")
        assert tried >= 18, tried


@test
def every_figure_that_is_told_is_the_sum_of_its_trace():
    run("--db", os.path.join(T.dir, "c.db"), "--now", NOW, "demo", "--people", 500, "--year", 2025, "--seed", 3)
    wrong = []
    for figure, value in figures().items():
        if isinstance(value, tuple) or figure in MEDIANS:
            continue
        t = trace(figure)
        if t["value"] != value or sum(r["contribution"] for r in t["rows"]) != value:
            wrong.append((figure, value, t["value"], sum(r["contribution"] for r in t["rows"])))
    equal(wrong, [])
    q("check")


def add(*args):
    return q("--json", "add", *args).json["id"]


def two_counties():
    q("init", "--city", "临澜市", "--region", "3399")
    for code, name, kind, parent in (("C1", "团东县委", "county", "3399"), ("C2", "团西县委", "county", "3399"),
                                     ("B1", "东一支部", "branch", "C1")):
        add("org", f"code={code}", f"name={name}", f"kind={kind}", f"parent={parent}", "founded=2010-01-01", "school_kind=senior"
            if kind == "branch" else "school_kind=")
    drive = add("programme", "name=学雷锋", "kind=drive")
    who = add("person", "--org", "B1", "name=张三", "citizen_id=110101199901010053", "identified=是")
    for day in ("2024-06-01", "2025-01-10", "2025-02-28", "2025-03-01", "2025-04-10"):
        e = add("volunteer_event", "--org", "B1", f"title=净滩{day}", f"held_on={day}", "hours=4", f"drive=#{drive}", "state=completed")
        add("service_record", "--org", "B1", f"event=#{e}", f"volunteer=#{who}", f"served_on={day}", "hours=1", "state=valid")
    return who


def rolled(figure, year, *orgs):
    out = []
    for o in orgs:
        f = q("--json", "figures", "--year", year, "--org", o, figure).json[0]
        out.append(f["value"])
    return out


@test
def a_branch_that_moves_leaves_the_past_where_it_was():
    two_counties()
    by = ("3399", "C1", "C2", "B1")
    equal(rolled("vol.attend", 2024, *by), [1, 1, 0, 1])
    equal(rolled("vol.attend", 2025, *by), [4, 4, 0, 4])
    branch = next(o["id"] for o in q("--json", "list", "org").json["rows"] if o["code"] == "B1") if isinstance(
        q("--json", "list", "org").json, dict) else next(o["id"] for o in q("--json", "list", "org").json if o["code"] == "B1")
    q("set", "org", branch, "--from", "2025-03-01", "parent=C2")
    q("check")
    equal(rolled("vol.attend", 2024, *by), [1, 1, 0, 1], "last year stays")
    equal(rolled("vol.attend", 2025, *by), [4, 2, 2, 4], "this year splits on the day")
    equal(rolled("vol.attend.people", 2025, *by), [1, 1, 1, 1], "one person, known to both")
    equal(rolled("league_day.due", 2024, *by), [1, 1, 0, 1], "a stock as of the day asked")
    equal(rolled("league_day.due", 2025, *by), [1, 0, 1, 1])
    for org in by:
        for figure in ("vol.attend", "vol.events", "vol.attend.people", "vol.attend.hours"):
            t = trace(figure, "--org", org)
            equal(sum(r["contribution"] for r in t["rows"]), t["value"], f"{figure} {org}")
            equal(t["value"], rolled(figure, 2025, org)[0])
    q("set", "org", branch, "--from", "2024-01-01", "parent=C1")
    q("check")
    q("set", "org", branch, "--from", "2024-05-01", "parent=C2")
    q("check")
    equal(rolled("vol.attend", 2024, *by), [1, 0, 1, 1], "a back-dated move takes the past along")
    q("set", "org", branch, "--from", "2024-05-01", "parent=B1", code=2)


if __name__ == "__main__":
    done()
