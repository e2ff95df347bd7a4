"""Case notes: open for the case's own people with their own password, for two custodians together, and for nobody else --
not for the operator, not for who has database, key store and root key."""
import os
from tap import T, done, equal, holders, laid_down, rows, run, test

NOTE = "来访者说夜里常醒怕黑"
LATER = "第二次好些了能睡整夜"


def path(name):
    return os.path.join(T.dir, name)


def words(name, text):
    with open(path(name), "w") as f:
        f.write(text + "\n")
    return path(name)


class City:
    def __init__(self):
        self.db = path("c.db")
        self("init", "--city", "临澜市")
        person = lambda name: self("add", "person", "name=" + name, "--json").json["id"]
        self.child, self.liu, self.wang, self.first, self.second = map(person, ("张小苗", "刘咨询", "王咨询", "甲保管", "乙保管"))

    def __call__(self, *a, **k):
        return run("--db", self.db, "--now", "2025-06-30T10:00:00+08:00", *a, **k)

    def custody(self):
        self("custody", "key", self.liu, words("liu", "夜里听海一二三"))
        self("custody", "custodian", self.first, words("first", "保管人甲的长口令"))
        self("custody", "custodian", self.second, words("second", "保管人乙的长口令"))

    def session(self, note, counsellor=None, code=0):
        return self("add", "counselling_session", f"client=#{self.child}", f"counsellor=#{counsellor or self.liu}",
                    "met_on=2025-06-01", "way=in_person", "note=" + note, "state=completed", "--json", code=code)

    def read(self, row, who, file, code=0, register="counselling_session"):
        return self("custody", "read", register, row, "note", who, path(file), code=code)


def nowhere(db, *texts):
    keys = [db + end for end in (".keys", ".keys-wal") if os.path.exists(db + end)]
    equal(holders(laid_down(db) + keys, *texts), [])


@test
def a_note_opens_for_its_counsellor_and_not_for_the_operator():
    q = City()
    q.custody()
    row = q.session(NOTE).json["id"]
    equal(q.read(row, q.liu, "liu").out.strip(), NOTE)
    shown = q("show", "counselling_session", row, "--json")
    equal((shown.json["note"], NOTE in shown.out, "note" in shown.json["sealed"]), (None, False, True))
    for way in (("list", "counselling_session", "--json"), ("show", "counselling_session", row, "--history"),
                ("export", "counselling_session", "-o", path("x.csv"))):
        equal(NOTE in q(*way).out, False, " ".join(map(str, way)))
    with open(path("x.csv"), encoding="utf-8-sig") as f:
        equal(NOTE in f.read(), False, "export")
    nowhere(q.db, NOTE)
    words("wrong", "夜里听海三二一")
    q.read(row, q.liu, "wrong", code=3)
    q.read(row, q.wang, "liu", code=3)
    q.read(row, q.first, "first", code=3)  # one custodian alone
    q("check")
    q("digest")


@test
def two_custodians_together_recover_a_note():
    q = City()
    q.custody()
    row = q.session(NOTE).json["id"]
    ask = ("custody", "recover", "counselling_session", row, "note")
    a, b = (q.first, path("first")), (q.second, path("second"))
    equal(q(*ask, *a, *b).out.strip(), NOTE)
    equal(q(*ask, *b, *a).out.strip(), NOTE)
    q(*ask, *a, *a, code=3)
    q(*ask, *a, q.liu, path("liu"), code=3)


@test
def an_edit_keeps_the_note_and_a_new_note_is_sealed_anew():
    q = City()
    q.custody()
    row = q.session(NOTE).json["id"]
    q("set", "counselling_session", row, "minutes=50 分钟")
    q("set", "counselling_session", row, "way=hotline", "topic_code=mood", "minutes=1")
    equal(q.read(row, q.liu, "liu").out.strip(), NOTE, "after edits of other fields")
    q("set", "counselling_session", row, "note=" + LATER)
    equal(q.read(row, q.liu, "liu").out.strip(), LATER)
    q("key", "rotate", "--suite", "national")
    equal(q.read(row, q.liu, "liu").out.strip(), LATER, "after another suite")
    nowhere(q.db, NOTE, LATER)
    q("check")


@test
def a_merge_of_the_client_leaves_the_note_to_its_readers():
    q = City()
    q.custody()
    row = q.session(NOTE).json["id"]
    other = q("add", "person", "name=张小苗", "phone=19912345678", "--json").json["id"]
    q("person", "merge", other, q.child)
    equal(q.read(row, q.liu, "liu").out.strip(), NOTE)


@test
def a_case_without_a_counsellor_who_has_a_key_is_refused():
    q = City()
    q.custody()
    before = len(q("list", "counselling_session", "--json").json)
    q.session(NOTE, counsellor=q.wang, code=2)
    equal(len(q("list", "counselling_session", "--json").json), before)


@test
def before_there_are_custodians_notes_are_sealed_like_any_other_value():
    q = City()
    row = q.session(NOTE).json["id"]
    nowhere(q.db, NOTE)
    q.read(row, q.liu, words("liu", "x" * 20) and "liu", code=3)
    q.custody()
    q("set", "counselling_session", row, "note=" + LATER)
    equal(q.read(row, q.liu, "liu").out.strip(), LATER)


@test
def who_steals_machine_keys_and_all_opens_nothing_without_a_password():
    q = City()
    q.custody()
    row = q.session(NOTE).json["id"]
    # The thief has the whole folder and the program: what the program can open without the people's words is not the note.
    for name in ("liu", "first", "second"):
        os.unlink(path(name))
    out = b"".join(run("--db", q.db, *a, code=None).out.encode() for a in (
        ("show", "counselling_session", row, "--json"), ("export", "counselling_session", "-o", "-"), ("verify", "audit")))
    equal(NOTE.encode() in out, False)
    keys = rows(q.db, "SELECT length(locked), length(public) FROM custody_key")
    equal(keys, [(89, 32)] * 3, "secret halves stand only under passwords")


@test
def a_third_custodian_and_a_second_key_are_refused():
    q = City()
    q.custody()
    q("custody", "custodian", q.wang, words("w", "又一个保管人口令"), code=2)
    q("custody", "key", q.liu, words("l", "刘咨询的第二把钥匙"), code=2)
    q("custody", "key", q.wang, words("s", "short"), code=2)


done()
