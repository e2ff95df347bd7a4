"""Figures from the command line: value, rows behind it, periods, co-hosts, declared totals, bare head-counts, the check."""
import os
from tap import T, done, equal, run, sql, test

NOW = "2026-01-20T10:00:00+08:00"


def city():
    db = os.path.join(T.dir, "c.db")
    run("--db", db, "--now", NOW, "init", "--city", "临澜市", "--region", "3399")

    def q(*args, **more):
        return run("--db", db, "--now", NOW, *args, **more)
    q.db = db
    return q


def add(q, *args):
    return q("add", *args, "--json").json["id"]


def units(q):
    """Two counties with a branch each."""
    for code, name, kind, parent in (("C1", "团东县委", "county", "3399"), ("C2", "团西县委", "county", "3399"),
                                     ("B1", "东一支部", "branch", "C1"), ("B2", "西一支部", "branch", "C2")):
        add(q, "org", f"code={code}", f"name={name}", f"kind={kind}", f"parent={parent}")


def events(q, n=3):
    drive = add(q, "programme", "name=学雷锋", "kind=drive")
    return [add(q, "volunteer_event", "--org", "B1", f"title=净滩{i}", f"held_on=2025-0{i + 1}-10", "hours=4", f"drive=#{drive}",
                "cohosts=B2" if i == 0 else "cohosts=", "state=completed") for i in range(n)]


def serve(q, event, day, who=None, n=None, hours="1.5"):
    args = ["service_record", "--org", "B1", f"event=#{event}", f"served_on={day}", f"hours={hours}", "state=valid"]
    return add(q, *args, *([f"volunteer=#{who}"] if who else []), *([f"n={n}"] if n else []))


def figure(q, name, *args):
    return q("figures", name, "--json", *(args or ("--year", "2025"))).json[0]


@test
def the_rows_add_up_to_the_figure():
    q = city()
    units(q)
    e = events(q)
    people = [add(q, "person", f"name=张{c}", "birth_month=1995-03", "identified=是") for c in "一二三"]
    for who, event, day in ((0, 0, "2025-01-10"), (0, 1, "2025-02-10"), (1, 1, "2025-02-10"), (2, 2, "2025-03-10")):
        serve(q, e[event], day, people[who])
    f = figure(q, "vol.attend")
    equal((f["value"], f["unit"], f["grades"]["B"]), (4, "人次", 4), "attendances")
    equal(f["companions"]["people"]["value"], 3, "people")
    equal(f["companions"]["people"]["id"], "vol.attend.people", "companion's id")
    equal(f["companions"]["hours"]["value"], 4 * 90, "minutes")
    for name in ("vol.attend", "vol.attend.people", "vol.attend.hours", "vol.events"):
        for period in (("--year", "2025"), ("--period", "2025Q1"), ("--period", "2025-02"), ("--period", "2025-01-05..2025-02-20")):
            t = q("trace", name, *period, "--json").json
            equal(sum(r["contribution"] for r in t["rows"]), t["value"], f"{name} {period}")
            equal(t["value"], figure(q, name, *period)["value"], f"{name} {period}")
    equal(figure(q, "vol.attend.people", "--period", "2025-02")["value"], 2, "people of February")
    lines = q("trace", "vol.attend", "--year", "2025", "--ndjson").lines()
    equal(len(lines), 4, "rows, one a line")
    page = q("trace", "vol.attend", "--year", "2025", "--limit", "3", "--json").json
    rest = q("trace", "vol.attend", "--year", "2025", "--after", str(page["next"]), "--json").json
    equal([r["id"] for r in page["rows"] + rest["rows"]], [r["id"] for r in lines], "pages")
    q("check")


@test
def a_held_together_event_counts_once_for_the_city_and_once_for_each_host():
    q = city()
    units(q)
    events(q)
    equal([figure(q, "vol.events", "--year", "2025", "--org", o)["value"] for o in ("3399", "C1", "C2", "B2")], [3, 3, 1, 1], "by unit")
    rows = q("trace", "vol.events", "--year", "2025", "--org", "C2", "--json").json["rows"]
    equal([r.get("cohost") for r in rows], [True], "marked")
    q("check")


@test
def a_bare_head_count_tells_attendances_but_not_people():
    q = city()
    units(q)
    e = events(q)
    who = add(q, "person", "name=张一", "birth_month=1995-03", "identified=是")
    serve(q, e[0], "2025-01-10", who)
    serve(q, e[1], "2025-02-10", n=40)
    f = figure(q, "vol.attend")
    equal(f["value"], 41, "attendances")
    people = f["companions"]["people"]
    equal((people["value"], people["instead"]), (None, {"value": 41, "unit": "人次"}), "people")
    assert people["why"], people
    equal(figure(q, "vol.attend.people", "--period", "2025-01")["value"], 1, "January has names alone")


