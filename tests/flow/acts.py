"""acts.py -- which role may what each form does (src/web/acts.c), tried on rows of each relation: a row of the actor's own, of
a unit under the actor's, of a unit elsewhere, of a case that the actor works on. For test_permissions.py, which compares
what comes out with acts.tsv, a table that a person reads.

A line: address, act, relation, who did it, who was let as far as the row (what stood in the way was the row itself or
what the form lacked). Everybody who is not named was refused. What was done is taken back behind the program's back
before the next one tries."""
import re

from tap import ENGINE
from walk import let_in

MS = 1768867200000


class Kind:
    """Rows that an address acts on. rows: relation -> function(role) -> (id, more of the form); states: act -> the state that
    it takes; tables: what a deed may touch."""

    def __init__(self, path, table, acts, rows, tables=(), field=None, name="act"):
        self.path, self.table, self.acts, self.rows, self.field, self.name = path, table, acts, rows, field, name
        self.tables = [table, *tables]


def bring(w, session):
    """A file brought in by somebody and not yet taken over: its token."""
    body = (f'--q\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{session.csrf}\r\n--q\r\nContent-Disposition: form-data; name="register"\r\n\r\n'
            'volunteer_event\r\n--q\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n活动名称,日期\n净滩,2025-05-01\n\r\n--q--\r\n')
    session.http.close()  # it may have been idle for too long
    session.http.request("POST", "/import", body.encode(), {"Cookie": "session=" + session.token, "Origin": "http://" + w.host, "Content-Type": "multipart/form-data; boundary=q"})
    r = session.http.getresponse()
    said = r.read()
    assert r.status == 303, said[-800:]
    return r.getheader("Location").rsplit("/", 1)[1]


