#!/usr/bin/python3
"""The committed table of permissions (permissions.tsv) and a walk over it: every role, every register, rows of the own
unit, of units above, beside and below, own rows, a child's, a case's, over HTTP and the command line, compared with what
the table and the database say, reckoned here independently. Values planted in sealed fields come out nowhere else."""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
import acts
import steps
from tap import PROGRAM, QINGHE, done, equal, holders, laid_down, run, skip, test
from walk import HERE, NOW, SPAN, TABLE, Session, Walk, fill, let_in


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
def the_command_line_ends_with_3_for_whom_it_is_not_and_4_where_storage_fails():
    """contract.md, Global: exit codes. Nothing is written by what is refused."""
    w = W
    here = ["--db", w.db, "--now", NOW, "--lang", "en"]
    as_ = {role: f"#{w.who[role]}" for role in w.who}
    digest, elsewhere = run(*here, "digest").out, os.path.join(w.dir, "elsewhere")
    closed = [i for i, in w.sql("SELECT id FROM care_child ORDER BY id") if i not in w.expected("county_staff", "care_child")][0]
    far = w.sql("SELECT code FROM org WHERE id = 1")[0][0]
    for role, *command in (
            ("county_staff", "show", "care_child", closed), ("county_staff", "set", "care_child", closed, "risk=low"),
            ("county_staff", "do", "void", "care_child", closed), ("county_staff", "figures", "--year", "2025", "--org", far),
            ("county_staff", "report", "--year", "2025", "--org", far, "--draft", "-o", elsewhere + ".docx"),
            ("branch_secretary", "report", "freeze", "--year", "2025"), ("county_staff", "export", w.sample(), "--period", SPAN[7:], "-o", elsewhere + ".csv"),
            ("county_staff", "backup", elsewhere + ".parcel"), ("county_staff", "key", "rotate"), ("county_staff", "key", "export", elsewhere),
            ("county_staff", "restore", w.db, "--to", elsewhere + ".db"), ("sysadmin", "model", "apply", "model"), ("sysadmin", "upgrade"),
            ("sysadmin", "rebuild", "cells"), ("county_staff", "compliance", "--year", "2025", "-o", elsewhere + ".zip"),
            ("county_staff", "audit", "list"), ("leader", "show", "care_child", closed), ("guardian", "figures", "--year", "2025"),
            ("guardian", "trace", "vol.events", "--year", "2025"), ("helper", "digest")):
        r = run(*here, "--as", as_[role], *command, code=None)
        assert r.code == 3 and r.err.startswith("qinghe: ") and "CANARY" not in r.out, (role, command, r.code, r.out[:200], r.err)
    assert not [n for n in os.listdir(w.dir) if n.startswith("elsewhere")]
    equal(run(*here, "digest").out, digest)
    for command in (["export", "org", "-o", "/nonexistent/x.csv"], ["report", "--year", "2025", "--draft", "-o", "/nonexistent/r.docx"],
                    ["template", "org", "-o", "/nonexistent/t.xlsx"]):
        equal(run(*here, *command, code=None).code, 4, command)
    for command in (["list", "org"], ["--json", "figures", "--year", "2025"]):
        with open("/dev/full", "w") as full:
            equal(subprocess.run([QINGHE, *here, *command], stdout=full, stderr=subprocess.DEVNULL).returncode, 4, f"{command} onto a full disk")
    equal(run("--db", "postgresql:///x?host=/nonexistent", "status", code=None, program=PROGRAM).code, 4)


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


ROUTES, ACTS = os.path.join(HERE, "routes.tsv"), os.path.join(HERE, "acts.tsv")
OWN_END = ("/sign-out", "/me/sessions/end-others")  # they end the session that walks


