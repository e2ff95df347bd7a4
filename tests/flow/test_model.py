#!/usr/bin/python3
"""qinghe model and registers: declarations checked, shown, planned for a city and applied."""
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, holders, laid_down, run, test


def own(name, text, kind="registers"):
    folder = os.path.join(T.dir, "own", kind)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write(text)
    return os.path.join(T.dir, "own")


BUS = """extend: service_record
fields:
  bus: {type: text, label: {zh: 车次, en: Bus}}
"""


@test
def our_own_model_has_no_faults():
    equal(run("--json", "model", "check").json, {"faults": []})
    run("model", "check", "model")


@test
def a_fault_is_told_with_line_column_caret_and_suggestion():
    d = own("bus.yaml", BUS.replace("type: text", "type: txet"))
    r = run("--lang", "zh", "model", "check", d, code=2)
    assert "bus.yaml:3:15: " in r.out and "是不是“text”？" in r.out, r.out
    lines = r.out.splitlines()
    equal(lines[2].index("^"), lines[1].index("txet"))
    faults = run("--lang", "en", "--json", "model", "check", d, code=2).json["faults"]
    equal([(f["line"], f["column"]) for f in faults], [(3, 15)])


@test
def a_full_width_sign_is_told_first():
    d = own("bus.yaml", BUS.replace("type: text, ", "type: text，"))
    r = run("--lang", "zh", "model", "check", d, code=2)
    assert "全角逗号" in r.out and "bus.yaml:3:19: " in r.out, r.out


ROLES = """roles:
  librarian: {label: {zh: 图书管理员, en: Librarian}, second_factor: code, excludes: [auditor]}
"""


@test
def a_city_declares_roles_of_its_own():
    d = own("ours.yaml", ROLES, "roles")
    equal(run("--json", "model", "check", d).json, {"faults": []})
    db = os.path.join(T.dir, "c.db")
    run("--db", db, "init", "--city", "临澜市", "--model", d)
    run("--db", db, "account", "grant", "librarian", "#1")
    assert "图书管理员" in run("--db", db, "--lang", "zh", "account", "list").out
    r = run("--db", db, "--lang", "en", "account", "grant", "auditor", "#1", code=2)
    assert "two people" in r.err, r.err
    for was, new, words in (("second_factor: code", "second_factor: key", "“code” or “device”"), ("[auditor]", "[auditer]", "auditer"),
                            ("librarian", "leader", "declared already"), ("librarian:", "Librarian:", "cannot be an id")):
        r = run("--lang", "en", "model", "check", own("ours.yaml", ROLES.replace(was, new), "roles"), code=2)
        assert words in r.out, f"{new}: {r.out}"


@test
def a_role_is_let_into_no_register_that_its_label_does_not_dominate():
    text = open("model/roles/office.yaml", encoding="utf-8").read()
    for was, new in (("en: Counsellor}, second_factor: code, clearance: sealed", "en: Counsellor}, second_factor: code, clearance: minor"),
                     ("compartments: [child_protection, consent, mind, rights]", "compartments: [child_protection, consent, rights]")):
        assert was in text
        r = run("--lang", "en", "model", "check", own("office.yaml", text.replace(was, new, 1), "roles"), code=2)
        assert "the label of “counsellor” does not reach this register" in r.out and "mind_file.yaml" in r.out, r.out[:800]
    r = run("--lang", "en", "model", "check", own("office.yaml", text.replace("clearance: sealed", "clearance: secret", 1), "roles"), code=2)
    assert "a clearance is public, internal" in r.out, r.out[:500]


@test
def what_a_department_can_never_see_is_not_shared_and_no_move_is_given_to_whom_the_rows_are_closed():
    for name, was, new, say in (("mind_file", "\nread:", "\nshare: [opened_on]\nread:", "the label of “partner_contact” does not reach"),
                                ("care_child", "to: exited, by: [county_staff]", "to: exited, by: [county_staff, branch_secretary]", "“exit” is given to “branch_secretary”, who may not read"),
                                ("care_child", "share: [child,", "share: [chld,", "has no field “chld”")):
        text = open(f"model/registers/{name}.yaml", encoding="utf-8").read()
        assert was in text
        r = run("--lang", "en", "model", "check", own(f"{name}.yaml", text.replace(was, new, 1)), code=2)
        assert say in r.out, r.out[:800]


@test
def minors_of_a_unit_are_not_read_with_a_password_alone():
    text = open("model/roles/office.yaml", encoding="utf-8").read()
    weak = text.replace("en: County staff}, second_factor: code,", "en: County staff},")
    assert weak != text
    r = run("--lang", "en", "model", "check", own("office.yaml", weak, "roles"), code=2)
    assert "county_staff" in r.out and "password alone" in r.out, r.out