def kinds(w, sessions):
    def of(table, inside, more=""):
        """A row of a unit under the actors' county, or of one that is neither under nor above it."""
        above, o = set(), w.x
        while o:
            above.add(o)
            o = w.parent.get(o, 0)
        for i, org in w.sql(f'SELECT id, org FROM "{table}" {more} ORDER BY id'):
            if (w.under(org, w.x) if inside else not w.under(org, w.x) and org not in above):
                return i
        rows = w.sql(f'SELECT id FROM "{table}" {more} ORDER BY id DESC LIMIT 2')  # all on one side: one is moved over
        w.sql(f'UPDATE "{table}" SET org = ? WHERE id = ?', w.y if inside else far_unit, rows[-1][0])
        return rows[-1][0]
    far_unit = next(o for o, p in w.parent.items() if p and p not in (w.x, 1) and not w.under(o, w.x) and not w.under(w.x, o))

    def both(table, more=lambda i: {}, where=""):
        got = {"subtree": of(table, True, where), "other": of(table, False, where)}
        return {k: (lambda role, act, i=i: (i, more(i))) for k, i in got.items()}

    def parts(table, part, acts, name):
        """Of a table whose rows ask others: acts on the row itself by whose it is, acts on a part (a reply, a receipt) by whose part."""
        whole, piece = both(table), {k: of(part, k == "subtree", f'WHERE {table} IN (SELECT id FROM {table} WHERE state = \'issued\')') for k in ("subtree", "other")}

        def row(relation):
            def at(role, act):
                if act not in acts:
                    return whole[relation](role, act)
                return w.sql(f"SELECT {table} FROM {part} WHERE id = ?", piece[relation])[0][0], {name: piece[relation], "reason": "x"}
            return at
        return {"subtree": row("subtree"), "other": row("other")}
    grown = "WHERE birth_month < '2000-01' AND id NOT IN (SELECT person FROM role) AND id NOT IN (SELECT person FROM account)"
    outside = w.sql("SELECT org FROM person WHERE id = ?", of("person", False))[0][0]
    n = w.sql("SELECT max(id) FROM authorisation")[0][0]
    asked = {"subtree": (n + 1, w.y), "other": (n + 2, outside)}
    stranger = of("person", True, grown)
    for i, org in asked.values():
        w.sql("INSERT INTO authorisation(id, person, role, org, purpose, from_date, to_date, approved_by, at, state, asked_by)"
              " VALUES (?,?,'county_staff',?,?,'2026-01-01','2026-12-31',0,?,'asked',?)", i, stranger, org, w.purposes[0], MS, stranger)
    own = {}
    for role, person in w.who.items():  # asked for by the actor himself: nobody approves his own
        own[role] = n + 3 + len(own)
        w.sql("INSERT INTO authorisation(id, person, role, org, purpose, from_date, to_date, approved_by, at, state, asked_by)"
              " VALUES (?,?,?,?,?,'2026-01-01','2026-12-31',0,?,'asked',?)", own[role], person, role, w.y, w.purposes[0], MS, person)
    w.sql("INSERT INTO break_glass(id, person, register, \"row\", at, until_at, reviewed_by, justified) VALUES (7001,?,'care_child',1,?,?,0,0)", stranger, MS, MS + 3600000)
    glass = {}
    for role, person in w.who.items():
        glass[role] = 7002 + len(glass)
        w.sql("INSERT INTO break_glass(id, person, register, \"row\", at, until_at, reviewed_by, justified) VALUES (?,?,'care_child',1,?,?,0,0)", glass[role], person, MS, MS + 3600000)
    case = {}
    for role, cases in w.cases.items():
        case[role] = next((r for t, r in sorted(cases) if t == "rights_case"), None)
    for table in ("collection", "notice"):
        w.sql(f"UPDATE {table} SET units = NULL")  # addressed to those below
    of_cases = ", ".join(str(r) for cases in w.cases.values() for t, r in cases if t == "rights_case") or "0"
    far, near = (of("rights_case", inside, f"WHERE id NOT IN ({of_cases})") for inside in (False, True))
    made = w.sql("SELECT code FROM org WHERE id = ?", w.x)[0][0]
    anchor = (lambda i: {"anchor": f"rights_case.{i}", "who": f"#{stranger}", "role": "lawyer",
                         "member": (w.sql("SELECT min(id) FROM case_member WHERE register = 'rights_case' AND \"row\" = ?", i or 0)[0][0] or 1), "field": "note", "password": "x", "to": "2026-06-30"})
    elsewhere = of("person", False, grown)
    w.sql("INSERT INTO break_glass(id, person, register, \"row\", at, until_at, reviewed_by, justified) VALUES (7000,?,'care_child',1,?,?,0,0)", elsewhere, MS, MS + 3600000)
    for i, person in ((9001, stranger), (9002, elsewhere)):
        w.sql("INSERT INTO token(id, hash, person, name, scope, proven, duty, org, made_at, expires_at) VALUES (?,?,?,'walk',15,2,0,0,?,?)",
              i, b"%d" % i, person, MS, MS + 10**10)
    tokens = {role: w.sql("SELECT id FROM token WHERE person = ?", p)[0][0] for role, p in w.who.items()}
    # Hand-overs: of the actor's to a stranger, of a stranger's to him (given already), of two strangers.
    sheets, nobody = {}, [i for i, in w.sql(f"SELECT id FROM person {grown} ORDER BY id LIMIT 2")]
    for role, person in w.who.items():
        for side, giver, taker in (("giver", person, nobody[0]), ("taker", nobody[0], person), ("other", *nobody)):
            for act in ("give", "take", "off"):
                sheets[role, side, act] = i = 9001 + len(sheets)
                w.sql("INSERT INTO handover(id, org, giver, taker, made_at, made_by, given_at) VALUES (?,?,?,?,?,0,?)", i, w.x, giver, taker, MS,
                      MS if act == "take" else None)
    text = re.search(r'name="purpose" value="media"><input type="hidden" name="version" value="([^"]+)"', sessions["guardian"].ask(
        "GET", f"/me/consents?child={min(w.children['guardian'])}")[2])[1]
    given, child, consents = w.sql("SELECT person, MIN(id) FROM consent GROUP BY person ORDER BY person"), {}, {}
    for role, person in w.who.items():
        mine = w.children[role] | {person}
        child[role] = {"own": min(w.children[role], default=person), "other": next(p for p, _ in given if p not in mine)}
        consents.update({(role, k): next((i for p, i in given if p == c), None) for k, c in child[role].items()})
    brought = {role: bring(w, sessions[role]) for role in ("county_staff", "city_staff")}
    return [
        Kind("/accounts/{}", "account", dict.fromkeys("code disable enable factor session sessions device token grant end".split()),
             {"subtree": lambda role, act: (stranger, {"role": "host", "org": made, "id": "9001" if act == "token" else "1"}),
              "other": lambda role, act: (elsewhere, {"role": "host", "org": made, "id": "9002" if act == "token" else "1"}),
              "own": lambda role, act: (w.who[role], {"role": "host", "org": made, "id": str(tokens[role]) if act == "token" else "1"})}, ["role", "session", "device", "token"]),
        Kind("/authorisations/decide", "authorisation", {"approve": "asked", "refuse": "asked", "revoke": "approved"},
             {**{k: (lambda role, act, i=i: (i, {})) for k, (i, _) in asked.items()}, "own": lambda role, act: (own[role], {})}, field="id"),
        Kind("/break-glass/review", "break_glass", dict.fromkeys(("justified", "unjustified")),
             {"subtree": lambda role, act: (7001, {"reason": "x"}), "other": lambda role, act: (7000, {"reason": "x"}), "own": lambda role, act: (glass[role], {"reason": "x"})}, field="id"),
        Kind("/r/rights_case/{}/case", "rights_case", dict.fromkeys(("add", "end", "open", "share")),
             {"subtree": lambda role, act: (near, anchor(near)), "other": lambda role, act: (far, anchor(far)), "case": lambda role, act: (case[role], anchor(case[role]))}, ["case_member"]),
        Kind("/collections/{}", "collection", {"issue": "draft", "submit": "issued", "nil": "issued", "return": "issued", "copied": "issued",
             "merge": "issued", "send": "issued", "close": "issued"}, parts("collection", "collection_reply", ("submit", "nil", "return"), "reply"),
             ["collection_reply"]),
        Kind("/notices/{}", "notice", {"issue": "draft", "read": "issued", "acknowledge": "issued"}, parts("notice", "notice_receipt", ("read", "acknowledge"), "receipt"), ["notice_receipt"]),
        Kind("/requests", "data_request", {"uphold": "appealed", "change": "appealed", "grant": "open", "refuse": "open"},
             both("data_request", lambda i: {"words": "x"}), field="id"),
        Kind("/report/{period}", "report_edition", {"head": "draft", "text": "draft", "drop": "draft", "comment": "draft", "send": "draft", "void": "draft",
             "withdraw": "checking", "check": "checking", "check_only": "checking", "cosign": "cosigning", "return": "signing",
             "sign_off": "signing", "publish": "signed", "take_down": "published", "revise": "published",
             **dict.fromkeys("keep resolve reopen use| full| guard| state| write| punctuate annex| annex_out|".split(), "draft")},
             both("report_edition", lambda i: {"kind": w.sql("SELECT kind FROM report_edition WHERE id = ?", i)[0][0], "reason": "x", "title": "x", "code": "000000",
                                               "period": w.sql("SELECT period FROM report_edition WHERE id = ?", i)[0][0]},
                  "WHERE period NOT LIKE '%（%' AND state <> 'void'"),
             ["report_comment"], "id"),
        Kind("/handover/{}", "handover", {"give": None, "take": None, "off": None},
             {k: (lambda role, act, k=k: (sheets[role, k, act], {})) for k in ("giver", "taker", "other")}, ["handover_item", "role"]),
        Kind("/me/consents", "consent", {"give": None, "withdraw": "valid"},
             {"own": lambda role, act: (consents[role, "own"], {"child": child[role]["own"], "purpose": "media", "version": text}) if consents[role, "own"] else (None, {}),
              "other": lambda role, act: (consents[role, "other"], {"child": child[role]["other"], "purpose": "media", "version": text})}, field="id"),
        Kind("/import/{}", "kept", dict.fromkeys("read map mend go undo".split()),
             {"own": lambda role, act: (brought.get(role) if act != "go" else None, {}), "other": lambda role, act: (brought["city_staff" if role == "county_staff" else "county_staff"], {})},
             name="_act"),
        Kind("/onsite/volunteer_event/{}", "volunteer_event", dict.fromkeys(("new", "close")),
             both("volunteer_event", lambda i: {"name": "某人"}), ["service_record", "person"]),
        Kind("/r/volunteer_event/bulk", "volunteer_event", {"do": "planned"},
             both("volunteer_event", lambda i: {"move": "cancel", "_reason": "x"}), field="id", name="_act"),
        *(Kind(f"/r/{name}/new", "kept", dict.fromkeys(("draft", "drop")), {"any": lambda role, act: (0, {"_version": ""})}, name="_act")
          for name in ("meeting", "care_child", "mind_file", "fund")),
        Kind("/model/changes/{}", "model_change", {"accept": "proposed", "reject": "proposed"},
             {"any": lambda role, act: (w.sql("SELECT min(id) FROM model_change")[0][0], {"reason": "x"})}),
    ]


