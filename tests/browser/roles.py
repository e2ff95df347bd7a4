#!/usr/bin/env python3
"""roles.py QINGHE DB NOW: a demo city with an account and an open session for every role, at one county of it, with standing
authorisations over that county for the roles that read minors there, members put on cases, and lines in every queue. Prints
{"roles": {ROLE: session token}}. The sessions are written into the database: signing in has its own tests."""
import base64
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../flow"))
from tap import ENGINE, raw, rows as asked

qinghe, db, now = sys.argv[1:4]
ms = int(datetime.datetime.fromisoformat(now).timestamp() * 1000)
today = now[:10]


def run(*args):
    r = subprocess.run([qinghe, "--db", db, "--now", now, "--lang", "en", *map(str, args)], capture_output=True, text=True)
    if r.returncode > 1:
        sys.exit(f"{' '.join(map(str, args))}\n{r.stdout}{r.stderr}")
    return r.stdout


run("--quiet", "demo", "--people", "500", "--year", now[:4] if now[5:7] > "06" else int(now[:4]) - 1, "--seed", "11")
door = raw(db) if ENGINE == "sqlite" else None
d = door.__enter__() if door else None


def rows(text, *args):
    return d.execute(text, args).fetchall() if d else asked(db, text, *args)


parent = dict(rows("SELECT org, parent FROM org_link WHERE to_date > ?", today))


def under(o, top):
    while o and o != top:
        o = parent.get(o, 0)
    return o == top


counties = [r[0] for r in rows("SELECT id FROM org WHERE kind = 'county' ORDER BY id")]
people = rows("SELECT org, COUNT(*) FROM person GROUP BY org")
county = max(counties, key=lambda c: sum(n for o, n in people if under(o, c)))
city = rows("SELECT id FROM org WHERE kind = 'city'")[0][0]
branch = max((o for o, _ in people if under(o, county)), key=lambda o: dict(people)[o])
adults = [r[0] for r in rows("SELECT id FROM person WHERE birth_month < '2000-01' ORDER BY id")]
text = open(__file__.rsplit("/", 1)[0] + "/../../model/roles/office.yaml", encoding="utf-8").read()
kinds = [m[1] for m in re.finditer(r"^  (\w+): \{label", text, re.M) if "granted: false" not in text[m.start():text.find("\n", m.start())]]


def near(register, more="1 = 1", most=3, what="id"):
    """Rows of a register in the county."""
    return [r[0] for r in rows(f"SELECT {what}, org FROM {register} WHERE {more} ORDER BY id") if under(r[1], county)][:most]


def member(register, ids, person, role):
    for i in ids:
        rows("INSERT INTO case_member(id, register, \"row\", person, role, from_date, to_date, at, actor) SELECT COALESCE(MAX(id), 0) + 1, ?, ?, ?, ?, '2025-01-01', '9999-12-31', ?, 0 FROM case_member",
             register, i, person, role, ms)


def works(role, person):
    """What each has on the desk who sees no row but his own."""
    if role in ("lawyer", "mediator"):
        member("rights_case", near("rights_case", "state IN ('open', 'accepted_case', 'reopened')"), person, role)
    if role in ("counsellor", "school_counsellor"):
        member("person", near("mind_file", "state = 'open'", what="person"), person, role)
    if role == "host":
        member("lecture_session", near("lecture_session"), person, role)
    if role == "site_lead":
        rows("UPDATE volunteer_event SET lead = ? WHERE id IN (SELECT id FROM volunteer_event WHERE state = 'planned' ORDER BY id DESC LIMIT 2)", person)
    if role == "judge":
        rows("UPDATE score_sheet SET judge = ? WHERE id IN (SELECT MIN(id) FROM score_sheet GROUP BY stage, entry ORDER BY 1 LIMIT 3)", person)
        rows("UPDATE score_sheet SET state = 'draft', signed_on = NULL WHERE id IN (SELECT id FROM score_sheet WHERE judge = ? ORDER BY id LIMIT 2)", person)
        member("contest", [r[0] for r in rows("SELECT DISTINCT e.contest FROM entry e JOIN score_sheet s ON s.entry = e.id WHERE s.judge = ?", person)], person, role)
    if role in ("employer", "partner_contact"):
        register = "employer" if role == "employer" else "partner"
        for i in near(register, "state IN ('valid', 'accepted')", 1):
            rows(f"UPDATE {register} SET contact = ? WHERE id = ?", person, i)


