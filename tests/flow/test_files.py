"""Files of rows: stored sealed, given back by name, checked, swept, in the backup, gone with the person."""
import os
import shutil
from tap import ENGINE, T, done, equal, run, sqlite_only, test

CANARY = "%PDF-1.4 扫描件 张小苗 监护人签字".encode() + bytes(range(256)) * 300


def path(name):
    return os.path.join(T.dir, name)


def city(*more):
    db = path("c.db")
    now = ("--now", "2025-06-30T10:00:00+08:00")
    run("--db", db, *now, "init", "--city", "临澜市", *more)

    def q(*a, **k):
        return run("--db", db, *now, *a, **k)
    q.db = db
    with open(path("同意书.pdf"), "wb") as f:
        f.write(CANARY)
    q.person = q("add", "person", "name=张小苗", "--json").json["id"]
    work = q("add", "media_work", *WORK, "--json").json["id"]
    q.row = q("add", "portrait_consent", f"person=#{q.person}", f"work=#{work}", "asked_on=2025-06-01",
              "scan=@" + path("同意书.pdf"), "--json").json["id"]
    return q


def stored(q):
    return [os.path.join(b, n) for b, _, names in os.walk(q.db + ".files") for n in names]


WORK = ("title=净滩日记", "kind=video")


@test
def a_file_comes_back_as_it_was_and_lies_sealed_under_its_hash():
    q = city()
    (file,) = stored(q)
    equal(os.path.basename(os.path.dirname(file)), os.path.basename(file)[:2], "CITY.files/ab/HASH")
    with open(file, "rb") as f:
        sealed = f.read()
    equal(CANARY[:30] in sealed or "张小苗".encode() in sealed, False, "sealed")
    equal(os.stat(file).st_mode & 0o077, 0)
    q("file", "get", "portrait_consent", q.row, "scan", "-o", path("back.pdf"))
    with open(path("back.pdf"), "rb") as f:
        equal(f.read() == CANARY, True, "the same bytes")
    q("file", "get", "portrait_consent", q.row, "scan", "-o", path("back.pdf"), code=2)
    shown = q("show", "portrait_consent", q.row, "--json")
    equal(shown.json["scan"], "同意书.pdf")
    equal(os.path.basename(file) in shown.out, False, "the reference is nobody's to see")
    for way in (("show", "portrait_consent", q.row), ("list", "portrait_consent", "--json"),
                ("export", "portrait_consent", "-o", path("x.json"))):
        q(*way)
    with open(path("x.json")) as f:
        equal(os.path.basename(file) in f.read(), False, "nor in an export")
    q("check")


@test
def what_is_too_large_or_no_file_is_refused_and_leaves_the_row():
    q = city()
    with open(path("big"), "wb") as f:
        f.truncate((20 << 20) + 1)
    q("set", "portrait_consent", q.row, "scan=@" + path("big"), code=2)
    q("set", "portrait_consent", q.row, "scan=@" + path("nothing"), code=2)
    q("set", "portrait_consent", q.row, "scan=somewhere.pdf", code=2)
    equal(q("show", "portrait_consent", q.row, "--json").json["version"], 1)


@test
def all_files_together_have_no_more_room_than_is_declared():
    os.mkdir(path("m"))
    os.mkdir(path("m/rules"))
    with open(path("m/rules/files.yaml"), "w") as f:
        f.write("rules: files\nmost_mb: 1\n")
    q = city("--model", path("m"))
    told = q("status", "--json", code=None).json
    equal((told["files_bytes"], told["files_most_bytes"]), (os.path.getsize(stored(q)[0]), 1 << 20))
    before = q("digest").out
    with open(path("big.pdf"), "wb") as f:
        f.write(CANARY + bytes(1 << 20))
    why = q("--lang", "en", "set", "portrait_consent", q.row, "scan=@" + path("big.pdf"), code=2).err
    assert "0 MB of the 1 MB" in why, why
    equal((len(stored(q)), q("digest").out), (1, before), "nothing has changed")
    with open(path("fit.pdf"), "wb") as f:
        f.write(CANARY + bytes(850000))
    q("set", "portrait_consent", q.row, "scan=@" + path("fit.pdf"))
    equal(q("--lang", "en", "status", code=1).out.count("soon no more files are taken"), 1)


@test
def a_damaged_and_a_missing_file_are_found_by_the_check():
    q = city()
    (file,) = stored(q)
    with open(file, "r+b") as f:
        f.seek(100)
        byte = f.read(1)
        f.seek(100)
        f.write(bytes([byte[0] ^ 1]))
    equal(q("check", "--json", code=1).json["files"]["bad"], 1)
    q("file", "get", "portrait_consent", q.row, "scan", "-o", path("x"), code=4)
    os.unlink(file)
    equal(q("check", "--json", code=1).json["files"]["bad"], 1)


