#!/usr/bin/python3
"""The committed table of permissions (permissions.tsv) and a walk over it: every role, every register, rows of the own
unit, of units above, beside and below, own rows, a child's, a case's, over HTTP and the command line, compared with what
the table and the database say, reckoned here independently. Values planted in sealed fields come out nowhere else."""
import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse
from datetime import datetime

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, T, done, drop_schemas, equal, holders, laid_down, rows, run, test

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "permissions.tsv")
NOW, TODAY = "2026-01-20T10:00:00+08:00", "2026-01-20"
SPAN = "period=2015-01-01..2035-12-31"
PERSONAL = ("personal", "minor", "sealed")


def declarations():
    """What the walk needs of each register, read from the files themselves."""
    out = {}
    folder = os.path.join(HERE, "../../model/registers")
    for name in sorted(os.listdir(folder)):
        t = open(os.path.join(folder, name), encoding="utf-8").read()

        def one(key):
            m = re.search(rf"^{key}: (.*)$", t, re.M)
            return m[1] if m else ""
        fields = re.search(r"^fields:\n(.*?)^\w", t, re.M | re.S)[1]
        types, to = {}, {}
        for m in re.finditer(r"^  (\w+):(.*?)(?=^  \w+:|\Z)", fields, re.M | re.S):
            kind = re.search(r"type: (\w+)", m[2])[1]
            sealed = kind in ("sealed", "sealed_struct", "phone", "citizen_id") or "sealed: true" in m[2]
            types[m[1]] = (kind, sealed)
            ref = re.search(r"to: (\w+)", m[2])
            to[m[1]] = "person" if kind == "person" else ref[1] if ref else None
        out[one("register")] = {
            "sensitivity": one("sensitivity"), "purpose": one("purpose"), "person": one("person"), "types": types, "to": to,
            "case": [x for x in re.findall(r"\w+", one("case"))],
            "members": re.findall(r'(\w+): \{field: (\w+), while: "([^"]*)"', one("members")),
            "guardian": re.findall(r'field: (\w+), while: "([^"]*)"', one("guardian"))}
    return out