@test
def the_registers_are_listed_without_a_city():
    db = os.path.join(T.dir, "none.db")
    all_ = run("--db", db, "--json", "registers").json
    assert len(all_) > 20 and {"person", "org", "service_record"} <= {r["id"] for r in all_}
    shown = run("--db", db, "--json", "model", "show", "service_record").json
    assert "volunteer" in [f["id"] for f in shown["fields"]]
    run("--db", db, "model", "show", "servic_record", code=2)
    assert not os.path.exists(db)


@test
def a_city_takes_a_field_of_its_own_and_gives_it_back_only_when_that_is_said_twice():
    db = os.path.join(T.dir, "c.db")
    run("--db", db, "init", "--city", "临澜市")
    d = own("bus.yaml", BUS)
    plan = run("--db", db, "--json", "model", "plan", d).json
    equal([(t["change"], t["register"], t["field"]) for t in plan["tables"]], [("new_column", "service_record", "bus")])
    equal(plan["figures"], [])
    run("--db", db, "model", "apply", d)
    equal(run("--db", db, "--json", "model", "plan", d).json["tables"], [])
    assert "bus" in [f["id"] for f in run("--db", db, "--json", "model", "show", "service_record").json["fields"]]
    # back to the built-in declarations: the column goes, but holds nothing, so nothing need be named
    empty = os.path.join(T.dir, "empty")
    shutil.copytree("model", empty)
    plan = run("--db", db, "--json", "model", "plan", empty).json
    equal([(t["change"], t["field"], t["loses"]) for t in plan["tables"]], [("drop_column", "bus", False)])


@test
def a_changed_definition_is_told_with_its_figure():
    db = os.path.join(T.dir, "c.db")
    run("--db", db, "init", "--city", "临澜市")
    d = os.path.join(T.dir, "m")
    shutil.copytree("model", d)
    path = os.path.join(d, "figures", "S8.yaml")
    text = open(path, encoding="utf-8").read()
    assert "where: state = 'valid' and event.drive" in text
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace("where: state = 'valid' and event.drive", "where: state != 'void' and event.drive", 1))
    plan = run("--db", db, "--json", "model", "plan", d).json
    equal(plan["tables"], [])
    ids = {f["id"] for f in plan["figures"]}
    assert "vol.attend" in ids and "vol.events" not in ids, ids


@test
def tables_that_stand_on_other_declarations_are_told_and_brought_up_to_date():
    db = os.path.join(T.dir, "c.db")
    run("--db", db, "init", "--city", "临澜市")
    d = own("bus.yaml", BUS)
    run("--db", db, "model", "apply", d)
    equal(run("--db", db, "model", "apply").out.strip() != "", True)
    with open(os.path.join(d, "registers", "bus.yaml"), "a", encoding="utf-8") as f:
        f.write("  tram: {type: text, label: {zh: 电车, en: Tram}}\n")
    for command in (["list", "service_record"], ["account", "list"], ["serve", "--listen", "127.0.0.1:0"]):
        r = run("--db", db, "--lang", "en", *command, code=2)
        assert "model apply" in r.err and "tram" in r.err, r.err
    equal([t["field"] for t in run("--db", db, "--json", "model", "plan").json["tables"]], ["tram"])
    run("--db", db, "model", "apply")
    run("--db", db, "list", "service_record")


@test
def a_field_of_files_that_goes_tells_what_becomes_of_them():
    db = os.path.join(T.dir, "c.db")
    run("--db", db, "init", "--city", "临澜市")
    d = own("league_photo.yaml", "extend: league_day\nfields:\n  photo: {type: file, label: {zh: 照片, en: Photo}}\n")
    os.path.exists(os.path.join(d, "registers", "bus.yaml")) and os.remove(os.path.join(d, "registers", "bus.yaml"))
    shutil.rmtree(os.path.join(d, "roles"), ignore_errors=True)
    assert "photo" not in [f["id"] for f in run("--json", "model", "show", "league_day").json["fields"]], "photos are kept by activity, with consent"
    run("--db", db, "model", "apply", d)
    os.remove(os.path.join(d, "registers", "league_photo.yaml"))
    r = run("--db", db, "--lang", "en", "model", "plan", d)
    assert "league_day.photo: dropped, with its files in 0 rows: nothing names them any more, and they are destroyed within two days" in r.out, r.out


