#!/usr/bin/python3
"""Both engines side by side: the same demo city, figures, report and bundle to the byte; a city moved there and back; a
process killed in imports on PostgreSQL. Wants $QINGHE_TEST_DB (./check starts a server)."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../flow"))
from tap import PROGRAM, QINGHE, SERVER, T, done, equal, raw, run, schema, skip, sql, test, url

NOW = "2026-01-20T10:00:00+08:00"


class City:
    def __init__(self, name, program=QINGHE):
        self.db, self.program = os.path.join(T.dir, name), program

    def __call__(self, *args, code=0):
        return run("--db", self.db, "--now", NOW, "--lang", "zh", *args, code=code, program=self.program)


def both():
    if not SERVER:
        skip("no PostgreSQL: $QINGHE_TEST_DB")
    return City("lite.db", PROGRAM), City("pg.db")


def bytes_of(path):
    with open(path, "rb") as f:
        return f.read()


@test
def the_same_seed_makes_the_same_city_figures_and_report_to_the_byte():
    lite, pg = both()
    for c in (lite, pg):
        c("demo", "--people", 500, "--year", 2025, "--seed", 7)
    for ask in (["digest"], ["figures", "--year", 2025, "--json"], ["figures", "--year", 2024, "--json"],
                ["trace", "vol.attend", "--year", 2025, "--json"], ["list", "visit", "--limit", 50, "--json"],
                ["list", "person", "--limit", 50, "--json"], ["coverage", "--json"]):
        equal(lite(*ask, code=None).out == pg(*ask, code=None).out, True, " ".join(map(str, ask)))
    for kind in ("docx", "html"):
        outs = []
        for c in (lite, pg):
            out = c.db + "." + kind
            c("report", "--year", 2025, "--draft", "-o", out, "--bundle", c.db + ".zip", code=None)
            outs.append(bytes_of(out))
        equal(outs[0] == outs[1], True, kind)
    for c in (lite, pg):
        r = c("check", "--json").json
        equal({k: v["bad"] for k, v in r.items()}, {k: 0 for k in r}, "check")
        c("verify", "audit")


@test
def a_city_moves_to_postgresql_and_back_with_its_history_and_chain():
    lite, pg = both()
    lite("demo", "--people", 500, "--year", 2025, "--seed", 3)
    before = lite("digest").out
    env = {"QINGHE_KEY": pg.db + ".key"}
    r = run("--now", NOW, "--json", "restore", lite.db, "--to", url(pg.db), program=PROGRAM, env=env).json
    equal(r["digest"], before.strip())
    equal(pg("digest").out, before)
    equal(pg("check", "--json").json["audit"]["bad"], 0)
    pg("set", "visit", 1, "place=别处", code=None)
    pg("add", "programme", "name=迁移之后", "kind=drive")
    run("--now", NOW, "restore", lite.db, "--to", url(pg.db), program=PROGRAM, env=env, code=2)
    back = City("back.db", PROGRAM)
    run("--now", NOW, "restore", url(pg.db), "--to", back.db, program=PROGRAM, env=env)
    equal(back("digest").out, pg("digest").out)
    r = back("check", "--json").json
    equal({k: v["bad"] for k, v in r.items()}, {k: 0 for k in r}, "check")
    back("add", "programme", "name=回来之后", "kind=drive")
    for table in ("history", "imported", "cell", "find", "org_link", "idempotency"):
        count = f"SELECT COUNT(*) FROM {table}"
        here = subprocess.run(["sqlite3", back.db, count], capture_output=True, text=True, check=True).stdout.strip()
        equal(here, sql(pg.db, count), table)


@test
def a_backup_of_either_engine_is_restored_on_the_other():
    lite, pg = both()
    pg("demo", "--people", 500, "--year", 2025, "--seed", 5)
    want = pg("digest").out
    parcel = os.path.join(T.dir, "b.parcel")
    pg("backup", parcel)
    # back to a file, with the keys of the city that stands
    env = {"QINGHE_KEY": pg.db + ".key"}
    run("--now", NOW, "restore", parcel, "--to", lite.db, "--keys-of", url(pg.db), program=PROGRAM, env=env)
    equal(lite("digest").out, want)
    second = os.path.join(T.dir, "c.parcel")
    lite("backup", second)
    other = City("other.db")
    run("--now", NOW, "restore", second, "--to", url(other.db), "--keys-of", lite.db, program=PROGRAM, env={"QINGHE_KEY": other.db + ".key"})
    equal(other("digest").out, want)
    r = other("check", "--json").json
    equal({k: v["bad"] for k, v in r.items()}, {k: 0 for k in r}, "check")


def province(*cities, code=0, ids=()):
    more = [x for c in cities for x in ("--city", c)]
    # no key file lies in that folder, and none is wanted
    r = run("--lang", "en", "--json", "province", "--year", 2025, *more, *ids, code=code, program=PROGRAM, env={"QINGHE_KEY": "/no/such/key"}).json
    return {f["id"]: f for f in r["figures"]}, r["cities"]


@test
def a_province_adds_like_to_like_and_says_what_is_missing():
    lite, pg = both()
    units = {"one": 3, "two": 5}
    cities = {}
    for name, n in units.items():
        cities[name] = City(name + ".db")
        c = cities[name]
        c("init", "--city", name, "--region", "3799")
        c("add", "programme", "name=净滩行动", "kind=drive")
        for i in range(n):
            c("add", "volunteer_event", f"title=净滩{i}", f"held_on=2025-03-0{i + 1}", "drive=净滩行动", "hours=8", "state=completed")
    addresses = [url(c.db) for c in cities.values()]
    figures, told = province(*addresses)
    own = {name: {f["id"]: f["value"] for f in c("figures", "--year", 2025, "--json").json} for name, c in cities.items()}
    equal(figures["vol.events"]["value"], own["one"]["vol.events"] + own["two"]["vol.events"])
    equal(figures["vol.events"]["value"], 8)
    equal([c["name"] for c in told], ["one", "two"])
    people = [f for f in figures.values() if f["distinct_within_city_only"]]
    equal(len(people) > 5, True, "figures of persons say how far they are distinct")
    # a city that is not there: no sum is told as the province's
    figures, told = province(*addresses, url(os.path.join(T.dir, "none.db")), code=1, ids=["vol.events"])
    f = figures["vol.events"]
    equal((f["value"], f["partial"], f["cities"], "fault" in told[2]), (None, 8, 2, True))
    # a city that defines it otherwise stands apart
    model = os.path.join(T.dir, "model")
    os.makedirs(model + "/figures")
    with open("model/figures/S8.yaml", encoding="utf-8") as src, open(model + "/figures/S8.yaml", "w", encoding="utf-8") as out:
        text = src.read()
        changed = text.replace("state = 'completed'", "state = 'completed' and hours > 0", 1)
        equal(changed != text, True, "the declaration that the test changes")
        out.write(changed)
    third = City("third.db")
    third("init", "--city", "third", "--region", "3799", "--model", model)
    third("add", "programme", "name=净滩行动", "kind=drive")
    third("add", "volunteer_event", "title=净滩", "held_on=2025-03-01", "drive=净滩行动", "hours=8", "state=completed")
    figures, told = province(*addresses, url(third.db), code=1)
    apart = [f for f in figures.values() if any("why" in p for p in f["parts"])]
    equal(len(apart) > 0, True, "some figure has another definition there")
    for f in apart:
        equal((f["value"], f["cities"] <= 2), (None, True), f["id"])


@test
def a_move_that_fails_leaves_no_city():
    lite, pg = both()
    lite("init", "--city", "临澜市", "--region", "3799")
    with raw(lite.db) as c:
        c.execute("UPDATE person SET org = 999")
    env = {"QINGHE_KEY": pg.db + ".key"}
    run("restore", lite.db, "--to", url(pg.db), program=PROGRAM, env=env, code=None)
    equal(sql(pg.db, f"SELECT COUNT(*) FROM pg_tables WHERE schemaname = '{schema(pg.db)}'"), "0")
    run("restore", lite.db, "--to", os.path.join(T.dir, "x.db"), program=PROGRAM, code=None)
    equal(os.path.exists(os.path.join(T.dir, "x.db")), False)


def import_file(path, start, rows):
    with open(path, "w", encoding="utf-8") as f:
        f.write("活动名称,服务日期,姓名,时长\n")
        for i in range(start, start + rows):
            f.write(f"净滩,2025-03-01,人{i},{i % 4 + 1}\n")


@test
def a_process_killed_in_imports_loses_nothing_that_it_acknowledged():
    pg = both()[1]
    pg("init", "--city", "临澜市", "--region", "3799")
    pg("add", "programme", "name=净滩行动", "kind=drive")
    pg("add", "volunteer_event", "title=净滩", "held_on=2025-03-01", "drive=净滩行动", "hours=8", "state=completed")
    acknowledged = 0
    for n, after in enumerate((0.15, 0.3, 0.5, 0.8, 1.2, 9)):
        path = os.path.join(T.dir, f"{n}.csv")
        import_file(path, n * 1000, 400)
        p = subprocess.Popen([QINGHE, "--db", pg.db, "import", "service_record", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            p.wait(after)
        except subprocess.TimeoutExpired:
            p.send_signal(signal.SIGKILL)
        if p.wait() == 0:
            acknowledged += 400
        elif n % 2:  # the same file once more: what stands is found again
            pg("import", "service_record", path)
            acknowledged += 400
    time.sleep(0.2)
    rows = int(sql(pg.db, "SELECT COUNT(*) FROM service_record"))
    equal(rows >= acknowledged > 0, True, f"{rows} rows of {acknowledged} acknowledged")
    r = pg("check", "--json").json
    equal({k: v["bad"] for k, v in r.items()}, {k: 0 for k in r}, "check")


done()
