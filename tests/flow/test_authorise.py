#!/usr/bin/python3
"""Who may read minors' data: roles, authorisations, cases, guardians, agreements, break-glass, consent, assessments; the
audit that says so. Everything over the command line, as the persons themselves."""
import hashlib
import json
import os
import re
import shutil
import sys
import zipfile

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, rows, run, test

NOW = "2026-03-02T10:00:00+08:00"
NAME = "欧阳小满"


class City:
    """A county with two schools; a child of each; people with roles."""

    def __init__(self):
        self.db = os.path.join(T.dir, "city.db")
        self.q("init", "--city", "临澜市", "--region", "330100")
        for code, name in (("C1", "海州县团委"), ("C2", "云台县团委")):
            self.q("add", "org", "--org", "330100", f"code={code}", f"name={name}", "kind=county")
        self.q("add", "org", "--org", "C1", "code=S1", "name=一小", "kind=committee")

    def q(self, *args, code=0, who=None, now=NOW, **k):
        return run("--db", self.db, "--now", now, *(("--as", who) if who else ()), *args, code=code, **k)

    def person(self, name, org, *more):
        return f"#{self.q('--json', 'add', 'person', '--org', org, f'name={name}', *more).json['id']}"

    def staff(self, role, org, name=None):
        who = self.person(name or role, org)
        self.q("account", "grant", role, who, "--org", org)
        return who

    def rows(self, who, register, *more):
        return self.q("--json", "list", register, *more, who=who).json

    def audit(self):
        return rows(self.db, "SELECT actor, action, subject, detail, result FROM audit ORDER BY seq")

    def sql(self, text, *args):
        return rows(self.db, text, *args)


def care_city():
    c = City()
    c.child = c.person(NAME, "S1", "birth_month=2015-05", "phone=19900001111")
    c.staff_ = c.staff("county_staff", "C1")
    c.other = c.staff("county_staff", "C2")
    c.leader = c.staff("leader", "330100")
    c.boss = c.staff("city_staff", "330100")
    c.sec = c.staff("secadmin", "330100")
    c.q("add", "care_child", "--org", "S1", f"child={c.child}", "listed_on=2026-01-05", "risk=high", "wish=想妈妈", "state=valid")
    return c


@test
def the_role_alone_opens_nothing_and_revoking_stops_the_next_read():
    c = care_city()
    equal(c.rows(c.staff_, "care_child"), [])
    c.q("show", "care_child", "1", who=c.staff_, code=3)
    c.q("--json", "authorise", "ask", "county_staff", "child_care", "--reason", "年度复核", who=c.staff_)
    equal(c.rows(c.staff_, "care_child"), [])
    c.q("authorise", "approve", "1", who=c.staff_, code=3)
    c.q("authorise", "approve", "1", who=c.boss)
    got = c.rows(c.staff_, "care_child")
    equal([(r["id"], r["risk"], r["wish"], r["sealed"]) for r in got], [(1, "high", None, ["wish"])])
    last = c.audit()[-1]
    equal(last[1:], ("read", "care_child:1", "child_care authorisation:1", "ok"))
    equal(c.rows(c.other, "care_child"), [])
    c.q("authorise", "revoke", "1", who=c.boss)
    c.q("show", "care_child", "1", who=c.staff_, code=3)
    equal(c.audit()[-1][1:3] + c.audit()[-1][4:], ("read", "care_child:1", "denied"))
    c.q("authorise", "grant", c.staff_, "county_staff", "aid", who=c.boss)
    c.q("show", "care_child", "1", who=c.staff_, code=3)  # another purpose
    c.q("authorise", "grant", c.boss, "city_staff", "child_care", who=c.boss, code=3)
    c.q("authorise", "grant", c.staff_, "county_staff", "child_care", "--to", "2027-09-01", who=c.boss, code=2)
    c.q("authorise", "grant", c.staff_, "county_staff", "child_care", "--to", "2026-03-05", who=c.boss)
    c.q("show", "care_child", "1", who=c.staff_)
    c.q("show", "care_child", "1", who=c.staff_, now="2026-03-05T00:00:00+08:00", code=3)  # it has ended