def keep(w, tables):
    for t in tables:
        w.sql(f'CREATE TABLE "walk_{t}" AS SELECT * FROM "{t}"')


def back(w, tables, times):
    """As it was; but with versions that the history has not seen."""
    for t in tables:
        steps = [f'DELETE FROM "{t}"', f'INSERT INTO "{t}" SELECT * FROM "walk_{t}"']
        if "version" in w.columns(t):
            steps.append(f'UPDATE "{t}" SET version = version + {10 * times}')
        if ENGINE == "postgresql":  # what refers to these rows is asked for at the end
            steps = ["; ".join(["BEGIN", *steps, "COMMIT"])]
        for text in steps:
            w.sql(text)


def drop(w, tables):
    for t in tables:
        w.sql(f'DROP TABLE "walk_{t}"')


def walk(w, sessions, routes):
    """The lines of acts.tsv as they come out now."""
    lines = []
    for k in kinds(w, sessions):
        takes = next({i["name"] for i in r["inputs"]} for r in routes if r["method"] == "POST" and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", r["path"]), k.path))
        keep(w, k.tables)
        times = 0
        for act, state in k.acts.items():
            for relation, row in k.rows.items():
                did, met = [], []
                for role in w.who:
                    i, more = row(role, act)
                    if i is None:
                        continue
                    if state:
                        w.sql(f'UPDATE "{k.table}" SET state = ? WHERE id = ?', state, i)
                    form = {**more, **({k.field: i} if k.field else {}), k.name: act.replace("#", "1") + ("x" if act[-1] in ":|" else "")}
                    status, where, text = sessions[role].ask("POST", k.path.format(i, **more), {n: v for n, v in form.items() if n in takes})
                    assert status < 500, (k.path, act, relation, role, text[:300])
                    if status == 303 and let_in(status, where):
                        did.append(role)
                        times += 1
                        back(w, k.tables, times)
                    elif status not in (401, 403, 404):
                        met.append(f"{role}")
                lines.append("\t".join([k.path, act, relation, ",".join(did) or "-", ",".join(met) or "-"]))
        back(w, k.tables, times + 1)
        drop(w, k.tables)
    return lines
