#!/usr/bin/env python3
"""The documents are true: commands as the program says them, README's session as it runs, links that lead somewhere."""
import glob
import os
import re
import shlex
import subprocess
import sys
import unicodedata

sys.path.insert(0, os.path.dirname(__file__))
from tap import QINGHE, T, done, equal, test

ROOT = os.getcwd()
PAGES = sorted(glob.glob("*.md") + glob.glob("docs/*.md") + glob.glob("bench/*.md"))


def anchor(title):
    """GitHub's and Gitee's name for a heading."""
    text = "".join(c for c in title.strip().lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
    return text.replace(" ", "-")


@test
def links_lead_somewhere():
    lost = []
    for page in PAGES:
        text = re.sub(r"```.*?```", "", open(page, encoding="utf-8").read(), flags=re.S)
        for to in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", to):
                continue
            path, _, part = to.partition("#")
            full = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(full):
                lost.append(f"{page}: {to}")
            elif part and part not in [anchor(h) for h in re.findall(r"^#+ (.*)$", open(full, encoding="utf-8").read(), re.M)]:
                lost.append(f"{page}: {to}")
    equal(lost, [], "links that lead nowhere")


@test
def the_list_of_commands_is_what_the_program_says():
    p = subprocess.run(["/usr/bin/python3", "tools/commands-doc", "--check"], capture_output=True, text=True,
                       env={**os.environ, "QINGHE": QINGHE})
    equal(p.returncode, 0, p.stderr)


def session(page, lang):
    """Writes the page's files into T.dir, runs its commands there and looks for every line it shows."""
    text = open(page, encoding="utf-8").read()
    for name, body in re.findall(r"<!-- file: (\S+) -->\n```\n(.*?)```", text, re.S):
        with open(os.path.join(T.dir, name), "w", encoding="utf-8") as f:
            f.write(body)
    env = {**os.environ, "LC_ALL": lang}
    env.pop("QINGHE_DB", None)
    ran = 0
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            line, *shown = part.rstrip("\n").split("\n")
            if line.startswith("export "):
                name, value = line[7:].split("=", 1)
                env[name] = value
                continue
            argv = shlex.split(line)
            equal(argv[0], "qinghe", line)
            p = subprocess.run([QINGHE, *argv[1:]], cwd=T.dir, env=env, capture_output=True, text=True, timeout=120)
            assert p.returncode in (0, 1), f"{line}: {p.returncode} {p.stderr}"
            said = (p.stdout + p.stderr).split("\n")
            for want in shown:
                head = want[:-1] if want.endswith("…") else None
                assert want in said or head and any(s.startswith(head) for s in said), \
                    f"{page}: {line}\nshows: {want}\nsays:  " + "\n       ".join(said)
            ran += 1
    return ran


@test
def the_session_in_the_readme_runs_as_it_is_shown():
    assert session("README.md", "zh_CN.UTF-8") > 12


@test
def the_session_in_the_english_readme_runs_as_it_is_shown():
    assert session("README.en.md", "en_GB.UTF-8") > 12


@test
def examples_of_commands_name_fields_and_registers_that_there_are():
    lost = []
    model = {os.path.basename(f)[:-5]: open(f, encoding="utf-8").read() for f in glob.glob("model/registers/*.yaml")}
    for line in re.findall(r"(?:Example|例|示例)[:：] ?(qinghe .*)", open("docs/commands.md", encoding="utf-8").read()):
        words = line.split()
        if words[1] in ("add", "import", "export", "list", "show", "set", "template"):
            words = [w for w in words[2:] if not w.startswith("-")]
            if words[0] not in model:
                lost.append(line)
            for field in [w.split("=")[0] for w in words[1:] if "=" in w and re.match(r"[a-z_]+=", w)]:
                if not re.search(rf"^  {field}:", model.get(words[0], ""), re.M):
                    lost.append(f"{line}: {field}")
    equal(lost, [], "examples with words that are not declared")


@test
def each_of_the_54_items_of_security_names_tests_that_there_are():
    p = subprocess.run(["tools/security-list"], stdout=subprocess.PIPE, text=True)
    equal((p.returncode, p.stdout.strip()), (0, ""))


done()