@test
def every_way_of_reading_is_closed_and_open_alike():
    c = care_city()
    ways = (("list", "care_child"), ("--json", "list", "care_child"), ("show", "care_child", "1"),
            ("show", "care_child", "1", "--history"), ("export", "care_child", "-o", os.path.join(T.dir, "x.csv")))
    for w in ways:
        r = c.q(*w, who=c.staff_, code=None)
        assert NAME not in r.out + r.err and "high" not in r.out and "高" not in r.out, w
    x = os.path.join(T.dir, "x.csv")
    assert not os.path.exists(x) or NAME not in open(x, encoding="utf-8").read()
    equal(c.q("person", "find", NAME, who=c.staff_).out, "")
    # The role without an authorisation asks nothing about them by a condition either.
    equal(c.rows(c.staff_, "care_child", "--where", "risk = 'high'"), [])
    c.q("list", "pairing", "--where", "exists(care_child by child)", who=c.staff_, code=None)
    for purpose in ("child_care", "identity"):
        c.q("authorise", "grant", c.staff_, "county_staff", purpose, who=c.boss)
    assert NAME in c.q("list", "care_child", who=c.staff_).out
    equal(c.audit()[-1][2:4], (f"care_child:1;person:{c.child[1:]}", "child_care identity authorisation:1 authorisation:2"))
    assert NAME in c.q("person", "find", NAME, who=c.staff_).out
    equal(c.q("person", "find", "19900001111", who=c.staff_).out, "", )  # who sees no phone does not search by it
    c.q("export", "care_child", "-o", x, who=c.staff_, code=3)
    c.q("authorise", "grant", c.staff_, "county_staff", "child_care", "--export", who=c.boss)
    c.q("authorise", "grant", c.staff_, "county_staff", "identity", "--export", who=c.boss)
    c.q("authorise", "revoke", "1", who=c.boss)
    c.q("export", "care_child", "-o", x, who=c.staff_)
    text = open(x, encoding="utf-8").read()
    assert NAME in text and "想妈妈" not in text
    # A field that the role does not see is no condition, and nothing may be written that it may not edit.
    c.q("list", "person", "--where", "phone = '19900001111'", who=c.staff_, code=3)


@test
def a_duty_gives_each_secretary_the_own_unit_and_ends_with_it():
    c = care_city()
    a, b = c.staff("branch_secretary", "S1"), c.staff("branch_secretary", "C2")
    equal([r["id"] for r in c.rows(a, "person")], [int(a[1:])])  # himself
    before = len(c.audit())
    equal(c.q("--json", "authorise", "duty", "branch_secretary", "identity", "--to", "2026-08-31", who=c.boss).json, {"granted": 2})
    got = c.audit()[before:]
    equal(sorted(r[2] for r in got if r[1] == "authorise"), sorted(f"person:{p[1:]}" for p in (a, b)))
    equal(c.q("--json", "authorise", "duty", "branch_secretary", "identity", who=c.boss).json, {"granted": 0})
    assert int(c.child[1:]) in [r["id"] for r in c.rows(a, "person")]
    assert int(c.child[1:]) not in [r["id"] for r in c.rows(b, "person")]
    c.q("account", "end", "branch_secretary", a, "--org", "S1", who=c.sec)
    equal([r["id"] for r in c.rows(a, "person")], [int(a[1:])])  # himself
    c.q("account", "grant", "branch_secretary", a, "--org", "S1", who=c.sec)  # a new term is a new duty
    equal([r["id"] for r in c.rows(a, "person")], [int(a[1:])])


