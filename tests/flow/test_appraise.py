#!/usr/bin/python3
"""The appraisal of a year: points from the unit's own figures and from judgements that two persons signed; a veto caps the
grade, an appeal opens its item again, a school's share of the best grade holds, and no figure of study may stand in it."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from city import City
from tap import T, done, equal, run, test

JUDGED = {"班子建设": 15, "团员发展与管理": 15, "问题整改": 10, "青年评价": 10}


def appraised(c, code, *more):
    return {u["code"]: u for u in c.q("--json", "appraise", "--year", "2025", *more, code=code).json}


def judge(c, branch, round_id, share=1.0, items=JUDGED):
    a, b = c.person(), c.person()
    return {item: c.add("appraisal_score", branch, round=f"#{round_id}", item=item, score=f"{full * share:.2f}", full_score=full,
                        scored_on="2025-12-10", basis="judgement", signed_by=a, signed_with=b, state="valid")
            for item, full in items.items()}


def cadre(c, branch):
    c.add("cadre_term", branch, cadre=c.person(), duty="secretary", started_on="2024-01-01", state="valid")


def points_and_grades(c):
    c.add("org", code="B1", name="东山一支部", kind="branch", parent="X1", founded="2020-01-01")
    c.add("org", code="B2", name="新支部", kind="branch", parent="X1", founded="2025-11-01")
    r = c.add("appraisal_round", name="2025年对标定级", opens_on="2025-11-20", closes_on="2025-12-31")
    theme = c.add("theme", name="主题", slogan="主题", opens_on="2025-01-01", closes_on="2025-12-31", state="valid")
    for day in ("2025-03-01", "2025-06-01"):
        c.add("league_day", "B1", theme=f"#{theme}", held_on=day, heads="3", state="accepted")
    for i in range(1, 8):
        c.add("volunteer_event", "B1", title=f"清扫{i}", held_on=f"2025-0{i}-10", hours="4", state="completed")
    u = appraised(c, 1)
    equal(list(u), ["B1"], "a unit of two months does not take part")
    equal([i["item"] for i in u["B1"]["items"] if i["points"] is None], ["team", "members", "problems", "satisfaction"])
    equal((u["B1"]["score"], u["B1"]["band"]), (None, None), "no grade while items are missing")
    scores = judge(c, "B1", r)
    u = appraised(c, 0)["B1"]
    points = {i["item"]: i["points"] for i in u["items"]}
    equal(points, {"team": 15, "members": 15, "league_days": 7.5, "volunteering": 15, "training": 0, "needs": 0,
                   "problems": 10, "satisfaction": 10})
    equal((u["score"], u["band"], u["vetoes"]), (72.5, "none", ["no_cadre"]), "72.50, but nobody leads it")
    cadre(c, "B1")
    u = appraised(c, 0)["B1"]
    equal((u["score"], u["band"], u["vetoes"]), (72.5, "three", []))
    equal([i["item"] for i in u["items"] if i["weak"]], ["league_days", "training", "needs"], "a course would help")
    assert "三星" in c.q("appraise", "--year", "2025").out
    equal(list(appraised(c, 0, "--org", "B1")), ["B1"])
    equal(c.q("--json", "appraise", "--year", "2024", code=1).json[0]["band"], None, "another year has its own round")
    return r, scores


def appeal_opens_its_item(c, scores):
    appeal = c.add("appraisal_appeal", "B1", score=f"#{scores['班子建设']}", told_on="2025-12-20", why="漏了两份文件", state="submitted")
    u = appraised(c, 1)["B1"]
    equal([(i["item"], i["why"]) for i in u["items"] if i["points"] is None], [("team", "申诉待答复")], "that item only")
    equal(u["band"], None)
    c.do("accept", "appraisal_appeal", appeal)
    equal(appraised(c, 0)["B1"]["band"], "three")


def veto_caps_and_one_signature_is_none(c, r):
    c.add("appraisal_score", "B1", round=f"#{r}", item="弄虚作假", score="0", full_score="1", scored_on="2025-12-11",
          basis="figure", veto="是", state="valid")
    u = appraised(c, 0)["B1"]
    equal((u["vetoes"], u["band"]), (["judged"], "two"))
    w = c.write("appraisal_score", "B1", dict(round=f"#{r}", item="x", score="1", full_score="1", scored_on="2025-12-11",
                                              basis="judgement", signed_by=c.person()), code=2)
    assert "两人签字" in w.err, w.err


@test
def figures_and_judgements_make_points_and_grades():
    c = City()
    r, scores = points_and_grades(c)
    appeal_opens_its_item(c, scores)
    veto_caps_and_one_signature_is_none(c, r)
    c.q("appraise", code=2)
    c.q("appraise", "--year", "3025", code=2)
    c.q("appraise", "--year", "2025", "--org", "nowhere", code=2)


@test
def a_school_gives_its_best_grade_to_a_share_of_its_units():
    over = os.path.join(T.dir, "over", "rules")
    os.makedirs(over)
    with open("model/rules/appraisal.yaml", encoding="utf-8") as f:
        rules = f.read()
    for n in ("league_days", "volunteering", "training", "needs"):  # all points by judgement, so that a small city shows it
        head, tail = rules.split(f"  {n}:\n")
        lines = tail.split("\n")
        lines[2:4] = ["    judgement: {zh: 查, en: look}"]
        rules = head + f"  {n}:\n" + "\n".join(lines)
    with open(os.path.join(over, "appraisal.yaml"), "w", encoding="utf-8") as f:
        f.write(rules)
    q = City.__new__(City)
    q.db, q.people = os.path.join(T.dir, "school.db"), 0
    run("--db", q.db, "init", "--city", "清河市", "--model", os.path.dirname(over))
    q.add("org", code="X1", name="东山区委", kind="county", parent="共青团清河市委员会", founded="2000-01-01")
    q.add("org", code="S1", name="一中团委", kind="committee", school_kind="senior", parent="X1", founded="2010-01-01")
    r = q.add("appraisal_round", name="2025年对标定级", opens_on="2025-11-20", closes_on="2025-12-31")
    items = JUDGED | {"主题团日": 15, "志愿服务": 15, "团干部培训": 10, "回应群众需求": 10}
    codes = ["S1"] + [f"S1{i}" for i in range(1, 5)]
    for i, code in enumerate(codes):
        if i:
            q.add("org", code=code, name=f"高一{i}班团支部", kind="branch", parent="S1", founded="2020-01-01")
        cadre(q, code)
        judge(q, code, r, 0.99 - i / 100, items)
    u = appraised(q, 0)
    equal([(u[k]["band"], u[k]["fell"]) for k in codes], [("five", False)] + [("four", True)] * 4, "a fifth of five is one")
    part = appraised(q, 0, "--org", "S11")
    equal((part["S11"]["band"], part["S11"]["share_open"]), ("five", True), "the share is not told by a part of the school")


@test
def faults_of_the_rules_are_told():
    over = os.path.join(T.dir, "bad", "rules")
    os.makedirs(over)
    with open("model/rules/appraisal.yaml", encoding="utf-8") as f:
        rules = f.read()
    for i, (old, new, words) in enumerate((("figure: vol.events.all", "figure: study.attend", "12号"), ("weight: 10", "weight: 11", "不是100|104"),
                                           ("from: 80", "from: 95", "from"), ("cap: two", "cap: gold", "cap"))):
        with open(os.path.join(over, "appraisal.yaml"), "w", encoding="utf-8") as f:
            f.write(rules.replace(old, new))
        r = run("--lang", "zh", "model", "check", os.path.dirname(over), code=2)
        assert any(w in r.err for w in words.split("|")) and "appraisal.yaml" in r.err, (i, r.err)


done()