class Walk:
    """A demo city, a person for each role at one county, authorisations over one unit of it, the server running."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="qinghe-walk-")
        self.db = os.path.join(self.dir, "city.db")
        run("--db", self.db, "--now", NOW, "--quiet", "demo", "--people", "500", "--year", "2025", "--seed", "11")
        self.regs = declarations()
        self.lines = [l.rstrip("\n").split("\t") for l in open(TABLE, encoding="utf-8")]
        self.canaries, self.known, self.kept = {}, {}, {}
        self.plant()
        self.people()
        run("--db", self.db, "--now", NOW, "due", "run")  # else the server begins with it, while the rows are looked at
        self.log = open(os.path.join(self.dir, "server.log"), "w+b")
        self.p = subprocess.Popen([QINGHE, "--db", self.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0", "--log-all"],
                                  stdout=subprocess.PIPE, stderr=self.log)
        line = self.p.stdout.readline().decode().strip()
        if not line:  # no such option
            self.p = subprocess.Popen([QINGHE, "--db", self.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0"],
                                      stdout=subprocess.PIPE, stderr=self.log)
            line = self.p.stdout.readline().decode().strip()
        self.host = urllib.parse.urlsplit(line).netloc
        self.http = http.client.HTTPConnection(self.host, timeout=60)
        self.bodies = 0

    def sql(self, text, *args):
        return rows(self.db, text, *args)

    def plant(self):
        """A value of its own in every sealed text of every sensitive register, by the operator."""
        for name, r in self.regs.items():
            texts = [f for f, (kind, sealed) in r["types"].items() if kind == "sealed" and f != "name"]
            if r["sensitivity"] not in PERSONAL or not texts:
                continue
            # A row in the part of the city that the actors read of, where there is one.
            row = self.sql(f'SELECT id FROM "{name}" WHERE state NOT IN (\'void\', \'withdrawn\') ORDER BY org DESC LIMIT 1')
            if not row:
                continue
            values = {f: f"CANARY{name}{f}".replace("_", "") for f in texts}
            r_ = run("--db", self.db, "--now", NOW, "set", name, row[0][0], *[f"{f}={v}" for f, v in values.items()], code=None)
            if r_.code == 0:
                self.canaries.update({v: (name, f, row[0][0]) for f, v in values.items()})

    def people(self):
        link = {}
        for org, parent in self.sql("SELECT org, parent FROM org_link"):
            link[org] = parent
        self.parent = link

        def under(o, top):
            while o and o != top:
                o = link.get(o, 0)
            return o == top
        self.under = under
        counties = [r[0] for r in self.sql("SELECT id FROM org WHERE kind = 'county' ORDER BY id")]
        # The county whose rows are the most; in it the unit whose rows are the most: the actors' and the authorisations'.
        def rows(o):
            return sum(n for org, n in self.sql("SELECT org, COUNT(*) FROM person GROUP BY org") if under(org, o))
        self.x = max(counties, key=rows)
        self.y = max((o for o in link if link[o] == self.x), key=rows)
        roles = sorted({l[3] for l in self.lines} - {"self"})
        adults = [r[0] for r in self.sql("SELECT id FROM person WHERE birth_month < '2000-01' AND birth_month IS NOT NULL ORDER BY id")]
        guardians = self.sql("SELECT guardian FROM guardianship WHERE state = 'valid' AND valid_to IS NULL AND condition NOT IN ('dead', 'revoked') ORDER BY id")
        who = dict(zip(roles, adults))
        who["guardian"] = guardians[0][0]
        n = self.sql("SELECT coalesce(max(id), 0) FROM role")[0][0]
        a = self.sql("SELECT coalesce(max(id), 0) FROM authorisation")[0][0]
        purposes = sorted({r["purpose"] for r in self.regs.values() if r["sensitivity"] in ("minor", "sealed")})
        ms = 1768867200000
        for i, (role, p) in enumerate(who.items()):
            self.sql("DELETE FROM role WHERE person = ?", p)
            self.sql("DELETE FROM authorisation WHERE person = ?", p)
            self.sql("DELETE FROM account WHERE person = ?", p)
            n += 1
            self.sql("INSERT INTO role(id, person, role, org, from_date, to_date, at, actor) VALUES (?,?,?,?,'2024-01-01','9999-12-31',?,0)", n, p, role, self.x, ms)
            self.sql("INSERT INTO account(person, handle, password, password_at, totp_step, disabled, made_at) VALUES (?,?,NULL,0,0,0,?)", p, f"w{role}".replace("_", ".")[:30], ms)
            token = hashlib.sha256(f"walk {role}".encode()).hexdigest()
            self.sql("INSERT INTO token(id, hash, person, name, scope, proven, duty, org, made_at, expires_at) VALUES (?,?,?,'walk',15,2,0,0,?,?)",
                     i + 1, hashlib.sha256(token.encode()).digest(), p, ms, ms + 90 * 86400000)
            # Half of the roles have the authorisations, over one unit of the county; the others have none.
            if i % 4 != 3 or role == "county_staff":
                for purpose in purposes:
                    a += 1
                    self.sql("INSERT INTO authorisation(id, person, role, org, purpose, from_date, to_date, approved_by, at, state)"
                             " VALUES (?,?,?,?,?,'2026-01-01','2026-12-31',1,?,'approved')", a, p, role, self.y, purpose, ms)
        self.who, self.purposes = who, purposes
        self.authorised = {role for i, role in enumerate(who) if i % 4 != 3 or role == "county_staff"}
        # On one case of every register that names the role by the relation case.
        c = 0
        self.cases = {role: set() for role in who}
        self.sql("DELETE FROM case_member")  # the demo's own: on duty at its stations
        for name, r in self.regs.items():
            for role in {l[3] for l in self.lines if l[0] == name and l[1] == "read" and l[2] == "case"}:
                for path in r["case"][:1]:
                    target = name if path == "row" else r["to"][path]
                    got = self.sql(f'SELECT "{"id" if path == "row" else path}" FROM "{name}" WHERE "{"id" if path == "row" else path}" IS NOT NULL ORDER BY id LIMIT 1')
                    if not got or not str(got[0][0]).isdigit():
                        continue
                    c += 1
                    self.sql("INSERT INTO case_member(id, register, \"row\", person, role, from_date, to_date, at, actor) VALUES (?,?,?,?,?,'2026-01-01','9999-12-31',?,0)",
                             c, target, got[0][0], who[role], role, ms)
                    self.cases[role].add((target, got[0][0]))
        self.reckon_cases()

    def reckon_cases(self):
        """Members named by rows, and the cases behind cases, as the declarations say."""
        today = f"'{TODAY}'"
        for role, p in self.who.items():
            cases = self.cases[role]
            for name, r in self.regs.items():
                for as_, field, when in r["members"]:
                    if as_ != role:
                        continue
                    when = re.sub(r"\btoday\b", today, when)
                    for row in self.sql(f'SELECT * FROM (SELECT id, {", ".join(chr(34) + (x if x != "row" else "id") + chr(34) + " AS a" + str(i) for i, x in enumerate(r["case"]))} FROM "{name}" WHERE "{field}" = ? AND ({when})) q', p):
                        for x, v in zip(r["case"], row[1:]):
                            for one in str(v or "").strip(",").split(","):
                                if one:
                                    cases.add((name if x == "row" else r["to"][x], int(one)))
            known = set(cases)
            between = {r["to"][x] for r in self.regs.values() for x in r["case"] if x != "row"}
            for name in between:
                for x in self.regs[name]["case"]:
                    if x == "row" or self.regs[name]["types"][x][0] == "refs":
                        continue
                    for target, row in known:
                        if target == self.regs[name]["to"][x]:
                            cases.update((name, i) for i, in self.sql(f'SELECT id FROM "{name}" WHERE "{x}" = ?', row))
        self.children = {role: set() for role in self.who}  # guardian of: a relation that needs no role
        for name, r in self.regs.items():
            for field, when in r["guardian"]:
                when = re.sub(r"\btoday\b", today, when)
                for role, p in self.who.items():
                    self.children[role] |= {c for c, in self.sql(f'SELECT "{r["person"]}" FROM "{name}" WHERE "{field}" = ? AND ({when})', p)}

    def expected(self, role, name):
        """Row id -> set of fields, by the table alone."""
        if (role, name) not in self.known:
            self.known[role, name] = self.reckon(role, name)
        return self.known[role, name]

    def reckon(self, role, name):
        r, p = self.regs[name], self.who[role]
        cols = [x for x in r["case"] if x != "row"]
        person = r["person"] or ("id" if name == "person" else None)
        if name not in self.kept:
            self.kept[name] = self.sql(f'SELECT id, org{", " + chr(34) + person + chr(34) if person else ", NULL"}{"".join(", " + chr(34) + x + chr(34) for x in cols)} FROM "{name}"')
        rows, out = self.kept[name], {}
        minor = r["sensitivity"] in ("minor", "sealed")
        for reg, act, relation, by, needs, fields in self.lines:
            if reg != name or act != "read" or relation == "agreement":
                continue
            seen = set(r["types"]) if fields == "*" else set(fields.split(","))
            for row in rows:
                if relation == "own":
                    ok = row[2] is not None and ((row[2] == p and by in ("self", role)) or (by == "guardian" and row[2] in self.children[role]))
                elif relation == "subtree":
                    ok = by == role and self.under(row[1], self.x) and (not minor or (role in self.authorised and self.under(row[1], self.y)))
                else:
                    ok = by == role and (("row" in r["case"] and (name, row[0]) in self.cases[role]) or any(
                        (r["to"][x], int(one)) in self.cases[role] for x, v in zip(cols, row[3:]) for one in str(v or "").strip(",").split(",") if one))
                if ok:
                    out[row[0]] = out.get(row[0], set()) | seen
        return out

    def get(self, role, path):
        token = hashlib.sha256(f"walk {role}".encode()).hexdigest()
        self.http.request("GET", path, headers={"Authorization": "Bearer " + token, "Accept": "application/json", "Accept-Language": "en"})
        r = self.http.getresponse()
        text = r.read().decode("utf-8", "replace")
        self.bodies += 1
        return r.status, text

    def patch(self, role, path, body, version):
        token = hashlib.sha256(f"walk {role}".encode()).hexdigest()
        self.http.request("PATCH", path, json.dumps(body), {"Authorization": "Bearer " + token, "Accept": "application/json",
                          "Content-Type": "application/json", "If-Match": f'"{version}"'})
        r = self.http.getresponse()
        r.read()
        return r.status

    def rows(self, role, name):
        got, after = [], ""
        while True:
            status, text = self.get(role, f"/r/{name}?{SPAN}{after}")
            if status != 200:
                return status, got
            page = json.loads(text)
            got += page["rows"]
            if not page["next"]:
                return 200, got
            after = f"&after={page['next']}"

    def sample(self):
        """A register of minors of which the county's staff sees many rows."""
        return max((n for n, r in self.regs.items() if r["sensitivity"] in ("minor", "sealed")), key=lambda n: len(self.expected("county_staff", n)))

    def audit(self, role):
        """Rows of this role's person: the server's own timer leaves rows of its own."""
        return self.sql("SELECT COUNT(*) FROM audit WHERE actor = ?", f"person:{self.who[role]}")[0][0]

    def close(self):
        self.p.send_signal(signal.SIGTERM)
        self.p.wait(20)
        self.p.stdout.close()
        self.log.close()
        drop_schemas(self.dir)
        shutil.rmtree(self.dir, ignore_errors=True)


