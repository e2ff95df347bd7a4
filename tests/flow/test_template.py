#!/usr/bin/python3
"""tools/template: what would let a value break out of its place stops the build; what is right compiles."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from tap import T, done, equal, test

HEAD = "{{!struct page from web/page.h}}\n"


def build(body, more=None):
    folder = os.path.join(T.dir, "t")
    os.makedirs(folder, exist_ok=True)
    for name, text in {"one": body, **(more or {})}.items():
        with open(os.path.join(folder, name + ".html"), "w", encoding="utf-8") as f:
            f.write(HEAD + text)
    r = subprocess.run(["tools/template", os.path.join(T.dir, "t.c"), os.path.join(T.dir, "templates.h"), os.path.join(T.dir, "t.d"), folder],
                       capture_output=True, text=True)
    if r.returncode:
        return r.stderr
    with open(os.path.join(T.dir, "t.c"), encoding="utf-8") as f:
        return f.read()


def refused(body, why):
    said = build(body)
    assert why in said and "one.html:" in said, f"{body}: {said[-300:]}"


@test
def a_value_has_to_stand_in_text_or_in_quotes():
    refused("<a href={{x}}>", "without quotes")
    refused("<a {{x}}>", "between attributes")
    refused("<p {{x}}=\"1\">", "between attributes")
    refused("<p{{x}}>", "between attributes")
    refused("<{{x}}>", "tag's name")
    refused("</{{x}}>", "between attributes")
    for attribute in ("onclick", "ONLOAD", "style"):
        refused(f'<p {attribute}="{{{{x}}}}">', "not allowed")
    refused('<iframe srcdoc="{{x}}"></iframe>', "srcdoc")
    refused("<script>var a = {{x}};</script>", "without src")
    refused("<style>p{color:red}</style>", "without src")
    refused('<script src="/a.js">{{x}}</script>', "inside <script>")
    refused("<!-- {{x}} -->", "comments")


@test
def inline_code_is_refused_even_without_a_value():
    refused('<p onclick="alert(1)">x</p>', "not allowed")
    refused('<p style="color:red">x</p>', "not allowed")
    refused("<script>alert(1)</script>", "without src")


@test
def addresses_are_addresses():
    c = build('<a href="{{whole}}">{{x}}</a><a href="/r/{{piece}}?a={{more}}">{{t:Words}}</a>')
    assert "tpl_href(o, p->whole)" in c and "tpl_url(o, p->piece)" in c and "tpl_url(o, p->more)" in c
    assert "tpl_put(o, p->x)" in c and 'tr("Words")' in c
    refused('<a href="{{t:Words}}">x</a>', "cannot be an address")
    refused('<a href="{{x|date}}">x</a>', "filter in an address")


@test
def blocks_begin_and_end_in_one_place():
    assert "if (tpl_true(p->a)) {" in build('<p{{#if a}} class="b"{{/if}}>{{#each rows as r}}{{r.n}}{{else}}-{{/each}}</p>')
    refused("<p {{#if a}}class=\"b\">{{/if}}", "another place")
    refused("{{#if a}}<p{{else}}<p>{{/if}}", "another place")
    refused("{{#if a}}", "not closed")
    refused("{{/if}}", "closes nothing")
    refused("{{#each rows as r}}{{/if}}{{/each}}", "closes nothing")
    refused("<p", "ends inside a tag")


@test
def what_is_not_of_the_language_is_refused():
    refused("{{x y}}", "unknown command")
    refused("{{X}}", "unknown command")
    refused("{{x|loud}}", "unknown filter")
    refused("{{{x}}}", "unknown command")


@test
def an_unknown_name_stops_the_compiler_at_its_line():
    folder = os.path.join(T.dir, "t")
    c = build("<p>\n{{no_such_member}}</p>")
    source = os.path.join(T.dir, "t.c")
    r = subprocess.run(["gcc", "-std=c17", "-fsyntax-only", "-Isrc", "-I" + T.dir, source],
                       capture_output=True, text=True)
    assert r.returncode and "one.html:3:" in r.stderr and "no_such_member" in r.stderr, r.stderr[:400]


@test
def every_text_of_our_templates_is_chinese_too():
    r = subprocess.run(["tools/template", "--texts", "src/web/templates"], capture_output=True, text=True, check=True)
    texts = {line.split("\t", 1)[1] for line in r.stdout.splitlines()}
    assert len(texts) > 100
    have = set()
    for folder, _, names in os.walk("i18n"):
        for n in names:
            with open(os.path.join(folder, n), encoding="utf-8") as f:
                for line in f:
                    if line.startswith('msgid "'):
                        have.add(line.strip()[7:-1].replace('\\"', '"'))
    equal(sorted(texts - have), [])


done()
