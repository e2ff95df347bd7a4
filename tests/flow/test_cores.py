#!/usr/bin/python3
"""The stand-alone commands over the cores: identifiers, Merkle log, placement, lottery, screening, ballot board."""
import csv
import hashlib
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, T, data, done, equal, run, start, test


def write(name, text):
    path = os.path.join(T.dir, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


@test
def identifiers_are_told_with_kind_and_reason():
    r = run("--lang", "en", "id", "check", "34052419800101001X", "91350100M000100Y43", "340524198001010013", "--json", code=1)
    a, b, c = r.lines()
    equal((a["value"], a["kind"], a["valid"], a["reason"]), ("34052419800101001X", "citizen_id", True, None))
    equal((b["kind"], b["valid"]), ("credit_code", True))
    equal((c["kind"], c["valid"]), ("citizen_id", False))
    assert c["reason"]
    run("id", "check", "91350100M000100Y43")
    run("id", "check", code=2)


def mth(leaves):  # RFC 6962, 2.1
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


@test
def the_merkle_log_answers_as_rfc_6962_says_and_verifies_its_own_proofs():
    rng = random.Random(1)
    leaves = [b""] + [rng.randbytes(rng.randrange(40)) for _ in range(20)]
    path = write("leaves.hex", "".join(x.hex() + "\n" for x in leaves))
    for n in range(len(leaves) + 1):
        equal(run("merkle", "root", path, "--size", n).json["root"], mth(leaves[:n]).hex())
    queries = [{"op": "prove", "index": i, "size": n} for n in range(1, 22) for i in range(n)]
    queries += [{"op": "consistency", "from": m, "to": n} for n in range(1, 22) for m in range(1, n + 1)]
    answers = run("merkle", "prove", path, "--queries", write("q.ndjson", "".join(json.dumps(q) + "\n" for q in queries))).lines()
    equal(len(answers), len(queries))
    claims = []
    for q, a in zip(queries, answers):
        if q["op"] == "prove":
            claims.append({"leaf": leaves[q["index"]].hex(), "index": q["index"], "size": q["size"],
                           "root": mth(leaves[:q["size"]]).hex(), "path": a["path"]})
        else:
            claims.append({"from": q["from"], "to": q["to"], "root_from": mth(leaves[:q["from"]]).hex(),
                           "root_to": mth(leaves[:q["to"]]).hex(), "path": a["path"]})
    good = write("claims.ndjson", "".join(json.dumps(c) + "\n" for c in claims))
    assert all(v["valid"] for v in run("merkle", "verify", good).lines())
    bent = [dict(c, path=c["path"] + ["00" * 32]) for c in claims]
    bad = write("bent.ndjson", "".join(json.dumps(c) + "\n" for c in bent))
    assert not any(v["valid"] for v in run("merkle", "verify", bad, code=1).lines())
    run("merkle", "prove", path, "--index", 21, "--size", 21, code=2)
    run("merkle", "root", write("x.hex", "zz\n"), code=2)
    run("merkle", "root", path, "--size", 99, code=2)


def stable_best(problem):
    """All stable matchings by brute force; the one that is best for every student."""
    students, posts = problem["students"], {p["id"]: p for p in problem["posts"]}
    rank = {p["id"]: {s: k for k, s in enumerate(p["priority"])} for p in problem["posts"]}
    found = []
    for choice in itertools.product(*[s["preferences"] + [None] for s in students]):
        held = {p: [s["id"] for s, c in zip(students, choice) if c == p] for p in posts}
        if any(len(h) > posts[p]["capacity"] or any(s not in rank[p] for s in h) for p, h in held.items()):
            continue
        blocked = False
        for s, c in zip(students, choice):
            better = s["preferences"][:s["preferences"].index(c)] if c else s["preferences"]
            for p in better:
                if s["id"] in rank[p] and (len(held[p]) < posts[p]["capacity"] or
                                           any(rank[p][x] > rank[p][s["id"]] for x in held[p])):
                    blocked = True
        if not blocked:
            found.append(dict(zip((s["id"] for s in students), choice)))
    for m in found:
        if all((s["preferences"] + [None]).index(m[s["id"]]) <= (s["preferences"] + [None]).index(o[s["id"]])
               for o in found for s in students):
            return m
    raise AssertionError("no stable matching is best for all")


@test
def placement_is_the_students_best_stable_matching_and_is_verified_and_explained():
    rng = random.Random(2)
    for k in range(15):
        posts = [f"p{i}" for i in range(3)]
        students = [f"s{i}" for i in range(5)]
        problem = {"posts": [{"id": p, "capacity": rng.randrange(3), "priority": rng.sample(students, rng.randrange(3, 6))} for p in posts],
                   "students": [{"id": s, "preferences": rng.sample(posts, rng.randrange(4))} for s in students]}
        source, out = write("in.json", json.dumps(problem)), os.path.join(T.dir, "out.json")
        run("--quiet", "place", "solve", source, "-o", out)
        got = json.load(open(out, encoding="utf-8"))
        want = stable_best(problem)
        equal({m["student"]: m["post"] for m in got["matches"]}, {s: p for s, p in want.items() if p})
        equal({u["student"] for u in got["unmatched"]}, {s for s, p in want.items() if not p})
        assert all(u["reason"] for u in got["unmatched"])
        equal(run("place", "verify", source, out, "--json").json["valid"], True)
        for u in got["unmatched"]:
            equal(run("place", "explain", source, out, u["student"]).out.strip(), u["reason"])
        if got["matches"]:
            got["matches"].pop()
            equal(run("place", "verify", source, write("less.json", json.dumps(got)), "--json", code=1).json["valid"], False)
    run("place", "solve", write("bad.json", '{"posts":[{"id":"A"}]}'), code=2)
    run("place", "explain", source, out, "nobody", code=2)


@test
def the_lottery_is_the_one_of_its_page_of_documentation():
    seed, names = "00112233445566778899aabbccddeeff", ["S3", "张三", "S1", "S2"]
    path = write("list.txt", "\n".join(names) + "\n")
    digest = hashlib.sha256("".join(n + "\n" for n in sorted(names, key=str.encode)).encode()).hexdigest()
    key = hashlib.sha256(f"qinghe-lottery-v1\n{seed}\n385\n{digest}\n".encode()).hexdigest()
    want = sorted(names, key=lambda n: hashlib.sha256(f"{key}\n{n}\n".encode()).digest())
    r = run("lottery", "--seed", seed, "--list", path, "--public", "385", "--json").json
    equal([o["entry"] for o in r["order"]], want)
    equal(r["commitment"], hashlib.sha256(f"qinghe-lottery-commit-v1\n{seed}\n{digest}\n".encode()).hexdigest())
    equal(run("lottery", "--seed", seed, "--list", path, "--public", "385").out, "".join(f"{i}\t{n}\n" for i, n in enumerate(want, 1)))
    run("lottery", "--seed", "0011", "--list", path, code=2)
    run("lottery", "--seed", seed, "--list", write("twice.txt", "a\na\n"), code=2)


@test
def screening_scores_equal_those_of_the_data_sets():
    for name, scales in (("bggm-phq9-gad7-t1.csv", ("phq9", "gad7")), ("ukm-phq9-gad7-pss10.csv", ("phq9", "gad7")),
                         ("nhanes-phq9-600.csv", ("phq9",))):
        path = data("psychometrics/" + name)
        rows = list(csv.DictReader(open(path, encoding="utf-8")))
        for scale in scales:
            got = run("screen", "score", scale, path, "--json").lines()
            equal(len(got), len(rows))
            for g, r in zip(got, rows):
                equal(str(g["total"]), r[scale.upper() + "_total"])
                equal(g["band_range"], r[scale.upper() + "_band"])
                if scale == "phq9":
                    equal("item9" in g["flags"], r["PHQ9_item9_flag"] == "1")


@test
def a_missing_answer_never_becomes_0():
    path = write("sheets.csv", "q1,q2,q3,q4,q5,q6,q7,q8,q9\n3,3,3,3,3,3,3,,0\n3,3,3,3,3,,,,0\n0,0,0,0,0,0,0,0,\n1,1,1,1,1,1,1,1,7\n")
    a, b, c, d = run("screen", "score", "phq9", path, "--json", code=1).lines()
    equal((a["total"], a["valid"], a["prorated"]), (24, True, True))
    equal((b["total"], b["valid"]), (None, False))
    equal((c["total"], c["valid"], c["flags"]), (None, False, ["q9_unanswered"]))
    equal((d["total"], d["valid"]), (None, False))
    run("screen", "score", "scl90", path, code=2)
    run("screen", "score", "phq9", write("short.csv", "q1,q2\n1,2\n"), code=2)


@test
def what_is_no_board_is_told_apart():
    run("contest", "verify", write("no.ndjson", "{}\n"), code=2)
    run("contest", "verify", "/nonexistent", code=4)


def doors_of(*command):
    """The program waits for a file that is a pipe: what the process that opened it may still do. Its death is a bad file."""
    pipe = os.path.join(T.dir, "pipe")
    if not os.path.exists(pipe):
        os.mkfifo(pipe)
    p = start([QINGHE, *command, pipe], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(pipe, "wb"):  # stands until a reader has come
        with open(f"/proc/{p.pid}/task/{p.pid}/children", encoding="ascii") as f:
            children = f.read().split()
        equal(len(children), 1, " ".join(command))
        with open(f"/proc/{children[0]}/status", encoding="ascii") as f:
            told = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
        with open(f"/proc/{children[0]}/limits", encoding="ascii") as f:
            told["limits"] = f.read()
        os.kill(int(children[0]), signal.SIGKILL)
    equal(p.wait(10), 2, " ".join(command))
    return told


@test
def who_reads_a_strangers_file_can_do_nothing_else():
    for command in (("merkle", "root"), ("lottery", "--seed", "00" * 16, "--list"), ("screen", "score", "phq9"), ("place", "solve"),
                    ("verify", "archive"), ("verify",)):
        doors = doors_of(*command)
        equal((doors["Seccomp"], doors["NoNewPrivs"]), ("2", "1"), " ".join(command))
        assert re.search(r"Max processes +0 +0", doors["limits"]) and re.search(r"Max core file size +0 +0", doors["limits"]), command


done()