W = None


@test
def the_table_that_was_reviewed_is_what_the_declarations_say():
    told = run("permissions").out
    kept = set(open(TABLE, encoding="utf-8").read().splitlines())
    changed = sorted(["+ " + l for l in set(told.splitlines()) - kept] + ["- " + l for l in kept - set(told.splitlines())])
    equal(changed, [], "look at what changed, then: qinghe permissions > tests/flow/permissions.tsv")
    for name, act, relation, role, needs, fields in (l.split("\t") for l in told.splitlines()):
        assert role != "auditadmin", name


@test
def nothing_answers_that_the_table_does_not_allow():
    global W
    W = Walk()
    digest = run("--db", W.db, "--now", NOW, "digest").out
    assert len(W.canaries) > 15, W.canaries
    wrong, seen, refused, leaks = [], 0, 0, set()
    for role in W.who:
        for name, r in W.regs.items():
            want = W.expected(role, name)
            status, rows = W.rows(role, name)
            if status == 403:
                refused += 1
            got = {x["id"]: x for x in rows}
            if status not in (200, 403) or set(got) - set(want) or set(want) - set(got):
                wrong.append((role, name, status, f"too many {sorted(set(got) - set(want))[:3]}", f"missing {sorted(set(want) - set(got))[:3]}"))
                continue
            seen += len(got)
            for i, x in got.items():
                closed = {f for f in r["types"] if x.get(f) is not None} - want[i]
                if closed:
                    wrong.append((role, name, i, "fields", sorted(closed)))
                for f in r["types"]:
                    if str(x.get(f)).startswith("CANARY"):
                        leaks.add((role, x[f]))
    assert not wrong, wrong[:5]
    assert seen > 5000 and refused > 300, (seen, refused)
    for role, value in leaks:
        name, f, row = W.canaries[value]
        assert f in W.expected(role, name).get(row, set()), (role, value)
    assert leaks, "no canary was seen by anybody: the walk would not notice a leak"
    equal(run("--db", W.db, "--now", NOW, "digest").out, digest, "reading changed the content")