def asked(sessions, r, form, forged=True):
    """Whom the address lets in, as routes.tsv says it. forged: nobody without the token of his session, nor from elsewhere."""
    method, path, inside = r["method"], r["path"], []
    key = f"{method} {path} {form}"
    for role, s in sessions.items():
        status, where, text = s.ask(method, fill(path), form)
        assert status < 500, (key, role, status, text[:300])
        if let_in(status, where):
            inside.append(role or "nobody")
        if forged and form is not None and r["permission"] != "public":
            # Without the token, or from elsewhere, nobody gets behind the door.
            for more in ({"token": False}, {"origin": "http://elsewhere.example"}):
                status, where, text = s.ask(method, fill(path), form, **more)
                assert not let_in(status, where), (key, role, more, status)
    if r["permission"] != "public":
        assert "nobody" not in inside, f"{key} lets a stranger in"
    if r["permission"] == "office":
        assert not {"self", "guardian", "student", "volunteer"} & set(inside), f"{key} is for those who hold an office's role"
    everybody = [x or "nobody" for x in sessions]
    signed = everybody[1:]
    office = [x for x in signed if x not in ("self", "guardian", "student", "volunteer")]  # a citizen's role is none of the office
    return [r["permission"], r["csrf"], "everybody" if inside == everybody else "signed_in" if inside == signed
            else "office" if inside == office else "none" if not inside else ",".join(inside)]


@test
def every_route_answers_only_whom_the_reviewed_table_lets_in():
    """routes.tsv is committed and read by a person; a route that is not in it fails here. QINGHE_ROUTES=write makes it anew."""
    w = W
    routes = run("--json", "routes").json
    w.settle()
    sessions = {role: Session(w, role) for role in [None, "self", *w.who]}
    told, on_rows = {}, [l.split("\t") for l in open(ACTS, encoding="utf-8")]  # those are tried on rows, below
    for r in routes:
        method, path = r["method"], r["path"]
        forms = next((i for i in r["inputs"] if i["kind"] == "act"), None)
        if forms and forms["required"]:
            for word in (x for x in forms["words"] if not any(known[1] == x and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), known[0]) for known in on_rows)):
                told[f"{method} {path} {word}"] = asked(sessions, r, {forms["name"]: word.replace("#", "1") + ("x" if word[-1] in ":|" else "")}, word == forms["words"][0])
            continue
        key = f"{method} {path}"
        if path in OWN_END or path == "/metrics" or (r["permission"] == "public" and method != "GET"):  # ways in are metered
            told[key] = [r["permission"], r["csrf"], "-"]
            continue
        told[key] = asked(sessions, r, None if method == "GET" else {})
    lines = ["\t".join([*k.split(" ", 1), *v]) for k, v in told.items()]
    if os.environ.get("QINGHE_ROUTES") == "write":
        open(ROUTES, "w").write("\n".join(sorted(lines)) + "\n")
    known = open(ROUTES, encoding="utf-8").read().splitlines()
    unlisted = sorted(set(lines) - set(known))
    gone = sorted(set(known) - set(lines))
    assert not unlisted and not gone, ("routes.tsv does not say this; look at each, then make it anew (QINGHE_ROUTES=write)", unlisted[:20], gone[:20])


@test
def every_act_of_every_form_is_done_only_by_whom_the_reviewed_table_names():
    """acts.tsv as routes.tsv. An act that src/web/acts.c has and nobody tried on a row stands with the reason in UNTRIED."""
    w = W
    routes = run("--json", "routes").json
    lines = acts.walk(w, {role: Session(w, role) for role in w.who}, routes)
    if os.environ.get("QINGHE_ROUTES") == "write":
        open(ACTS, "w", encoding="utf-8").write("\n".join(lines) + "\n")
    known = open(ACTS, encoding="utf-8").read().splitlines()
    equal(sorted(set(lines) ^ set(known)), [], "look at each line, then make it anew (QINGHE_ROUTES=write)")
    assert sum(l.split("\t")[3] != "-" for l in lines) > 20, "hardly anything was done by anybody: the walk would not notice"


@test
def a_step_is_made_from_its_own_state_by_whom_the_table_names_on_rows_that_are_his():
    wrong, tried = steps.walk(W, {role: Session(W, role) for role in W.who})
    equal(wrong[:10], [], f"{len(wrong)} of {tried}")
    assert min(tried.values()) > 50, tried
    print("# steps: " + ", ".join(f"{k} {n}" for k, n in tried.items()))


