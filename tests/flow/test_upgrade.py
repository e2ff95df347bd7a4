#!/usr/bin/python3
"""A city of an older program is copied and brought up, one of a newer program is refused."""
import os
import re
import sqlite3
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import ENGINE, SERVER, T, done, equal, rows, run, schema, skip, test

COPIED = () if ENGINE == "sqlite" else ("--copied",)


def older(db):
    """Takes the last migration back: what it made is read from its own text."""
    with open("src/store/migrate.c", encoding="utf-8") as f:
        text = f.read()
    names = re.search(r"migrations\[\] = \{([^}]*)\}", text)[1]
    names = re.findall(r"\w+", names)

    def ddl(name):
        body = re.search(r"static const char %s\[\] =(.*?);\n" % name, text, re.S)[1]
        return "".join(re.findall(r'"((?:\\.|[^"\\])*)"', body)).replace('\\"', '"')

    last, earlier = ddl(names[-1]), "".join(map(ddl, names[:-1]))
    undo = [f"DROP TABLE {table}" for table in re.findall(r"CREATE TABLE (\w+)", last)]
    undo += [f"ALTER TABLE {table} DROP COLUMN {column}" for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", last)]
    former = re.findall(r"DROP TABLE (\w+)", last)  # made anew in another form
    if former and ENGINE != "sqlite":
        skip("the last migration makes a table anew, whose former text is SQLite's")
    undo += [re.search(r"CREATE TABLE %s\([^;]*" % table, earlier)[0] for table in former]
    for text in (*undo, "UPDATE city SET schema_no = schema_no - 1"):
        rows(db, text)
    return len(names)


def dump(db):
    """All that stands in the city's database, as text."""
    if ENGINE != "sqlite":
        p = subprocess.run(["pg_dump", "-d", SERVER, "-n", schema(db)], capture_output=True, text=True, check=True)
        return [line for line in p.stdout.splitlines() if "restrict " not in line]
    with sqlite3.connect(db) as c:
        return list(c.iterdump())


@test
def an_older_city_is_copied_brought_up_and_whole():
    db = os.path.join(T.dir, "city.db")
    run("--db", db, "init", "--city", "临澜市", "--region", "330100")
    latest = older(db)
    told = run("--db", db, "--lang", "en", "list", "org", code=2).err
    if "qinghe upgrade" not in told:
        raise AssertionError(told)
    if ENGINE != "sqlite":  # its copy is the operator's
        run("--db", db, "upgrade", code=3)
    got = run("--db", db, "--json", "upgrade", *COPIED).json
    equal((got["from"], got["to"]), (latest - 1, latest))
    if ENGINE == "sqlite":
        copy = f"{db}.before-{latest}"
        equal(stat.S_IMODE(os.stat(copy).st_mode), 0o600)
        equal(rows(copy, "SELECT schema_no FROM city"), [(latest - 1,)])
    run("--db", db, "check")
    run("--db", db, "verify", "audit")
    equal(run("--db", db, "--json", "upgrade").json, {"from": latest, "to": latest, "changes": 0})
    older(db)
    if ENGINE != "sqlite":
        return
    refused = run("--db", db, "--lang", "en", "upgrade", code=2).err
    if "stands already" not in refused:
        raise AssertionError(refused)


@test
def a_newer_city_is_refused_by_every_command():
    db = os.path.join(T.dir, "city.db")
    run("--db", db, "init", "--city", "临澜市", "--region", "330100")
    rows(db, "UPDATE city SET schema_no = schema_no + 1")
    before = dump(db)
    for argv in (("upgrade",), ("list", "org"), ("check",), ("serve", "--listen", "127.0.0.1:0"), ("status",)):
        r = run("--db", db, "--lang", "en", *argv, code=None)
        if r.code != 2 or "newer program" not in r.err:
            raise AssertionError(f"{argv}: {r.code} {r.err}")
    equal(dump(db) == before, True, "nothing changed")


done()