@test
def single_rows_are_refused_alike_and_each_call_leaves_one_row():
    w, tried, open_ = W, 0, 0
    for role in w.who:
        for name, r in w.regs.items():
            if r["sensitivity"] not in ("minor", "sealed"):
                continue
            want = w.expected(role, name)
            all_ = [i for i, in w.sql(f'SELECT id FROM "{name}" ORDER BY id')]
            closed = [i for i in all_ if i not in want][:1]
            for i in closed + sorted(want)[:1]:
                status, text = w.get(role, f"/r/{name}/{i}")
                equal(status, 200 if i in want else 403, f"{role} {name} {i}")
                tried += 1
                open_ += i in want
                if i not in want:
                    assert "CANARY" not in text
    assert tried > 500 and open_ > 50, (tried, open_)
    # The refusals are written without anybody waiting: the next write finds them all.
    before = w.audit("county_staff")
    name = w.sample()
    closed = [i for i, in w.sql(f'SELECT id FROM "{name}" ORDER BY id') if i not in w.expected("county_staff", name)][:20]
    for i in closed:
        equal(w.get("county_staff", f"/r/{name}/{i}")[0], 403)
    shown = sorted(w.expected("county_staff", name))[:20]
    assert closed and shown
    for i in shown:
        equal(w.get("county_staff", f"/r/{name}/{i}")[0], 200)
    for _ in range(50):
        if w.audit("county_staff") >= before + len(closed) + len(shown):
            break
    equal(w.audit("county_staff") - before, len(closed) + len(shown), "one row of the audit a call")
    got = w.sql("SELECT result, COUNT(*) FROM (SELECT result FROM audit WHERE actor = ? ORDER BY seq DESC LIMIT ?) q GROUP BY result",
                f"person:{w.who['county_staff']}", len(closed) + len(shown))
    equal(dict(got), {"denied": len(closed), "ok": len(shown)})


