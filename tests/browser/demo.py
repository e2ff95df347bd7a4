#!/usr/bin/python3
"""A demo city for the street's tests: a full year, a published report, people on duty. demo.py QINGHE DB NOW; prints {}."""
import subprocess
import sys

subprocess.run([sys.argv[1], "--db", sys.argv[2], "--now", sys.argv[3], "--quiet", "demo", "--people", "500", "--year", "2026", "--seed", "11"], check=True, stdout=sys.stderr)
print("{}")
