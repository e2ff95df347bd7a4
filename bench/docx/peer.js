// peer.js TEMPLATE OUT TIMES: docxtemplater fills the same template; prints milliseconds a fill.
const fs = require("fs");
const PizZip = require("pizzip");
const Docxtemplater = require("docxtemplater");
const [template, out, times] = process.argv.slice(2);
const bytes = fs.readFileSync(template);
const values = new Proxy({}, {
  get: (_, k) => (k === "units" ? Array(12).fill({}) : k === "year" ? "2025" : "12863"),
  has: () => true,
});
function fill() {
  const doc = new Docxtemplater(new PizZip(bytes), {
    delimiters: { start: "{{", end: "}}" }, paragraphLoop: true,
    parser: (tag) => ({ get: () => values[tag] }),
  });
  doc.render(values);
  return doc.getZip().generate({ type: "nodebuffer", compression: "STORE" });
}
fs.writeFileSync(out, fill());
for (let i = 0; i < 20; i++) fill();
const start = process.hrtime.bigint();
for (let i = 0; i < times; i++) fill();
console.log((Number(process.hrtime.bigint() - start) / 1e6 / times).toFixed(3));