@test
def other_pages_show_no_more():
    w = W
    routes = [r["path"] for r in run("--json", "routes").json if r["method"] == "GET" and r["permission"] in ("signed_in", "office")]
    sensitive = {n for n, r in w.regs.items() if r["sensitivity"] in ("minor", "sealed")}
    for role in w.who:
        for path in routes:
            if path.startswith("/r/") or "{name}" in path:
                continue
            p = path.replace("{figure}", "aid.visits").replace("{year}", "2025").replace("{group}", "care").replace("{id}", "1")
            status, text = w.get(role, re.sub(r"\{\w+\}", "care_child", p))
            assert status in (200, 303, 400, 403, 404, 422), (role, path, status, text[:200])
            assert "CANARY" not in text or path == "/me/data/copy", (role, path)
    for figure in run("--db", w.db, "--json", "figures", "--year", "2025").json:
        if figure["id"] not in ("care.listed", "aid.visits", "mind.sessions", "rights.handled"):
            continue
        for role in w.who:
            status, text = w.get(role, f"/figures/{figure['id']}/trace?{SPAN}")
            # The authorisations are over one unit of the county; the trace asked is the county's.
            assert status == 403, (role, figure["id"], status)


@test
def what_a_role_may_not_write_is_not_written():
    """Mass assignment: every column of rows that the actor reads, one at a time and all at once, by PATCH."""
    w, tried = W, 0
    digest = run("--db", w.db, "--now", NOW, "digest").out
    sample = {"text": "改", "integer": 1, "count": 1, "bool": True, "date": "2025-01-01", "month": "2025-01", "sealed": "改", "person": 1, "ref": 1,
              "org": 1, "phone": "19912345678", "money": 1, "hours": 60, "decimal": 1, "region": "330100"}
    for role in w.who:
        for name, r in w.regs.items():
            writes = [l for l in w.lines if l[0] == name and l[1] == "write"]
            rows = sorted(w.expected(role, name))[:1]
            # Roles that the declaration gives no write at all, and guardians, who write named fields only.
            may = [l for l in writes if l[3] in (role, "guardian", "self")]
            if not rows or (may and role != "guardian") or any(l[3] == role and l[2] != "own" for l in may):
                continue
            allowed = set().union(*[set(l[5].split(",")) for l in may]) if may else set()
            closed = {f: sample[kind] for f, (kind, _) in r["types"].items() if f not in allowed and kind in sample}
            fields = list(closed)[:3] if role == "guardian" else list(closed)[:1]
            for body in [{f: closed[f]} for f in fields] + ([closed] if role == "guardian" else []):
                version = w.sql(f'SELECT version FROM "{name}" WHERE id = ?', rows[0])[0][0]
                status = w.patch(role, f"/r/{name}/{rows[0]}", body, version)
                assert status in (400, 403, 404, 422), (role, name, rows[0], body, status)
                tried += 1
    assert tried > 200, tried
    equal(run("--db", w.db, "--now", NOW, "digest").out, digest)


@test
def files_leave_only_with_leave():
    w = W
    for role in w.who:
        name = next((n for n, r in w.regs.items() if r["sensitivity"] in ("minor", "sealed") and role in w.authorised
                     and any(l[0] == n and l[1:4] == ["read", "subtree", role] for l in w.lines) and len(w.expected(role, n)) > 1), None)
        if name:  # the authorisations of the walk open rows for reading, not for a file
            equal(w.get(role, f"/r/{name}/export?format=csv&{SPAN}")[0], 403, f"{role} {name}")


