#!/usr/bin/env python3
"""place_peer.py IN.json: the same algorithm (student-proposing deferred acceptance, a heap a post) in Python, written
as one would there; prints its solving time in ms and the number placed."""
import heapq
import json
import sys
import time

problem = json.load(open(sys.argv[1]))
rank = {p["id"]: {s: k for k, s in enumerate(p["priority"])} for p in problem["posts"]}
capacity = {p["id"]: p["capacity"] for p in problem["posts"]}
wishes = {s["id"]: s["preferences"] for s in problem["students"]}
start = time.process_time()
held = {p: [] for p in capacity}
following = dict.fromkeys(wishes, 0)
free = list(wishes)
while free:
    s = free.pop()
    mine = wishes[s]
    while following[s] < len(mine):
        p = mine[following[s]]
        following[s] += 1
        k = rank[p].get(s)
        if k is None or capacity[p] == 0:
            continue
        heap = held[p]
        if len(heap) < capacity[p]:
            heapq.heappush(heap, (-k, s))
            break
        if -heap[0][0] > k:
            _, loser = heapq.heapreplace(heap, (-k, s))
            free.append(loser)
            break
print(f"{(time.process_time() - start) * 1000:.1f} {sum(len(h) for h in held.values())}")
