#!/usr/bin/env python3
"""place_gen.py STUDENTS POSTS WISHES SEED: a placement problem as `qinghe place solve` reads it, on standard output."""
import json
import random
import sys

students, posts, wishes, seed = map(int, sys.argv[1:5])
rng = random.Random(seed)
applicants = [[] for _ in range(posts)]
listed = []
for s in range(students):
    chosen = set()
    while len(chosen) < wishes:  # some posts are wanted far more than others
        chosen.add(int(posts * rng.random() ** 2))
    chosen = list(chosen)
    rng.shuffle(chosen)
    listed.append({"id": f"s{s}", "preferences": [f"p{i}" for i in chosen]})
    for i in chosen:
        applicants[i].append(f"s{s}")
for a in applicants:
    rng.shuffle(a)
json.dump({"posts": [{"id": f"p{i}", "capacity": students // posts, "priority": a} for i, a in enumerate(applicants)],
           "students": listed}, sys.stdout, separators=(",", ":"))