@test
def the_command_line_says_the_same():
    w = W
    for role in list(w.who)[::3]:
        who = f"#{w.who[role]}"
        for name in ("care_child", "person"):
            want = w.expected(role, name)
            r = run("--db", w.db, "--now", NOW, "--as", who, "--json", "list", name, "--limit", "1000", code=None)
            assert r.code in (0, 3), r.err
            got = {x["id"] for x in r.json} if r.code == 0 else set()
            equal(got, set(sorted(want)[:1000]), f"{role} {name}")
    closed = [i for i, in w.sql("SELECT id FROM care_child ORDER BY id") if i not in w.expected("helper", "care_child")][0]
    before = w.audit("helper")
    run("--db", w.db, "--now", NOW, "--as", f"#{w.who['helper']}", "show", "care_child", closed, code=3)
    equal(w.audit("helper") - before, 1)


@test
def a_lookup_that_fails_opens_nothing():
    w = W
    name = w.sample()
    shown = sorted(w.expected("county_staff", name))[0]
    path = f"/r/{name}/{shown}"
    equal(w.get("county_staff", path)[0], 200)
    for table in ("authorisation", "role", "break_glass", "case_member", "guardianship", "audit"):
        w.sql(f'ALTER TABLE "{table}" RENAME TO "{table}_away"')
        try:
            status, text = w.get("county_staff", path)
            assert status in (403, 500), (table, status)
            assert '"record"' not in text and "CANARY" not in text, table
            r = run("--db", w.db, "--now", NOW, "--as", f"#{w.who['county_staff']}", "--json", "show", name, shown, code=None)
            assert r.code in (2, 3, 4) and r.out == "", (table, r.code, r.out)
        finally:
            w.sql(f'ALTER TABLE "{table}_away" RENAME TO "{table}"')
    equal(w.get("county_staff", path)[0], 200)


ROUTES = os.path.join(HERE, "routes.tsv")
OWN_END = ("/sign-out", "/me/sessions/end-others")  # they end the session that walks
SAMPLE = {"register": "care_child", "figure": "aid.visits", "year": "2025", "group": "care", "move": "close", "field": "child"}


class Session:
    """A browser session of a role, put into the table as a whole one; None: a stranger."""

    def __init__(self, w, role):
        self.w, self.role, self.csrf = w, role, ""
        self.token = base64.urlsafe_b64encode(hashlib.sha256(f"session {role}".encode()).digest()).decode().rstrip("=")
        if role is None:
            return
        ms = int(datetime.fromisoformat(NOW).timestamp() * 1000)
        person = w.who[role] if role != "self" else w.resident
        w.sql("DELETE FROM session WHERE person = ?", person)
        w.sql("INSERT INTO session(token, person, made_at, seen_at, expires_at, level, proven, org, device, place) VALUES (?,?,?,?,?,0,2,0,0,'walk')",
              hashlib.sha256(self.token.encode()).digest(), person, ms, ms, ms + 12 * 3600000)
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', self.ask("GET", "/me")[2])[1]

    def ask(self, method, path, form=None, token=True, origin=None):
        h = {"Accept-Language": "en"}
        if self.role is not None:
            h["Cookie"] = "session=" + self.token
        body = None
        if form is not None:
            body = urllib.parse.urlencode({**({"csrf": self.csrf} if token else {}), **form})
            h.update({"Content-Type": "application/x-www-form-urlencoded", "Origin": origin or "http://" + self.w.host})
        self.w.http.request(method, path, body, h)
        r = self.w.http.getresponse()
        return r.status, r.getheader("Location") or "", r.read().decode("utf-8", "replace")


def fill(path, **ids):
    return re.sub(r"\{(\w+)\}", lambda m: str(ids.get(m[1]) or SAMPLE.get(m[1]) or ids.get("any", "999999999")), path)


def let_in(status, where):
    """Not turned away at the door: whether there is anything behind it is another matter."""
    return not (status in (401, 403) or (status == 303 and re.match(r"/sign-in|/me/second-factor|/pin|/street$", where)))