@test
def a_bit_that_turns_in_the_database_or_the_key_store_is_found_by_the_check():
    sqlite_only("PostgreSQL looks at its own pages")
    q = city()
    told = q("check", "--json").json["pages"]
    size, keys = os.path.getsize(q.db), q.db + ".keys"
    equal((told["looked_at"], told["note"]), ((size + os.path.getsize(keys)) // 4096, None))
    q("backup", path("before.parcel"))

    def flip(name, at, bit):
        with open(name, "r+b") as f:
            f.seek(at)
            byte = f.read(1)
            f.seek(at)
            f.write(bytes([byte[0] ^ 1 << bit]))
    # the header's word that there are checksums, then anywhere
    places = [(q.db, 20, 3), (q.db, 17, 0)] + [(q.db, i * 7919 * 4093 % size, i % 8) for i in range(1, 4)] + [(keys, 4096 + 40, 5)]
    for place in places:
        flip(*place)
        got = q("check", code=None)
        if got.code not in (1, 4):
            raise AssertionError((place, got.code, got.out[:300]))
        flip(*place)
    flip(q.db, size - 50, 1)
    q("--as", "somebody", "rebuild", "pages", code=3)
    q("rebuild", "pages")
    equal(q("check", "--json").json["pages"]["bad"], 0, "taken as it is")
    if '"pages"' not in q("audit", "list", "--limit", "1", "--json").out:
        raise AssertionError("the audit does not say so")


@test
def orphans_are_swept_after_a_day_and_older_versions_keep_their_file():
    q = city()
    with open(path("neu.txt"), "w") as f:
        f.write("zwei")
    q("set", "portrait_consent", q.row, "scan=@" + path("neu.txt"))
    orphan = os.path.join(q.db + ".files", "ab", "ab" * 32)
    fresh = os.path.join(q.db + ".files", "ab", "ab" * 31 + "cd")
    os.makedirs(os.path.dirname(orphan), exist_ok=True)
    for name, old in ((orphan, True), (fresh, False)):
        with open(name, "w") as f:
            f.write("x")
        at = 1751248800 - (90000 if old else 10)  # the city's clock
        os.utime(name, (at, at))
    run("--db", q.db, "--now", "2025-06-30T10:00:00+08:00", "due", "run")
    run("--db", q.db, "--now", "2025-07-02T10:00:00+08:00", "due", "run")
    left = {os.path.basename(f) for f in stored(q)}
    equal((os.path.basename(orphan) in left, len(left) >= 2), (False, True))
    q("check")


@test
def files_are_in_the_backup_and_go_with_the_person():
    q = city()
    q("backup", path("b.parcel"))
    with open(path("b.parcel"), "rb") as f:
        equal(CANARY[:30] in f.read(), False)
    run("restore", path("b.parcel"), "--to", path("r.db"), "--keys-of", q.db)
    run("--db", path("r.db"), "file", "get", "portrait_consent", q.row, "scan", "-o", path("r.pdf"))
    with open(path("r.pdf"), "rb") as f:
        equal(f.read() == CANARY, True, "restored")
    q("person", "shred", q.person, "--reason", "撤回同意", "--confirm", q.person)
    q("file", "get", "portrait_consent", q.row, "scan", "-o", path("x"), code=2)
    run("restore", path("b.parcel"), "--to", path("s.db"), "--keys-of", q.db)
    run("--db", path("s.db"), "file", "get", "portrait_consent", q.row, "scan", "-o", path("x"), code=2)


@test
def a_restored_city_stands_on_its_own_declarations_and_files_wherever_it_lies():
    os.makedirs(path("own/registers"))
    with open(path("own/registers/编号.yaml"), "w", encoding="utf-8") as f:
        f.write("extend: media_work\nfields:\n  shelf: {type: text, label: {zh: 架号, en: Shelf}}\n")
    q = city("--model", path("own"))
    q("add", "media_work", "title=海边", "kind=video", "shelf=甲-7")
    asks = (("digest",), ("list", "media_work", "--json"), ("model", "show", "media_work"), ("figures", "--year", 2025, "--json"))
    before = [q(*x).out for x in asks]
    q("backup", path("b.parcel"))
    os.makedirs(path("far/off"))
    if ENGINE == "sqlite":  # into another folder, with its own declarations gone where they lay
        os.rename(path("own"), path("elsewhere"))
        shutil.rmtree(q.db + ".files")
    for i, way in enumerate(((path("b.parcel"), "--keys-of", q.db), (path("far/off/r0.db"),))):
        if i and ENGINE != "sqlite":
            break
        db = path(f"far/off/r{i}.db")
        run("restore", *way, "--to", db)
        equal([run("--db", db, *x).out for x in asks] == before, True)
        run("--db", db, "file", "get", "portrait_consent", q.row, "scan", "-o", path(f"r{i}.pdf"))
        with open(path(f"r{i}.pdf"), "rb") as f:
            equal(f.read() == CANARY, True, "the file came along")
        run("--db", db, "check")
        run("--db", db, "model", "plan")
        run("--db", db, "backup", path(f"again{i}.parcel"))
    run("--db", path("far/off/r0.db"), "add", "media_work", "title=又一部", "kind=video", "shelf=乙-1")
    if ENGINE == "sqlite":
        folders = [os.listdir(path(f"far/off/r{i}.db.model")) for i in range(2)]
        equal((folders[0], len(folders[0])), (folders[1], 1), "under one name, with no second copy")


done()
