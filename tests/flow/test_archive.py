#!/usr/bin/python3
"""Old rows of the audit log leave for a file: verified before, behind a signed checkpoint after; nobody can use the gap."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, rows, run, test

OLD, MID, NEW, LATER = (f"{y}-06-30T10:00:00+08:00" for y in (2020, 2022, 2025, 2026))


def path(name):
    return os.path.join(T.dir, name)


def at(now):
    def q(*a, **k):
        return run("--db", path("c.db"), "--now", now, *a, **k)
    return q


def city(*more):
    q = at(OLD)
    q("init", "--city", "临澜市", *more)
    people = [q("--json", "add", "person", "name=" + n).json["id"] for n in ("张小苗", "王小禾")]
    q("audit", "sign")
    q("key", "export", path("old.keys"))
    q("person", "shred", people[0], "--reason", "本人要求", "--confirm", people[0])
    at(MID)("add", "programme", "name=净滩行动", "kind=drive")
    at(NEW)("add", "programme", "name=护苗行动", "kind=drive")
    return people


def archive(now, before, name, code=0):
    return at(now)("--json", "archive", "audit", "--before", before, "-o", path(name), code=code)


def verify(code=0, now=NEW, *more):
    return at(now)("verify", "audit", *more, code=code).out


@test
def old_rows_leave_behind_a_signed_checkpoint_and_the_chain_goes_on():
    city()
    q = at(NEW)
    digest, total = q("digest").out, q("--json", "verify", "audit").json["rows"]
    head = q("audit", "heads").out.splitlines()[0]
    cut = archive(NEW, "2021-01-01", "a.ndjson").json
    equal(cut["first"], 1)
    assert cut["last"] > 3 and rows(path("c.db"), "SELECT MIN(seq) FROM audit")[0][0] == cut["last"] + 1
    equal(os.stat(path("a.ndjson")).st_mode & 0o777, 0o600)
    assert q("--json", "verify", "audit").json["rows"] > total, "rows are counted from the first"
    equal(json.loads(q("check", "--json").out)["audit"]["bad"], 0)
    equal(q("digest").out, digest)
    told = run("--json", "verify", "archive", path("a.ndjson"), "--key", cut["checkpoint"].split()[5]).json
    equal((told["valid"], told["first"], told["last"]), (True, 1, cut["last"]))
    verify(0, NEW, "--archive", path("a.ndjson"))
    equal(head in open(path("a.ndjson"), encoding="utf-8").read(), True, "heads signed before went along")
    # The next part follows the first.
    second = archive(LATER, "2023-01-01", "b.ndjson").json
    equal(second["first"], cut["last"] + 1)
    verify(0, LATER, "--archive", path("b.ndjson"))
    verify(0, LATER, "--archive", path("a.ndjson"))
    with open(path("heads.txt"), "w") as f:
        f.write(cut["checkpoint"] + "\n" + second["checkpoint"] + "\n")
    verify(0, LATER, "--heads", path("heads.txt"))
    # Whole with its checkpoints: a backup comes back.
    at(LATER)("backup", path("c.parcel"))
    run("restore", path("c.parcel"), "--to", path("r.db"), "--keys-of", path("c.db"), "--json")


@test
def what_is_too_young_stays_and_nothing_is_overwritten():
    city()
    archive(NEW, "2023-01-01", "a.ndjson", code=3)
    archive(NEW, "2020-01-01", "a.ndjson", code=2)
    open(path("a.ndjson"), "w").close()
    archive(NEW, "2021-01-01", "a.ndjson", code=2)
    equal(rows(path("c.db"), "SELECT MIN(seq) FROM audit")[0][0], 1)
    verify()


@test
def every_altered_line_of_a_file_is_found():
    city("--crypto", "national")
    archive(NEW, "2021-01-01", "a.ndjson")
    lines = open(path("a.ndjson"), encoding="utf-8").read().splitlines(True)
    bad = {"a row altered": [l.replace('"operator"', '"person:7"', 1) if '"seq":2,' in l else l for l in lines],
           "a row missing": [l for l in lines if '"seq":2,' not in l],
           "two rows exchanged": [lines[0], lines[2], lines[1], *lines[3:]],
           "cut at the end": lines[:-1],
           "a signature altered": lines[:-1] + [lines[-1].replace('"}', 'x"}')]}
    for what, text in bad.items():
        with open(path("x.ndjson"), "w", encoding="utf-8") as f:
            f.writelines(text)
        run("verify", "archive", path("x.ndjson"), code=1)
        verify(1, NEW, "--archive", path("x.ndjson"))
    run("verify", "archive", path("a.ndjson"), "--key", "00" * 32, code=1)
    with open(path("x.ndjson"), "w", encoding="utf-8") as f:
        f.write("{}\n")
    run("verify", "archive", path("x.ndjson"), code=2)


@test
def a_checkpoint_without_the_citys_signature_hides_nothing():
    city()
    cut = archive(NEW, "2021-01-01", "a.ndjson").json
    db, n = path("c.db"), cut["last"] + 1
    rows(db, "INSERT INTO audit_cut(seq, at, head, first, file) SELECT seq, 0, head, seq, head FROM audit WHERE seq = ?", n)
    rows(db, "DELETE FROM audit WHERE seq <= ?", n)
    assert str(n) in verify(1)
    equal(json.loads(at(NEW)("check", "--json", code=1).out)["audit"]["bad"], 1)


@test
def who_was_destroyed_before_the_checkpoint_stays_destroyed():
    gone, stays = city()
    archive(NEW, "2021-01-01", "a.ndjson")
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path("c.db.keys" + end)):
            os.unlink(path("c.db.keys" + end))
    q = at(NEW)
    q("key", "import", path("old.keys"))  # from before the shredding
    equal([q("show", "person", p, "--json").json["name"] for p in (gone, stays)], [None, "王小禾"])


done()
