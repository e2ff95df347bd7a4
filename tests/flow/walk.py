"""walk.py -- a demo city in which every role has a person, half of them authorisations and cases, with values planted in every
sealed text; what each may see, reckoned from permissions.tsv and the database without the program; sessions and tokens
put straight into the tables. For test_permissions.py and tools/pentest."""
import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
from datetime import datetime

from tap import ENGINE, QINGHE, drop_schemas, rows, run, schema, start

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "permissions.tsv")
NOW, TODAY = "2026-01-20T10:00:00+08:00", "2026-01-20"
SPAN = "period=2015-01-01..2035-12-31"
PERSONAL = ("personal", "minor", "sealed")
SAMPLE = {"register": "care_child", "figure": "aid.visits", "year": "2025", "group": "care", "move": "close", "field": "child"}


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
            "guardian": re.findall(r'field: (\w+),(?: proof: \w+,)? while: "([^"]*)"', one("guardian"))}
    return out


class Walk:
    """A demo city, a person for each role at one county, authorisations over one unit of it, the server running."""

    def __init__(self, *serve):
        self.dir = tempfile.mkdtemp(prefix="qinghe-walk-")
        self.db = os.path.join(self.dir, "city.db")
        run("--db", self.db, "--now", NOW, "--quiet", "demo", "--people", "500", "--year", "2025", "--seed", "11")
        self.regs = declarations()
        self.lines = [l.rstrip("\n").split("\t") for l in open(TABLE, encoding="utf-8")]
        self.canaries, self.known, self.kept = {}, {}, {}
        self.people()
        self.plant()
        run("--db", self.db, "--now", NOW, "due", "run")  # else the server begins with it, while the rows are looked at
        self.log = open(os.path.join(self.dir, "server.log"), "w+b")
        self.p = start([QINGHE, "--db", self.db, "--now", NOW, "serve", "--listen", "127.0.0.1:0", "--log", *serve],
                                  stdout=subprocess.PIPE, stderr=self.log)
        line = self.p.stdout.readline().decode().strip()
        self.host = urllib.parse.urlsplit(line).netloc
        self.http = http.client.HTTPConnection(self.host, timeout=60)
        self.bodies = 0

    def sql(self, text, *args):
        return rows(self.db, text, *args)

    def plant(self):
        """A value of its own in every sealed text of every sensitive register, by the operator: in a row where somebody may see it,
        where the table has one, so that its absence elsewhere says something."""
        for name, r in self.regs.items():
            texts = [f for f, (kind, sealed) in r["types"].items() if kind == "sealed" and f != "name"]
            if r["sensitivity"] not in PERSONAL or not texts:
                continue
            live = [i for i, in self.sql(f'SELECT id FROM "{name}" WHERE state NOT IN (\'void\', \'withdrawn\') ORDER BY org DESC')]
            rows = {}
            for f in texts:
                open_ = [i for role in self.who for i, seen in sorted(self.expected(role, name).items()) if f in seen]
                for i in [i for i in open_ if i in live][:1] or live[:1]:
                    rows.setdefault(i, []).append(f)
            for i, fields in rows.items():
                values = {f: f"CANARY{name}{f}".replace("_", "") for f in fields}
                if run("--db", self.db, "--now", NOW, "set", name, i, *[f"{f}={v}" for f, v in values.items()], code=None).code == 0:
                    self.canaries.update({v: (name, f, i) for f, v in values.items()})
        self.kept, self.known = {}, {}

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
        roles = sorted({l[3] for l in self.lines} - {"self", "anybody"})
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
            if reg != name or act != "read" or relation in ("agreement", "public", "door"):
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

    def settle(self):
        """An adult without any role, with an account: the resident, "self" in routes.tsv."""
        grown = self.sql("SELECT id FROM person WHERE birth_month < '2000-01' AND birth_month IS NOT NULL AND id NOT IN (SELECT person FROM role)"
                         " AND id NOT IN (SELECT guardian FROM guardianship WHERE guardian IS NOT NULL) ORDER BY id DESC")
        self.resident = grown[0][0]
        self.account(self.resident, "resident")

    def account(self, person, handle):
        self.sql("INSERT INTO account(person, handle, password, password_at, totp_step, disabled, made_at) VALUES (?,?,NULL,0,0,0,?)", person, handle, 1768867200000)

    def twins(self, role, n):
        """n more adults with all that the role's person has: a measure that one account has used up leaves the next."""
        p, out = self.who[role], []
        free = self.sql("SELECT id FROM person WHERE birth_month < '2000-01' AND birth_month IS NOT NULL AND id NOT IN (SELECT person FROM role)"
                        " AND id NOT IN (SELECT person FROM account) ORDER BY id LIMIT ?", n)
        for q, in free:
            self.account(q, f"w{role}.{q}".replace("_", ".")[:30])
            for table in ("role", "authorisation", "case_member"):
                names = [c for c in self.columns(table) if c not in ("id", "person")]
                self.sql(f'INSERT INTO {table}(id, person, {", ".join(chr(34) + c + chr(34) for c in names)}) SELECT id + (SELECT max(id) FROM {table}), ?,'
                         f' {", ".join(chr(34) + c + chr(34) for c in names)} FROM {table} WHERE person = ?', q, p)
            out.append(q)
        return out

    def columns(self, table):
        if ENGINE == "sqlite":
            return [r[1] for r in self.sql(f"PRAGMA table_info({table})")]
        return [c for c, in self.sql("SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?", schema(self.db), table)]

    def close(self):
        self.p.send_signal(signal.SIGTERM)
        self.p.wait(20)
        self.p.stdout.close()
        self.log.close()
        drop_schemas(self.dir)
        shutil.rmtree(self.dir, ignore_errors=True)


class Session:
    """A browser session of a role, put into the table as a whole one; None: a stranger."""

    def __init__(self, w, role, person=None):
        self.w, self.role, self.csrf, self.http, self.asked = w, role, "", http.client.HTTPConnection(w.host, timeout=60), 0
        self.person = person or (role and (w.who[role] if role != "self" else w.resident))
        self.token = base64.urlsafe_b64encode(hashlib.sha256(f"session {role} {self.person}".encode()).digest()).decode().rstrip("=")
        if role is not None:
            self.again()

    def again(self):
        w, person, ms = self.w, self.person, int(datetime.fromisoformat(NOW).timestamp() * 1000)
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
        if time.monotonic() - self.asked > 10:  # the server shuts what is idle for 30 s; it opens again by itself
            self.http.close()
        self.asked = time.monotonic()
        self.http.request(method, path, body, h)
        r = self.http.getresponse()
        return r.status, r.getheader("Location") or "", r.read().decode("utf-8", "replace")


def fill(path, **ids):
    return re.sub(r"\{(\w+)\}", lambda m: str(ids.get(m[1]) or SAMPLE.get(m[1]) or ids.get("any", "999999999")), path)


def let_in(status, where):
    """Not turned away at the door: whether there is anything behind it is another matter."""
    return not (status in (401, 403) or (status == 303 and re.match(r"/sign-in|/me/second-factor|/pin|/street$", where)))