@test
def a_case_is_open_to_its_own_people():
    c = care_city()
    helper, stranger = c.staff("helper", "C1"), c.staff("helper", "C1")
    c.q("show", "care_child", "1", who=helper, code=3)
    c.q("add", "pairing", f"child={c.child}", f"helper={stranger}", "paired_on=2026-02-01", who=stranger, code=3)
    c.q("add", "pairing", "--org", "S1", f"child={c.child}", f"helper={helper}", "helper_kind=cadre", "paired_on=2026-02-01", "state=valid", code=None)
    c.sql("UPDATE pairing SET state = 'valid'")
    r = c.q("--json", "show", "care_child", "1", who=helper).json
    equal((r["risk"], r["wish"]), ("high", "想妈妈"))
    equal(c.audit()[-1][2:4], ("care_child:1", f"child_care case:person:{c.child[1:]}"))
    equal([x["id"] for x in c.rows(helper, "care_child")], [1])
    equal(c.rows(stranger, "care_child"), [])
    # A helper tells what was seen; whether a child is listed, paired or at risk, others decide.
    c.q("set", "care_child", "1", "risk=low", who=helper, code=3)
    c.q("set", "pairing", "1", "visit_every=30", who=helper, code=3)
    c.q("add", "visit", "--org", "S1", f"child={c.child}", f"helper={helper}", "visited_on=2026-03-01", "way=home", "seen=true", who=helper)
    equal(len(c.rows(helper, "visit")), 1)
    c.sql("UPDATE pairing SET ended_on = '2026-02-20'")
    c.q("show", "care_child", "1", who=helper, code=3)
    # Put on the case by name, and taken off.
    c.q("authorise", "case", "person", c.child[1:], "case_worker", stranger, who=stranger, code=3)
    c.q("authorise", "case", "person", c.child[1:], "case_worker", stranger, who=c.boss)
    equal([x["id"] for x in c.rows(stranger, "care_child")], [1])
    c.q("authorise", "uncase", "1", who=c.boss)
    equal(c.rows(stranger, "care_child"), [])


@test
def break_glass_opens_one_person_for_four_hours_and_is_reviewed():
    c = care_city()
    c.q("authorise", "break", "person", c.child[1:], who=c.staff_, code=2)  # no reason
    c.q("authorise", "break", "person", c.child[1:], "--reason", "孩子失联", who=c.staff_)
    equal([x["id"] for x in c.rows(c.staff_, "care_child")], [1])
    equal(c.audit()[-1][2:4], ("care_child:1", "child_care break_glass:1"))
    c.q("show", "care_child", "1", who=c.staff_, now="2026-03-02T14:00:01+08:00", code=3)
    equal(c.sql("SELECT COUNT(*) FROM outbox WHERE kind = 'alert'"), [(3,)])  # the security administrators (the first of all too) and the leader
    c.q("authorise", "review", "1", "--reason", "x", who=c.staff_, code=3)
    g = c.q("--json", "authorise", "glass", who=c.sec).json
    equal([(x["reason"], x["reviewed"]) for x in g], [("孩子失联", False)])
    c.q("authorise", "review", "1", "--justified", "--reason", "已核实，孩子找到", who=c.leader)
    c.q("authorise", "review", "1", "--reason", "x", who=c.sec, code=2)
    equal(c.q("--json", "authorise", "glass", who=c.sec).json[0]["justified"], True)
    raw = b"".join(open(os.path.join(T.dir, f), "rb").read() for f in os.listdir(T.dir))
    assert "孩子失联".encode() not in raw and "已核实".encode() not in raw


@test
def guardian_and_child_read_their_own_and_write_what_is_theirs():
    c = care_city()
    mother = c.person("欧阳母亲", "S1")
    c.q("show", "person", c.child[1:], who=mother, code=3)
    c.q("add", "guardianship", "--org", "S1", f"child={c.child}", f"guardian={mother}", "kinship=mother", "valid_from=2015-05-01", "verified=booklet", "verified_on=2015-05-01", "state=valid")
    r = c.q("--json", "show", "person", c.child[1:], who=mother).json
    equal((r["name"], r["phone"]), (NAME, "19900001111"))
    equal(c.audit()[-1][3], "identity guardian")
    c.q("set", "person", c.child[1:], "phone=19900002222", who=mother)
    c.q("set", "person", c.child[1:], "identified=true", who=mother, code=3)
    c.q("set", "person", c.child[1:], "name=别人", who=mother, code=3)
    equal(c.q("--json", "show", "person", c.child[1:]).json["name"], NAME)
    c.sql("UPDATE guardianship SET condition = 'revoked'")
    c.q("show", "person", c.child[1:], who=mother, code=3)