@test
def every_route_answers_only_whom_the_reviewed_table_lets_in():
    """routes.tsv is committed and read by a person; a route that is not in it fails here. QINGHE_ROUTES=write makes it anew."""
    w = W
    routes = run("--json", "routes").json
    grown = w.sql("SELECT id FROM person WHERE birth_month < '2000-01' AND birth_month IS NOT NULL AND id NOT IN (SELECT person FROM role)"
                  " AND id NOT IN (SELECT guardian FROM guardianship WHERE guardian IS NOT NULL) ORDER BY id DESC")
    w.resident = grown[0][0]
    w.sql("INSERT INTO account(person, handle, password, password_at, totp_step, disabled, made_at) VALUES (?,'resident',NULL,0,0,0,?)", w.resident, 1768867200000)
    sessions = {role: Session(w, role) for role in [None, "self", *w.who]}
    told = {}
    for r in routes:
        method, path = r["method"], r["path"]
        key = f"{method} {path}"
        if path in OWN_END or path == "/metrics" or (r["permission"] == "public" and method != "GET"):  # ways in are metered
            told[key] = [r["permission"], r["csrf"], "-"]
            continue
        inside = []
        for role, s in sessions.items():
            form = None if method == "GET" else {}
            status, where, text = s.ask(method, fill(path), form)
            assert status < 500, (key, role, status, text[:300])
            if let_in(status, where):
                inside.append(role or "nobody")
            if form is not None and r["permission"] != "public":
                # Without the token, or from elsewhere, nobody gets behind the door.
                for more in ({"token": False}, {"origin": "http://elsewhere.example"}):
                    status, where, text = s.ask(method, fill(path), {}, **more)
                    assert not let_in(status, where), (key, role, more, status)
        if r["permission"] != "public":
            assert "nobody" not in inside, f"{key} lets a stranger in"
        if r["permission"] == "office":
            assert not {"self", "guardian", "student", "volunteer"} & set(inside), f"{key} is for those who hold an office's role"
        everybody = [x or "nobody" for x in sessions]
        signed = everybody[1:]
        office = [x for x in signed if x not in ("self", "guardian", "student", "volunteer")]  # a citizen's role is none of the office
        told[key] = [r["permission"], r["csrf"], "everybody" if inside == everybody else "signed_in" if inside == signed
                     else "office" if inside == office else "none" if not inside else ",".join(inside)]
    lines = ["\t".join([*k.split(" ", 1), *v]) for k, v in told.items()]
    if os.environ.get("QINGHE_ROUTES") == "write":
        open(ROUTES, "w").write("\n".join(sorted(lines)) + "\n")
    known = open(ROUTES, encoding="utf-8").read().splitlines()
    unlisted = sorted(set(lines) - set(known))
    gone = sorted(set(known) - set(lines))
    assert not unlisted and not gone, ("routes.tsv does not say this; look at each, then make it anew (QINGHE_ROUTES=write)", unlisted[:20], gone[:20])


@test
def no_page_shows_a_planted_value_to_whom_the_table_does_not_show_it():
    w = W
    seen = 0
    pages = [r["path"] for r in run("--json", "routes").json if r["method"] == "GET" and r["path"] not in OWN_END and "{name}" not in r["path"]]
    rows = sorted({(name, row) for name, _, row in w.canaries.values()})
    for n, role in enumerate(["self", *w.who]):
        s = Session(w, role)
        for k, path in enumerate(pages):
            tries = [fill(path, any=1)]
            if "{register}" in path and re.search(r"\{(id|row)\}", path):
                tries = [fill(path, register=name, id=row, row=row) for name, row in (rows[(7 * n + k + i) % len(rows)] for i in range(3))]
            for one in tries:
                status, _, text = s.ask("GET", one)
                for v in re.findall(r"CANARY\w+", text):
                    name, field, row = w.canaries[v]
                    seen += 1
                    own = one.startswith("/me/")
                    assert own or (role != "self" and field in w.expected(role, name).get(row, ())), (role, one, v)
    print(f"# {seen} planted values were shown where the table shows them")


@test
def planted_values_lie_nowhere_in_the_clear():
    w = W
    w.log.flush()
    run("--db", w.db, "--now", NOW, "backup", os.path.join(w.dir, "b.parcel"))
    files = laid_down(w.db) + [os.path.join(folder, n) for folder, _, names in os.walk(w.dir) for n in names]
    plain = w.sql("SELECT name FROM org WHERE kind = 'county' ORDER BY id")[0][0]
    assert holders(files, plain), "what is not sealed is found: the search looks where the rows lie"
    equal(holders(files, *w.canaries, *(v[::-1] for v in w.canaries)), [])
    equal(run("--db", w.db, "--now", NOW, "verify", "audit").code, 0)
    w.close()


done()
