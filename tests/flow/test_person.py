"""People: found by name, given name, initials, ID and phone; recorded twice and merged; never in the clear on disk."""
import os
from tap import T, done, equal, run, test

ID_A = "34052419800101001X"


def city():
    db = os.path.join(T.dir, "c.db")
    run("--db", db, "--now", "2025-06-30T10:00:00+08:00", "init", "--city", "临澜市")
    return lambda *a, **k: run("--db", db, "--now", "2025-06-30T10:00:00+08:00", *a, **k)


def add(q, *args):
    return q("add", *args, "--json").json["id"]



def two_rows_of_one_person(q):
    a = add(q, "person", "name=欧阳晓梅", "citizen_id=" + ID_A, "identified=是")
    b = add(q, "person", "name=欧阳晓梅", "phone=19912345678", "identified=是")
    events = [add(q, "volunteer_event", f"title=净滩{i}", f"held_on=2025-04-0{i}", "hours=2", "state=completed") for i in (1, 2)]
    for event, person in ((events[0], a), (events[0], b), (events[1], b)):
        q("add", "service_record", f"event=#{event}", f"volunteer=#{person}", "served_on=2025-04-02", "hours=1",
          "state=valid")
    return a, b


@test
def people_are_found_by_whole_name_given_name_initials_id_and_phone():
    q = city()
    a, b = two_rows_of_one_person(q)
    for text, want in (("欧阳晓梅", {a, b}), ("晓梅", {a, b}), ("oyxm", {a, b}), ("OYXM", {a, b}), (ID_A, {a}),
                       ("199 1234 5678", {b}), ("欧阳", set()), ("王小明", set())):
        found = {int(line.split("\t")[0][1:]) for line in q("person", "find", text).out.splitlines()}
        equal(found, want, text)


@test
def a_merge_brings_all_rows_together_and_can_be_undone():
    q = city()
    a, b = two_rows_of_one_person(q)
    everything = ("list", "service_record", "--json")
    before = [(r["id"], r["volunteer"], r["state"]) for r in q(*everything).json]
    merge = q("person", "merge", a, b, "--json").json["merge"]
    rows = q(*everything).json
    equal([r["volunteer"] for r in rows if r["state"] == "valid"], [a, a], "rows of the survivor")
    equal([r["state"] for r in rows].count("void"), 1, "the same event attended by both")
    equal(q("show", "person", a, "--json").json["phone"], "19912345678", "what only the other knew")
    equal(q("person", "find", "oyxm").out.count("#"), 1, "found once")
    q("check")
    q("person", "undo", merge)
    equal([(r["id"], r["volunteer"], r["state"]) for r in q(*everything).json], before, "as it was")
    equal(q("person", "find", "oyxm").out.count("#"), 2, "found twice again")
    q("person", "undo", merge, code=2)
    q("check")


@test
def two_people_with_different_ids_are_not_merged():
    q = city()
    a = add(q, "person", "name=王芳", "citizen_id=" + ID_A)
    b = add(q, "person", "name=王芳", "citizen_id=371001198010082394")
    q("person", "merge", a, b, code=2)
    equal(q("show", "person", b, "--json").json["state"], "valid")


@test
def names_ids_and_phones_stand_nowhere_in_the_clear():
    q = city()
    a, b = two_rows_of_one_person(q)
    q("set", "person", a, "name=欧阳晓兰")
    q("person", "merge", a, b)
    words = ("欧阳", "晓梅", "晓兰", ID_A, "19912345678")
    for name in os.listdir(T.dir):
        raw = open(os.path.join(T.dir, name), "rb").read()
        for word in words:
            assert word.encode() not in raw, f"{word} in {name}"


done()