@test
def a_guardian_reaches_nothing_before_staff_verified_the_link():
    c = care_city()
    mother = c.person("欧阳母亲", "S1")
    c.q("authorise", "grant", c.staff_, "county_staff", "child_care", who=c.boss)
    link = ["add", "guardianship", "--org", "S1", f"child={c.child}", f"guardian={mother}", "kinship=mother", "valid_from=2015-05-01", "state=valid"]
    c.q(*link, "verified=booklet", "verified_on=2015-05-01", who=c.staff_, code=3)
    c.q(*link, who=c.staff_)
    c.q("show", "person", c.child[1:], who=mother, code=3)
    c.q("show", "care_child", "1", who=mother, code=3)
    c.q("set", "guardianship", "1", "verified_on=2026-01-05", who=c.staff_, code=3)
    c.q("do", "verify", "guardianship", "1", "verified=booklet", who=c.other, code=3)
    c.q("do", "verify", "guardianship", "1", "verified=booklet", who=mother, code=3)
    assert "Verified by" in c.q("--lang", "en", "do", "verify", "guardianship", "1", who=c.staff_, code=2).err
    c.q("do", "verify", "guardianship", "1", "verified=booklet", who=c.staff_)
    equal(c.audit()[-1][:2], (f"person:{c.staff_[1:]}", "do:verify"))
    equal(c.sql("SELECT verified_on FROM guardianship"), [(NOW[:10],)])
    c.q("show", "person", c.child[1:], who=mother)
    for field in (f"guardian={c.other}", f"child={c.staff_}"):
        c.q("set", "guardianship", "1", field, who=c.staff_, code=2)
    c.q("set", "guardianship", "1", "condition=away", who=c.staff_)


@test
def a_department_sees_the_agreed_fields_and_each_sharing_is_logged():
    c = care_city()
    contact = c.staff("partner_contact", "330100")
    c.q("add", "partner", "name=民政局", "kind=civil", f"contact={contact}", "state=valid")
    c.q("show", "care_child", "1", who=contact, code=3)
    agreement = ("partner=民政局", "purpose_id=child_care", "legal_basis=未成年人保护法第四十三条", "valid_from=2026-01-01", "valid_to=2026-06-30", "state=valid")
    c.q("add", "sharing_agreement", *agreement, "register_id=care_child", "field_ids=risk, nonsense", code=2)
    c.q("add", "sharing_agreement", *agreement, "register_id=no_such", "field_ids=risk", code=2)
    r = c.q("--lang", "en", "add", "sharing_agreement", *agreement, "register_id=mind_file", "field_ids=level", code=2)
    assert "label" in r.err, "no agreement opens what the label of the department's contact does not dominate"
    # Only what the register shares at all, for the register's own purpose, and to an end.
    said = ("--lang", "en", "add", "sharing_agreement", *agreement)
    assert "“wish”" in c.q(*said, "register_id=care_child", "field_ids=risk, wish", code=2).err
    for closed, field, purpose in (("bank_line", "amount", "funds"), ("sharing_agreement", "legal_basis", "coordination"), ("cadre_review", "cadre", "league_cadres")):
        assert "nothing of" in c.q(*said, f"register_id={closed}", f"field_ids={field}", f"purpose_id={purpose}", code=2).err
    assert "for that alone" in c.q(*said, "register_id=care_child", "field_ids=risk", "purpose_id=aid", code=2).err
    assert "three years" in c.q(*said, "register_id=care_child", "field_ids=risk", "valid_to=2029-06-30", code=2).err
    c.q("add", "sharing_agreement", *agreement, "register_id=care_child", "field_ids=listed_on, risk")
    r = c.q("--json", "list", "care_child", who=contact).json
    equal([(x["risk"], x["listed_on"], x["child"], x["school"]) for x in r], [("high", "2026-01-05", None, None)])
    equal(c.audit()[-1][2:4], ("care_child:1", "child_care agreement:1"))
    equal(c.sql("SELECT agreement, shared_on, rows_n, field_ids, by_person FROM sharing_log"),
          [(1, "2026-03-02", 1, "listed_on, risk", int(contact[1:]))])
    c.q("list", "care_child", "--where", "child = 2", who=contact, code=3)
    c.q("list", "visit", who=contact, code=None)
    equal(c.rows(contact, "visit"), [])
    # An agreement of former times opens no more than the register shares today.
    c.sql("UPDATE sharing_agreement SET field_ids = 'risk, wish'")
    equal([(x["risk"], x["wish"], x["listed_on"]) for x in c.q("--json", "list", "care_child", who=contact).json], [("high", None, None)])
    c.sql("UPDATE sharing_agreement SET field_ids = 'wish'")
    c.q("show", "care_child", "1", who=contact, code=3)
    c.sql("UPDATE sharing_agreement SET field_ids = 'listed_on, risk'")
    c.q("show", "care_child", "1", who=contact, now="2026-07-01T00:00:00+08:00", code=3)  # the agreement has ended
    # Its own tasks: it answers them, and changes neither what was asked nor by when.
    c.q("add", "joint_task", "number=J1", "title=联合走访", "lead_by=民政局", "opened_on=2026-02-01", "due_on=2026-04-01", "state=open")
    c.q("set", "joint_task", "1", "replied_on=2026-03-01", who=contact)
    c.q("set", "joint_task", "1", "due_on=2026-12-01", who=contact, code=3)
    c.q("set", "joint_task", "1", "title=别的", who=contact, code=3)