@test
def a_declared_total_stands_for_the_rows_under_it():
    q = city()
    units(q)
    e = events(q)
    who = add(q, "person", "name=张一", "birth_month=1995-03", "identified=是")
    serve(q, e[0], "2025-01-10", who)
    serve(q, e[1], "2025-02-10", n=40)

    def total(unit, first, last, value, code=0):
        return q("add", "declared_total", "--org", unit, "figure_id=vol.attend", f"period_from={first}", f"period_to={last}",
                 f"value={value}", "origin_text=平台导出", "state=accepted", "approved_by=#%d" % who, "--json", code=code)
    total("B1", "2025-02-01", "2025-02-28", 100)
    equal([figure(q, "vol.attend", "--year", "2025", "--org", o)["value"] for o in ("3399", "C1", "C2")], [101, 101, 0], "year")
    t = q("trace", "vol.attend", "--year", "2025", "--json").json
    equal(sum(r["contribution"] for r in t["rows"]), 101, "rows")
    equal([r["register"] for r in t["rows"] if r.get("covered")], ["service_record"], "covered")
    equal(figure(q, "vol.attend", "--period", "2025-02")["value"], 100, "its own month")
    part = figure(q, "vol.attend", "--period", "2025-02-01..2025-02-15")
    equal(part["value"], None, "a part of its days cannot be told")
    assert part["why"]
    total("C1", "2025-01-01", "2025-12-31", 900, code=2)
    total("C2", "2025-01-01", "2025-12-31", 900)
    equal(figure(q, "vol.attend")["value"], 1001, "another county's total")
    q("check")


@test
def a_row_of_two_hosts_under_two_totals_is_taken_away_once():
    q = city()
    units(q)
    e = events(q, 1)  # the first is held by B1 with B2
    who = add(q, "person", "name=张一", "birth_month=1995-03", "identified=是")
    for unit, value in (("B1", 10), ("B2", 20)):
        q("add", "declared_total", "--org", unit, "figure_id=vol.events", "period_from=2025-01-01", "period_to=2025-12-31",
          f"value={value}", "origin_text=平台导出", "state=accepted", f"approved_by=#{who}")
    equal(figure(q, "vol.events")["value"], 30, "the totals alone")
    t = q("trace", "vol.events", "--year", "2025", "--json").json
    equal(sum(r["contribution"] for r in t["rows"]), 30, "its rows")
    equal([r["id"] for r in t["rows"] if r.get("covered")], e, "covered")
    equal([figure(q, "vol.events", "--year", "2025", "--org", o)["value"] for o in ("C1", "C2")], [10, 20], "by county")
    q("check")


@test
def a_total_of_a_part_reaches_the_whole_once():
    q = city()
    units(q)
    e = events(q)
    who = add(q, "person", "name=张一", "birth_month=1995-03", "identified=是")
    serve(q, e[0], "2025-01-10", who)
    other = add(q, "volunteer_event", "--org", "B1", "title=清扫", "held_on=2025-04-10", "hours=4", "state=completed")  # no drive
    serve(q, other, "2025-04-10", who)

    def total(unit, name, value, first="2025-01-01"):
        return add(q, "declared_total", "--org", unit, f"figure_id={name}", f"period_from={first}", "period_to=2025-12-31",
                   f"value={value}", "origin_text=平台导出", "state=accepted", f"approved_by=#{who}")
    equal((figure(q, "vol.attend")["value"], figure(q, "vol.attend.all")["value"]), (1, 2), "rows alone")
    total("C1", "vol.attend", 234)
    equal((figure(q, "vol.attend")["value"], figure(q, "vol.attend.all")["value"]), (234, 235), "234 and the one of no drive")
    t = q("trace", "vol.attend.all", "--year", "2025", "--json").json
    equal(sum(r["contribution"] for r in t["rows"]), 235, "its rows")
    equal([(r["part"], r["contribution"]) for r in t["rows"] if "part" in r], [("vol.attend", 233)], "what the part's total adds")
    q("check")
    whole = total("3399", "vol.attend.all", 500)
    equal(figure(q, "vol.attend.all")["value"], 500, "the whole's own total covers the part's")
    q("check")
    q("do", "void", "declared_total", whole, "reason=有误")
    whole = total("3399", "vol.attend.all", 100)
    r = q("--lang", "en", "check", code=1)
    assert "vol.attend.all of 2025 is 100, its parts come to 234" in r.out, r.out
    q("do", "void", "declared_total", whole, "reason=有误")
    total("C1", "vol.attend.all", 300, "2025-06-01")
    f = figure(q, "vol.attend.all")
    assert f["value"] is None and f["why"], f


@test
def the_check_names_what_differs_and_rebuild_mends_it():
    q = city()
    units(q)
    e = events(q)
    q("set", "volunteer_event", e[0], "held_on=2025-06-01")
    sql(q.db, "UPDATE cell SET value = value + 5 WHERE org = 1 AND number ="
              " (SELECT number FROM figure_def WHERE figure = 'vol.events'); SELECT 1")
    r = q("check", "--json", code=1).json
    assert r["cells"]["bad"] > 0 and "vol.events" in r["cells"]["first"], r
    q("rebuild", "cells")
    equal(q("check", "--json").json["cells"]["bad"], 0, "mended")


@test
def what_cannot_be_answered_is_refused():
    q = city()
    q("figures", "vol.nothing", "--year", "2025", code=2)
    q("figures", "--year", "25", code=2)
    q("figures", "--period", "2025H3", code=2)
    q("figures", code=2)
    q("figures", "--year", "2025", "--period", "2025Q1", code=2)
    q("figures", "--year", "2025", "--org", "nobody", code=2)
    q("trace", "league_day.coverage", "--year", "2025", code=2)
    f = figure(q, "league_day.coverage")
    equal((f["value"], f["of"], f["over"]), (None, 0, 0), "a rate")
    assert len(q("figures", "--year", "2025", "--json").json) > 50


done()