@test
def no_page_shows_a_planted_value_to_whom_the_table_does_not_show_it():
    """Every page by every role and by a stranger, on rows that hold planted values. A zero would mean nothing where nobody could
    have seen one: so each value is shown first to somebody whom the table lets see it, on the page of the row and its form."""
    w = W
    digest = run("--db", w.db, "--now", NOW, "digest").out
    pages = [r["path"] for r in run("--json", "routes").json if r["method"] == "GET" and r["path"] not in OWN_END and "{name}" not in r["path"]]
    rows = sorted({(name, row) for name, _, row in w.canaries.values()})
    sessions = {role: Session(w, role) for role in [None, "self", *w.who]}
    shown, by_nobody = {}, []
    for v, (name, field, row) in sorted(w.canaries.items()):
        may = [role for role in w.who if field in w.expected(role, name).get(row, ())]
        for role in may[:1]:
            for path in (f"/r/{name}/{row}", f"/r/{name}/{row}.json"):
                assert v in sessions[role].ask("GET", path)[2], f"{role} does not see {v} at {path}: the walk would not notice a leak there"
                shown[path] = role
        by_nobody += [] if may else [v]
    assert len(by_nobody) < len(w.canaries) / 2, by_nobody
    for v in by_nobody:  # of rows that no role of the walk reaches: the operator sees that it is there
        name, field, row = w.canaries[v]
        assert v in run("--db", w.db, "--now", NOW, "show", name, row).out, v
    seen = {}
    for n, (role, s) in enumerate(sessions.items()):
        for k, path in enumerate(pages):
            tries = [fill(path, any=1)]
            if "{register}" in path and re.search(r"\{(id|row)\}", path):
                tries = [fill(path, register=name, id=row, row=row) for name, row in (rows[(7 * n + k + i) % len(rows)] for i in range(3))]
            elif path == "/r/{register}":
                tries = [f"/r/{name}?{SPAN}" for name, _ in (rows[(7 * n + i) % len(rows)] for i in range(5))]
            for one in tries:
                status, _, text = s.ask("GET", one)
                for v in set(re.findall(r"CANARY\w+", text)):
                    name, field, row = w.canaries[v]
                    seen.setdefault(path, set()).add((role, v))
                    own = one.startswith("/me/")
                    assert own or (role in w.who and field in w.expected(role, name).get(row, ())), (role, one, v)
    equal(run("--db", w.db, "--now", NOW, "digest").out, digest, "a page that is only looked at writes nothing")
    print(f"# {len(w.canaries)} planted values: {len(shown) // 2} rows shown to whom the table lets see them, {len(by_nobody)} to the operator alone; on the walk "
          + ", ".join(f"{path} {len(who)}" for path, who in sorted(seen.items())))
    assert {"/r/{register}/{id}", "/r/{register}/{id}/edit"} <= set(seen), ("no role saw a value it may see on the way", sorted(seen))


@test
def no_planted_value_is_left_in_the_servers_memory_when_its_requests_are_over():
    """All that can be read of the process, as a core would hold it: after pages, forms, lists, JSON and what was typed."""
    if os.getuid() != 0:
        skip("only root looks into a process that lets nobody look")
    w = W
    v, (name, field, row) = next((v, x) for v, x in sorted(w.canaries.items()) if any(x[1] in w.expected(r, x[0]).get(x[2], ()) for r in w.who))
    s = Session(w, next(r for r in w.who if field in w.expected(r, name).get(row, ())))
    for path in (f"/r/{name}/{row}", f"/r/{name}/{row}.json"):
        assert v in s.ask("GET", path)[2], path
    for path in (f"/r/{name}/{row}/edit", f"/r/{name}?{SPAN}"):
        s.ask("GET", path)
    s.ask("POST", f"/r/{name}/{row}/edit", {field: "CANARYTYPED" * 30})
    s.ask("POST", "/find", {"q": "CANARYSOUGHT"})
    s.http.close()
    w.http.close()
    time.sleep(0.3)
    found, size, known = [], 0, False
    with open(f"/proc/{w.p.pid}/maps") as maps, open(f"/proc/{w.p.pid}/mem", "rb", 0) as mem:
        for line in maps:
            start, end, mode, what = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+\s*(.*)", line).groups()
            if "r" not in mode or what.startswith("[v"):
                continue
            try:
                mem.seek(int(start, 16))
                piece = mem.read(int(end, 16) - int(start, 16))
            except OSError:
                continue
            size += len(piece)
            known = known or w.db.encode() in piece
            found += [(what or start, m[0]) for m in re.finditer(rb"CANARY\w+", piece)]
    assert known and size > 1 << 24, (known, size)
    equal(found, [], f"of {size >> 20} MB")


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
