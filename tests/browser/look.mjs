// look.mjs FOLDER [WORD...] -- the critic's eye: every page that any role may open, in a demo city, followed link by link from
// each role's desk and from the public pages; once as a picture per route and language and width, and judged by machine:
// status, sideways scrolling, text cut off or one over another, Chinese on an English page that the catalogue knows in English
// (and English words on a Chinese one), raw identifiers, empty tables and lists, targets under 40 px on a phone, title, h1, axe,
// console errors (so CSP reports too). WORDs: routes or roles to keep to. Prints one line a finding; says which routes it never met.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as s from "./site.mjs";

const [out, ...words] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const site = await s.openRoles(), { url, seed } = site;
const qinghe = path.resolve(s.here, "../..", process.env.QINGHE || "build/qinghe");

// The route table: what an address is an instance of. The longest literal wins.
const routes = JSON.parse(execFileSync(qinghe, ["routes", "--json"], { encoding: "utf8" })).filter((r) => r.method === "GET")
	.map((r) => ({ path: r.path, like: new RegExp("^" + r.path.replace(/[.]/g, "\\.").replace(/\{[^}]*\}/g, "[^/]+") + "$"), open: r.permission === "public" }))
	.sort((a, b) => (a.path.match(/\{/g) || []).length - (b.path.match(/\{/g) || []).length);
const route = (address) => routes.find((r) => r.like.test(address.split(/[?#]/)[0]));
const files = /export|\/file\/|\/sheet$|\.ics|\.atom|\/kept\/|\/copy|refused|progress|assets|\/metrics|healthz|robots|sitemap|security\.txt|sw\.js|^\/openapi$/;

// Words of the house in both languages: the catalogues and the labels of the declarations.
const root = path.join(s.here, "../.."), chinese = new Set(), english = new Set();
for (const f of readdirSync(path.join(root, "i18n/zh"))) {
	const text = readFileSync(path.join(root, "i18n/zh", f), "utf8");
	for (const m of text.matchAll(/^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)/gm)) {
		const [en, zh] = [m[1], m[2]].map((t) => t.split("\n").filter(Boolean).map((l) => JSON.parse(l)).join("").trim());
		if (/\p{Script=Han}/u.test(zh)) chinese.add(zh);
		if (/[A-Za-z]{3}/.test(en)) english.add(en);
	}
}
for (const dir of ["registers", "figures", "rules", "help", "roles", "instruments"])
	for (const f of readdirSync(path.join(root, "model", dir)))
		for (const m of readFileSync(path.join(root, "model", dir, f), "utf8").matchAll(/\{zh: "?([^",}]+)"?, en: "?([^"}]+)"?\}/g)) {
			chinese.add(m[1].trim());
			if (/[A-Za-z]{3}/.test(m[2])) english.add(m[2].trim());
		}

// In the page: what a careful reader would see. Answers a list of texts.
function judge({ lang, phone }) {
	const words = window.__words || (window.__words = { zh: new Set(window.__zh), en: new Set(window.__en) }), chinese = words.zh, english = words.en;
	const found = [], seen = (e) => { const r = e.getBoundingClientRect(), c = getComputedStyle(e); return r.width > 0 && r.height > 0 && c.visibility !== "hidden" && c.opacity !== "0" && !e.closest(".vh, .skip, .first, [hidden]") && (!e.closest("details:not([open])") || e.closest("summary")); };
	const say = (what, e, more = "") => found.push(`${what.replace(/ *\d.*/, "")} ${e.tagName} ${String(e.className.baseVal === undefined ? e.className : "")}`, `${what}: ${e.tagName.toLowerCase()}${e.className && e.className.baseVal === undefined ? "." + String(e.className).split(" ").join(".") : ""} "${(e.textContent || e.value || "").trim().replace(/\s+/g, " ").slice(0, 60)}" ${more}`);
	if (document.documentElement.scrollWidth > innerWidth) found.push("scrolls sideways", "scrolls sideways: " + document.documentElement.scrollWidth);
	if (!document.title.trim()) found.push("no title", "no title");
	if (document.querySelectorAll("h1").length !== 1) found.push("h1", "h1: " + document.querySelectorAll("h1").length);
	const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const n = walker.currentNode, e = n.parentElement, t = n.textContent.trim();
		if (!t || !seen(e) || /^(script|style)$/i.test(e.tagName)) continue;
		const range = document.createRange();
		range.selectNodeContents(n);
		texts.push({ t, e, rects: [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1) });
	}
	for (const { t, e, rects } of texts) {
		let clip = e;
		while (clip && clip !== document.body && !/hidden|clip|auto|scroll/.test(getComputedStyle(clip).overflowX)) clip = clip.parentElement;
		const c = clip && clip !== document.body ? clip.getBoundingClientRect() : { left: 0, right: innerWidth };
		texts.find((x) => x.e === e && x.t === t).rects = rects.map((r) => new DOMRect(Math.max(r.left, c.left), r.top, Math.max(0, Math.min(r.right, c.right) - Math.max(r.left, c.left)), r.height));
		const dots = clip && getComputedStyle(clip).textOverflow === "ellipsis" && phone;
		const off = dots ? 0 : clip && /auto|scroll/.test(getComputedStyle(clip).overflowX) ? 0 : Math.max(0, ...rects.map((r) => Math.max(r.right - c.right, c.left - r.left)));
		if (off > 2) say(`cut off by ${Math.round(off)} px`, e);
		if (lang === "en" && chinese.has(t) && /[\u4e00-\u9fff]/.test(t)) say("Chinese of the house", e);
		if (lang === "zh" && english.has(t) && /[a-z]{3}/.test(t)) say("English of the house", e);
		if (/\b[a-z]+_[a-z_]+\b|undefined|NaN|\{[a-z_]*\}|\[object|%[sd]\b|\b\d{4}-\d\d-\d\dT/.test(t) && !e.closest("code, kbd, pre, .mono, textarea")) say("raw", e);
		if (lang === "zh" && /[\u4e00-\u9fff] [0-9A-Za-z]|[0-9A-Za-z] [\u4e00-\u9fff]/.test(t)) say("typed gap", e);
	}
	const flat = texts.flatMap((x) => x.rects.map((r) => ({ ...x, r }))).sort((a, b) => a.r.top - b.r.top);
	for (let i = 0; i < flat.length && found.length < 80; i++)
		for (let k = i + 1; k < flat.length && flat[k].r.top < flat[i].r.bottom - 3; k++) {
			const a = flat[i], b = flat[k];
			if (a.e === b.e || a.e.closest(".thumb, .kid .help, .pub .help, .commit, .rail") || b.e.closest(".thumb, .kid .help, .pub .help, .commit, .rail")) continue;
			const w = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left), h = Math.min(a.r.bottom, b.r.bottom) - b.r.top;
			if (w > 3 && h > 6) say("over each other", a.e, `and "${b.t.slice(0, 40)}"`);
		}
	for (const e of document.querySelectorAll("tbody, main ul, main ol, main dl, main select")) if (!e.children.length && seen(e.parentElement)) say("empty", e, e.parentElement.className);
	for (const e of document.querySelectorAll("main section, main .box")) if (seen(e) && !e.querySelector("svg, input, button, a, table, canvas") && (e.innerText || "").trim().split("\n").length < 2) say("a box without content", e);
	if (phone) for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select, summary, label:has(input)")) {
		if (!seen(e) || e.disabled) continue;
		const inLabel = /^input$/i.test(e.tagName) && e.closest("label"), r = e.getBoundingClientRect(), after = getComputedStyle(e, "::after");
		if (inLabel || r.height >= 40 || (/^a$/i.test(e.tagName) && after.position === "absolute" && after.content !== "none")) continue;
		const p = e.parentElement, inSentence = /^a$/i.test(e.tagName) && (p.innerText || "").trim().length > (e.innerText || "").trim().length + 4 && !e.closest("nav, header, .views");
		if (!inSentence && !e.closest(".sheet, svg, .month")) say(`target ${Math.round(r.width)}×${Math.round(r.height)}`, e);
	}
	return found; /* pairs: what is alike, what it says */
}

const met = new Map(), findings = new Map();
const variants = [["zh", 1440], ["zh", 390], ["en", 1440], ["en", 390]];
const tell = (where, what, alike = what) => { if (!findings.has(alike)) { findings.set(alike, where); console.log(where + "\t" + what); } };
// One page in one way: judged, and pictured.
async function look(p, role, address, name, lang, width) {
	const answer = await p.goto(url + address + (address.includes("?") ? "&" : "?") + "lang=" + lang).catch((e) => { tell(`${role} ${address}`, "does not open: " + String(e).slice(0, 80)); return null; });
	if (!answer) return [];
	const where = `${role} ${address} ${lang} ${width}`;
	if (answer.status() >= 400) tell(where, "status " + answer.status(), route(address).path + answer.status());
	for (const e of p.errors.splice(0)) if (answer.status() < 400) tell(where, "console: " + e);
	const found = await p.evaluate(judge, { lang, phone: width === 390 });
	/* The model desk and the help of registers name things as programs do, and say so. */
	for (let i = 0; i < found.length; i += 2) if (!(/^\/(model|help\/registers)/.test(address) && /^(raw|typed gap|English of the house)/.test(found[i]))) tell(where, found[i + 1], route(address).path + " " + found[i] + (/raw|gap|house/.test(found[i]) ? found[i + 1] : ""));
	if (name) {
		for (const v of await s.violations(p)) tell(where, "axe: " + v);
		const height = Math.min(await p.evaluate(() => document.documentElement.scrollHeight), 2600);
		await p.setViewportSize({ width, height: Math.max(height, width === 390 ? 844 : 700) });
		await p.screenshot({ path: path.join(out, `${name}-${lang}-${width}.png`) });
		await p.setViewportSize({ width, height: width === 390 ? 844 : 900 });
	}
	return p.evaluate(() => [...document.querySelectorAll("a[href]")].map((a) => a.getAttribute("href")));
}

await (async () => {
	for (const role of [...Object.keys(seed.roles), "public"]) {
		if (words.length && words.some((w) => seed.roles[w] || w === "public") && !words.includes(role)) continue;
		const pages = await Promise.all(variants.map(([lang, width]) => s.page(site, { lang, width, height: width === 390 ? 844 : 900, state: seed.roles[role] && site.entered(role) })));
		for (const p of pages) await p.addInitScript(`window.__zh = ${JSON.stringify([...chinese])}; window.__en = ${JSON.stringify([...english])}`);
		const queue = [role === "public" ? "/street" : "/"], queued = new Set(queue), times = new Map();
		if (role === "public") queue.push("/sign-in", "/claim", "/bind", "/pin");
		while (queue.length) {
			const address = queue.shift(), r = route(address);
			const named = r.path.replace(/\{register\}/, () => address.split("?")[0].split("/").find((x, i) => r.path.split("/")[i] === "{register}"));
			const key = r.path === "/" ? "/ " + role : r.path === "/r/{register}" || r.path === "/r/{register}/{id}" || r.path === "/r/{register}/new" ? named : r.path;
			const kept = !words.length || words.includes(role) || words.some((w) => key.includes(w));
			const fresh = !met.has(key) && kept, some = r.path === "/" || [...met.keys()].filter((k) => k !== key && route(k.split(" ")[0]) === r).length < 4;
			if (fresh) met.set(key, role);
			const name = fresh && some && (key + (r.path === "/" ? "" : "")).replace(/^\/ ?/, r.path === "/" ? "desk-" : "").replace(/[/{}]+/g, "-").replace(/-$/, "") || "";
			let links = [];
			for (const [i, [lang, width]] of variants.entries()) {
				if (i && !fresh) break;
				if (!name && (i === 1 || i === 2)) continue;
				const got = await look(pages[i], role, address, name, lang, width);
				if (!i) links = got;
			}
			for (const l of links) {
				const to = l.replace(url, "");
				if (!to.startsWith("/") || files.test(to.split("?")[0])) continue;
				const rr = route(to), bare = to.split("#")[0].replace(/([?&])lang=\w+&?/, "$1").replace(/[?&]$/, "");
				if (!rr) { tell(`${role} ${address}`, "no route: " + to); continue; }
				const kind = bare.split("?")[0].split("/").filter((x, i) => !(rr.path.split("/")[i] || "").startsWith("{") || rr.path.split("/")[i] === "{register}").join("/");
				const n = times.get(kind) || 0;
				if (queued.has(bare) || n >= (bare.includes("?") ? 1 : 2) || queued.size > (words.length ? 110 : 260)) continue;
				times.set(kind, n + 1);
				queued.add(bare);
				queue.push(bare);
			}
		}
		console.error(role, queued.size);
		for (const p of pages) await p.context().close();
	}
})();
for (const r of routes) if (!files.test(r.path) && ![...met.keys()].some((k) => k === r.path || r.like.test(k.split(" ")[0]) )) console.log("never met: " + r.path);
console.log(`${met.size} pages pictured, ${findings.size} findings`);
await site.close();
process.exit(0);