@test
def nobody_writes_beyond_the_own_part_of_the_work():
    c = care_city()
    approver, clerk = c.staff("finance_approver", "330100"), c.staff("finance_clerk", "330100")
    note = ("add", "delivery_note", "number=1", "signed_on=2026-02-01")
    assert "may not write" in c.q("--lang", "en", *note, who=approver, code=3).err
    c.q(*note, who=clerk)
    equal(len(c.rows(approver, "delivery_note")), 1)
    for who, closed in ((c.staff("branch_secretary", "S1"), "sharing_log"), (c.leader, "delivery_note")):
        c.q("list", closed, who=who, code=3)


@test
def administrators_and_the_leader_read_no_records_of_minors():
    c = care_city()
    people = {r: c.staff(r, "330100") for r in ("sysadmin", "auditadmin")}
    people.update(secadmin=c.sec, leader=c.leader)
    told = run("--json", "permissions").json
    for role, who in people.items():
        c.q("show", "care_child", "1", who=who, code=3)
        equal(c.rows(who, "person"), [r for r in c.rows(who, "person") if f"#{r['id']}" == who])
        for x in told:
            if x["role"] == role and x["act"] == "read":
                assert role != "auditadmin", x
    c.q("audit", "list", who=people["sysadmin"], code=3)
    c.q("audit", "list", who=c.sec, code=3)
    c.q("audit", "list", who=people["auditadmin"])