LEND = """register: lending
label: {zh: 借用, en: Lending}
holds: {zh: 一次借用, en: one thing lent}
system: S26
group: office
belongs: org
happens: lent_on
key: [number]
sensitivity: internal
purpose: volunteer_service
keep: 3y
fields:
  number: {type: text, required: true, max_chars: 20, label: {zh: 编号, en: Number}}
  lent_on: {type: date, required: true, label: {zh: 日期, en: Day}}
  borrower: {type: text, label: {zh: 借用人, en: Borrower}}
  remark: {type: text, sealed: true, label: {zh: 备注, en: Remark}}
grade:
  C: true
states:
  valid: {label: {zh: 有效, en: Valid}}
import_state: valid
moves: {}
list: [lent_on, number, borrower, state]
read: {subtree: [branch_secretary, county_staff, city_staff]}
write: {subtree: [branch_secretary, county_staff, city_staff]}
"""


@test
def a_text_that_is_sealed_later_is_sealed_wherever_it_stood_and_nothing_is_opened_again():
    db = os.path.join(T.dir, "seal.db")
    city = lambda *a, **k: run("--db", db, "--lang", "en", *a, **k)
    city("init", "--city", "临澜市")
    d = os.path.join(T.dir, "lend")
    os.makedirs(os.path.join(d, "registers"))
    put = lambda name, text: open(os.path.join(d, "registers", name), "w", encoding="utf-8").write(text)
    put("lending.yaml", LEND)
    city("model", "apply", d)
    names = [f"借用人甲乙丙{n:03}号" for n in range(600)]  # more than a slice
    sheet = os.path.join(T.dir, "lend.csv")
    with open(sheet, "w", encoding="utf-8") as f:
        f.write("编号,日期,借用人,备注\n" + "".join(f"N{n},2026-03-{n % 28 + 1:02},{name},密{n}\n" for n, name in enumerate(names)))
    city("import", "lending", sheet)
    ids = {r["number"]: r["id"] for r in city("--json", "list", "lending", "--limit", "1000").json}
    equal(len(ids), 600)
    city("set", "lending", str(ids["N7"]), "borrower=改后借用人甲乙丙")
    words = names + ["改后借用人甲乙丙"]
    equal(len({w for w, _ in holders(laid_down(db), *words)}), 601, "the canaries stand there before")

    key = "extend: lending\nseal: [number]\n"
    put("more.yaml", key)
    assert "tells rows apart" in city("model", "apply", d, code=2).err
    put("more.yaml", "extend: lending\nseal: [lent_on]\n")
    assert "only a text is sealed afterwards" in city("model", "check", d, code=2).out
    put("more.yaml", "extend: lending\nsensitivity: public\n")
    assert "is not lowered" in city("model", "check", d, code=2).out
    put("more.yaml", "extend: lending\nsensitivity: personal\nseal: [borrower]\n")
    plan = city("--json", "model", "plan", d).json["tables"]
    equal([(t["change"], t["field"], t["rows"], t["loses"]) for t in plan], [("other_type", "borrower", 600, False), ("protection", "", 0, False)])
    city("model", "apply", d)

    files = [f for f in laid_down(db) if "pg_wal" not in f and not f.endswith(".log")]
    equal(holders(files, *words, *(f"密{n}" for n in range(100, 600))), [])
    shown = {r["number"]: r for r in (city("--json", "show", "lending", str(ids[n])).json for n in ("N0", "N7", "N599"))}
    equal([shown[n]["borrower"] for n in ("N0", "N7", "N599")], [names[0], "改后借用人甲乙丙", names[599]])
    equal([shown[n]["remark"] for n in ("N0", "N7", "N599")], ["密0", "密7", "密599"])
    history = city("--json", "show", "lending", str(ids["N7"]), "--history").out
    assert names[7] in history, history
    equal(city("check").code, 0)
    equal(city("--json", "model", "plan", d).json["tables"], [])
    # What is entered later is sealed as well; nothing is opened again, and the register is not made less sensitive.
    city("add", "lending", "number=Z1", "lent_on=2026-04-01", "borrower=借用人甲乙丙后来", "--org", "0")
    equal(holders(files, "借用人甲乙丙后来"), [])
    put("more.yaml", "extend: lending\nsensitivity: personal\n")
    assert "are lost" in city("model", "apply", d, code=3).err
    put("more.yaml", "extend: lending\nseal: [borrower]\n")
    assert "not made less sensitive" in city("model", "apply", d, code=2).err
    assert "sensitivity internal instead of personal" in city("list", "lending", code=2).err  # nobody reads over such a folder
    put("more.yaml", "extend: lending\nsensitivity: personal\nseal: [borrower]\n")
    equal(city("--json", "show", "lending", str(ids["N0"])).json["borrower"], names[0])


done()
