#!/usr/bin/python3
"""template.py OURS.docx PEER.docx: the same report twice, with 31 slots each cut over four runs (as Word saves them, with a
spelling mark and a bookmark between), long paragraphs, and a table whose one row repeats: {{#each units}} for us, {{#units}}
for the peer."""
import sys
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = "<w:rPr><w:rFonts w:eastAsia=\"仿宋_GB2312\" w:hint=\"eastAsia\"/><w:spacing w:val=\"-5\"/><w:sz w:val=\"32\"/></w:rPr>"


def run(text):
    return f'<w:r w:rsidR="00A1B2C3">{R}<w:t xml:space="preserve">{text}</w:t></w:r>'


def slot(name):
    return (run("{") + '<w:proofErr w:type="spellStart"/>' + run("{") + run(name) +
            '<w:bookmarkStart w:id="0" w:name="_GoBack"/><w:bookmarkEnd w:id="0"/>' + run("}}") +
            '<w:proofErr w:type="spellEnd"/>')


def cell(inner):
    return f"<w:tc><w:tcPr><w:tcW w:w=\"2000\" w:type=\"dxa\"/></w:tcPr><w:p>{inner}</w:p></w:tc>"


def document(each, end):
    body = []
    for i in range(31):
        text = "以学习宣传贯彻为中心，提升青少年思想政治引领的针对性实效性，充分整合各类资源，从公益服务、困难帮扶等方面开展工作。" * 4
        body.append("<w:p>" + run(text[:100]) + run(text[100:]) + slot("year" if i % 4 == 0 else f"figure{i}") + run("次。") + "</w:p>")
        body.append("<w:p>" + run(text) + "</w:p>")
    row = "<w:tr>" + cell(run("{{" + each + "}}") + slot("a")) + cell(slot("b")) + cell(slot("c") + run("{{" + end + "}}")) + "</w:tr>"
    body.append(f"<w:tbl><w:tblPr/>{row}</w:tbl><w:p/>")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document {W}><w:body>{"".join(body)}<w:sectPr/></w:body></w:document>'


TYPES = ('<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
         'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
         '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>')
RELS = ('<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>')
for path, each, end in ((sys.argv[1], "#each units", "/each"), (sys.argv[2], "#units", "/units")):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", TYPES)
        z.writestr("_rels/.rels", RELS)
        z.writestr("word/document.xml", document(each, end))