@test
def consent_lets_fields_be_stored_and_withdrawal_hides_them_and_asks_for_deletion():
    c = care_city()
    c.q("add", "screening_round", "name=2026春", "instrument=who5", "opens_on=2026-02-20", "closes_on=2026-03-20", "state=completed")
    sitting = ("add", "sitting", "--org", "S1", "round=2026春", f"person={c.child}", "sat_on=2026-03-01", "score=52", "consent=#1")
    r = c.q(*sitting, code=2)
    assert "consent" in r.err or "同意" in r.err
    give = ("add", "consent", "--org", "S1", f"person={c.child}", "purpose_id=mind", "given_on=2026-02-25", "text_version=2026.1", "verified=paper", "state=valid")
    c.q(*give, "by_guardian=false", code=2)  # under 14
    mother = c.person("欧阳母亲", "S1")
    c.q(*give, "by_guardian=true", f"guardian={mother}")
    c.q(*sitting)
    c.q("add", "guardianship", "--org", "S1", f"child={c.child}", f"guardian={mother}", "kinship=mother", "valid_from=2015-05-01", "verified=booklet", "verified_on=2015-05-01", "state=valid")
    doctor = c.staff("counsellor", "C1")
    c.q("authorise", "case", "person", c.child[1:], "counsellor", doctor, who=c.boss)
    equal(c.q("--json", "show", "sitting", "1", who=doctor).json["score"], "52")
    c.q("do", "consent_withdraw", "consent", "1", who=mother)
    r = c.q("--json", "show", "sitting", "1", who=doctor).json
    equal((r["score"], r["sealed"]), (None, ["score"]))
    equal(c.sql("SELECT person, kind, asked_on, due_on, state FROM data_request"), [(int(c.child[1:]), "delete", "2026-03-02", "2026-03-23", "open")])


@test
def a_sensitive_register_opens_under_an_assessment_only():
    c = City()
    c.sql("UPDATE impact_assessment SET state = 'void' WHERE register_id = 'care_child'")
    child = c.person(NAME, "S1", "birth_month=2015-05")
    add = ("add", "care_child", "--org", "S1", f"child={child}", "listed_on=2026-01-05", "state=valid")
    r = c.q(*add, code=2)
    assert "care_child" in r.err, r.err
    assessment = ("add", "impact_assessment", "subject=关爱", "register_id=care_child", "done_on=2026-03-01", "risk=low",
                  "measures_text=最小字段", "valid_until=2027-03-01")
    c.q(*assessment, "necessary=false")
    c.q(*add, code=2)
    c.q(*assessment[:1], *assessment[1:], "necessary=true", "done_on=2026-03-02")
    c.q(*add)
    c.sql("UPDATE impact_assessment SET state = 'void'")
    c.q("add", "care_child", "--org", "S1", f"child={c.person('另一人', 'S1', 'birth_month=2014-01')}", "listed_on=2026-01-06", "state=valid")  # open stays open


@test
def the_audit_says_who_when_what_and_its_head_can_be_kept_elsewhere():
    c = care_city()
    line = c.q("audit", "sign").out.strip()
    kept = os.path.join(T.dir, "heads.txt")
    open(kept, "w").write(line + "\n")
    c.q("show", "care_child", "1", who=c.staff_, code=3)
    c.q("audit", "sign")
    c.q("verify", "audit", "--heads", kept)
    out = os.path.join(T.dir, "audit.ndjson")
    c.q("audit", "export", "-o", out)
    rows = [json.loads(x) for x in open(out, encoding="utf-8")]
    equal([r["seq"] for r in rows], list(range(1, len(rows) + 1)))
    assert all(r["at"].endswith("+08:00") and r["actor"] and r["action"] and r["result"] for r in rows)
    assert NAME not in open(out, encoding="utf-8").read()
    # Somebody with the database cuts off the end and makes the last row look last.
    n = int(line.split()[2])
    c.sql("DELETE FROM audit WHERE seq >= ?", n)
    c.sql("UPDATE city SET audit_seq = ?, audit_head = (SELECT head FROM audit ORDER BY seq DESC LIMIT 1)", n - 1)
    c.sql("DELETE FROM audit_signed")
    c.q("verify", "audit")  # alone it cannot tell
    r = c.q("verify", "audit", "--heads", kept, code=1)
    assert str(n) in r.out + r.err, r.out
    open(kept, "w").write(line[:-1] + ("0" if line[-1] != "0" else "1") + "\n")
    c.q("verify", "audit", "--heads", kept, code=1)