at_city = {"city_staff", "leader", "sysadmin", "secadmin", "auditadmin", "auditor", "finance_clerk", "finance_approver", "media_editor"}
out = {}
for i, role in enumerate(kinds):
    person = adults[i]
    org = city if role in at_city else branch if role in ("branch_secretary", "site_lead", "host") else county
    rows("DELETE FROM role WHERE person = ?", person)
    rows("DELETE FROM authorisation WHERE person = ?", person)
    rows("DELETE FROM account WHERE person = ?", person)
    rows("INSERT INTO role(id, person, role, org, from_date, to_date, at, actor) SELECT COALESCE(MAX(id), 0) + 1, ?, ?, ?, '2024-01-01', '9999-12-31', ?, 0 FROM role", person, role, org, ms)
    rows("INSERT INTO account(person, handle, password, password_at, totp_step, disabled, made_at) VALUES (?, ?, NULL, ?, 0, 0, ?)", person, "r." + role.replace("_", "."), ms, ms)
    token = base64.urlsafe_b64encode(hashlib.sha256(f"session {role}".encode()).digest()).decode().rstrip("=")
    rows("INSERT INTO session(token, person, made_at, seen_at, expires_at, level, proven, org, device, place) VALUES (?, ?, ?, ?, ?, 0, 2, ?, 0, 'test')",
         hashlib.sha256(token.encode()).digest(), person, ms, ms, ms + 11 * 3600000, org)
    if role in ("county_staff", "child_worker", "branch_secretary", "helper", "finance_clerk", "finance_approver"):
        for purpose in ("aid", "child_care", "rights", "mind", "data_subject", "members", "volunteering", "study", "culture"):
            rows("INSERT INTO authorisation(id, person, role, org, purpose, from_date, to_date, approved_by, at, state)"
                 " SELECT COALESCE(MAX(id), 0) + 1, ?, ?, ?, ?, '2025-01-01', '2026-12-31', 1, ?, 'approved' FROM authorisation", person, role, org, purpose, ms)
    out[role] = token
    works(role, person)
    if role == "case_worker":  # what he works on
        rows("UPDATE rights_case SET worker = ? WHERE id IN (SELECT id FROM rights_case WHERE state IN ('open', 'accepted_case', 'reopened') ORDER BY id LIMIT 4)", person)
held = dict(rows("SELECT role, person FROM role WHERE role IN ('guardian', 'student', 'volunteer')"))
child, home = rows("SELECT id, org FROM person WHERE birth_month > '2012-06' AND state = 'valid' ORDER BY id LIMIT 1")[0]
home = rows("SELECT code FROM org WHERE id = ?", home)[0][0]
if d:
    door.__exit__(None, None, None)
run("add", "guardianship", "--org", home, f"child=#{child}", f"guardian=#{held['guardian']}", "kinship=mother", "valid_from=2020-01-01", "verified=booklet", "verified_on=2020-01-01")
contests = [json.loads(run("--json", "add", "contest", f"name=青年讲解员选拔赛{i}", "kind=explainer", "held_on=2026-03-01"))["id"] for i in "一二三四"]
event = json.loads(run("--json", "add", "volunteer_event", "--org", home, "title=新春送暖", "held_on=2026-02-01", "capacity=20"))["id"]
# Two reports that wait for the leader, sent by others.
reports = {}
for lang, month in (("zh", "2025-11"), ("en", "2025-12")):
    body = (f"# 2025年{int(month[5:])}月工作情况\n\n本月组织参学{{{{study.attend}}}}人次，开展公益服务{{{{vol.events}}}}次，{{{{vol.attend}}}}人次参与，"
            "服务时长{{vol.attend.hours}}小时；受理维权案件{{rights.handled}}件，资助学生{{aid.students}}名。\n")
    reports[lang] = json.loads(run("--json", "add", "report_edition", f"title=2025年{int(month[5:])}月工作情况", "kind=month", f"period={month}", f"period_to={month}-30", f"body={body}"))["id"]
asked(db, f"UPDATE report_edition SET state = 'signing', sent_on = '{today}' WHERE id IN ({', '.join(map(str, reports.values()))})")
print(json.dumps({"reports": reports, "roles": out, "county": county, "city": city, "branch": branch, "child": child, "contests": contests, "event": event}))