@test
def the_yearly_pack_counts_what_was_done_and_holds_nobody():
    c = care_city()
    pack = lambda name: os.path.join(T.dir, name)
    c.q("authorise", "grant", c.staff_, "county_staff", "child_care", who=c.boss)
    c.q("show", "care_child", "1", who=c.staff_)
    c.q("list", "care_child", who=c.staff_)
    c.q("show", "care_child", "1", who=c.other, code=3)
    c.q("authorise", "break", "care_child", "1", "--reason", "孩子失联", who=c.other)
    c.q("authorise", "review", "1", "--justified", "--reason", "已核实", who=c.leader)
    c.q("authorise", "revoke", "1", who=c.boss)
    c.q("add", "data_request", "--org", "S1", f"person={c.child}", "asked_by=guardian", "kind=copy", "asked_on=2026-02-02", "due_on=2026-02-25",
        "answered_on=2026-02-27", "granted=true", "state=answered")
    c.q("compliance", "--year", "2026", "-o", pack("a.zip"), who=c.staff_, code=3)
    c.q("compliance", "--year", "2026", "-o", pack("a.zip"), who=c.sec)
    z = zipfile.ZipFile(pack("a.zip"))
    read = lambda name: json.loads(z.read(name))
    equal([r for r in read("reads.json") if r["role"] == "county_staff"],
          [{"role": "county_staff", "purpose": "child_care", "ground": "authorisation", "reads": 2}])
    equal(read("authorisations.json"), [{"role": "county_staff", "purpose": "child_care", "asked_or_given": 1, "approved": 1, "refused": 0,
                                         "revoked": 1, "with_export": 0, "with_a_duty": 0}])
    equal(read("break_glass.json"), [{"register": "care_child", "opened": 1, "reviewed": 1, "justified": 1}])
    equal(read("requests.json"), [{"kind": "copy", "asked_by": "guardian", "asked": 1, "answered": 1, "granted": 1, "refused": 0, "late": 1,
                                   "days_sum": 25, "days_max": 25}])
    equal(read("refusals.json"), [{"action": "compliance", "refused": 1}, {"action": "read", "refused": 1}])
    assert len(read("assessments.json")) > 30
    audit = read("audit.json")
    assert audit["valid"] and len(audit["heads"]) == 1
    raw = open(pack("a.zip"), "rb").read()
    assert NAME.encode() not in raw and "孩子失联".encode() not in raw and "想妈妈".encode() not in raw
    manifest = read("manifest.json")
    for f in manifest["files"]:
        equal(hashlib.sha256(z.read(f["name"])).hexdigest(), f["sha256"], f["name"])
    # The same records, the same files, but for the audit, which has grown; another year has nothing of them.
    c.q("compliance", "--year", "2026", "-o", pack("b.zip"))
    b = zipfile.ZipFile(pack("b.zip"))
    for n in z.namelist():
        assert n in ("audit.json", "manifest.json") or z.read(n) == b.read(n), n
    c.q("compliance", "--year", "2024", "-o", pack("c.zip"))
    equal(json.loads(zipfile.ZipFile(pack("c.zip")).read("reads.json")), [])


@test
def labels_bind_whatever_a_declaration_says():
    """Degrees of sensitivity are labels: an administrator's or the leader's role is never cleared for records above its own."""
    model = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../model")
    for register, role, fits in (("care_child", "leader", False), ("service_record", "secadmin", False), ("service_record", "sysadmin", False),
                                 ("meeting", "auditadmin", False), ("service_record", "leader", False), ("meeting", "leader", True), ("meeting", "secadmin", True)):
        folder = os.path.join(T.dir, f"{register}-{role}")
        shutil.copytree(model, folder)
        path = os.path.join(folder, "registers", register + ".yaml")
        text = open(path, encoding="utf-8").read()
        open(path, "w", encoding="utf-8").write(re.sub(r"^(read: .*subtree: \[)", lambda m: m[1] if role in m[0] else m[1] + role + ", ", text, flags=re.M))
        r = run("--lang", "en", "model", "check", folder, code=None)
        equal(r.code == 0, fits, f"{register} {role}: {r.out}{r.err}")
        assert fits or role in r.out + r.err, r.out


done()
