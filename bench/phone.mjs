// phone.mjs -- pages as a cheap phone sees them: 360 px, a processor four times slower, 1.6 Mbit/s, 150 ms, nothing cached.
// usage: node bench/phone.mjs        measures our pages, best and worst of three, beside their goals: of a small city, then of
//                                    a demo city with a year's records (public pages, and the desk's heaviest)
// Wants tests/browser/node_modules (tools/npm brings it). measure() is also what bench/directus.mjs uses.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as s from "../tests/browser/site.mjs";

const LINE = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 0.75e6 / 8 };

// Runs in the page before anything else: when `ready` first matched something visible, and when the last long task ended.
function watch(ready) {
	window.seen = { ready: 0, busy: 0 };
	new PerformanceObserver((l) => {
		for (const e of l.getEntries()) window.seen.busy = Math.max(window.seen.busy, e.startTime + e.duration);
	}).observe({ type: "longtask", buffered: true });
	const look = () => {
		if ([...document.querySelectorAll(ready)].some((e) => e.getClientRects().length)) window.seen.ready = performance.now();
		else requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
}

// One cold visit of a page. Usable: painted, what was come for is there, and the processor is free again. In ms and wire bytes.
export async function measure(browser, state, url, ready = "main", wait = 240000) {
	const context = await browser.newContext({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true,
		hasTouch: true, storageState: state, locale: "zh-CN", serviceWorkers: "block" });
	const page = await context.newPage();
	const line = await context.newCDPSession(page);
	const sum = { bytes: 0, requests: 0 };
	line.on("Network.requestWillBeSent", () => sum.requests++);
	line.on("Network.loadingFinished", (e) => { sum.bytes += e.encodedDataLength; });
	await line.send("Network.enable");
	await line.send("Network.setCacheDisabled", { cacheDisabled: true });
	await line.send("Network.emulateNetworkConditions", LINE);
	await line.send("Emulation.setCPUThrottlingRate", { rate: 4 });
	await page.addInitScript(watch, ready);
	await page.goto(url, { timeout: wait });
	await page.waitForFunction(() => window.seen.ready > 0, null, { timeout: wait });
	await page.waitForLoadState("networkidle", { timeout: wait }).catch(() => {});
	await page.waitForTimeout(600);
	const at = await page.evaluate(() => ({ ...window.seen,
		paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
		parsed: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd }));
	await context.close();
	return { ...sum, paint: at.paint, usable: Math.max(at.ready, at.busy, at.paint, at.parsed) };
}

export async function best(n, ...what) {
	const all = [];
	for (let i = 0; i < n; i++) all.push(await measure(...what));
	all.sort((a, b) => a.usable - b.usable);
	return { ...all[0], worst: all[n - 1].usable };
}

export function row(name, m, goal = "") {
	const ms = (v) => String(Math.round(v)).padStart(6);
	console.log(`${name.padEnd(34)} ${String(m.bytes).padStart(9)} B ${String(m.requests).padStart(4)} requests, painted ${ms(m.paint)} ms, usable ${ms(m.usable)}-${ms(m.worst)} ms ${goal}`);
}

// Addresses of public and form pages (usable in 1.3 s and 40 KB) and of the desk (2.5 s).
const pages = {
	open: [["sign in", "/sign-in"], ["slip of an invitation", "/join"]],
	form: [["form", "/r/volunteer_event/new"]],
	desk: [["home", "/"], ["list", "/r/volunteer_event"], ["record", "/r/volunteer_event/1"], ["figures", "/figures"], ["figure", "/figures/vol.attend"],
		["coverage", "/coverage"], ["report", "/report/2026"], ["reports", "/report/list"], ["leader's page", "/report/2026/leader"], ["difference", "/report/2026/difference"], ["collections", "/collections"]],
};

// Pages that want a year's records.
async function demo(show) {
	const site = await s.openRoles(), door = await s.page(site);
	const first = async (at) => { await door.goto(site.url + at); return door.getAttribute("main .ev h2 a, main .ev a", "href"); };
	const street = ["", "/events", "/articles", "/posts", "/contests", "/contests/1", "/votes/1", "/figures", "/figures/mind.sessions", "/reports", "/data",
		"/help", "/suggest", "/receipt", "/verify", "/find?q=2025"].map((a) => ["street " + a, "/street" + a]);
	for (const at of ["/street/articles", "/street/events", "/street/reports"]) street.push(["street, one of " + at.slice(8), await first(at)]);
	await show(street, undefined, 1300, 40960, site);
	const desk = ["/", "/report/2025", "/report/2025/leader", "/report/2025/difference", "/report/list", "/figures", "/coverage", "/coverage?of=school", "/finder", "/collections", "/appraisal"];
	await show(desk.map((a) => ["city staff " + a, a]), site.entered("city_staff"), 2500, Infinity, site);
	await show([["leader /", "/"], ["leader /report/2025/leader", "/report/2025/leader"]], site.entered("leader"), 2500, Infinity, site);
	await site.close();
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
	const site = await s.open();
	const door = await s.page(site);
	await s.claim(site, door);
	await s.enrol(site, door);
	const state = await door.context().storageState();
	let missed = 0;
	const show = async (list, who, ms, bytes, of = site) => {
		for (const [name, address] of list) {
			const m = await best(3, of.browser, who, of.url + address);
			const ok = m.usable <= ms && m.bytes <= bytes;
			missed += !ok;
			row(name, m, ok ? "" : `goal ${ms} ms, ${bytes} B: missed`);
		}
	};
	await show(pages.open, undefined, 1300, 40960);
	await show(pages.form, state, 1300, 40960);
	await show(pages.desk, state, 2500, Infinity);
	/* The secretary's bound phone, and a resident: what is opened where the net is thin. */
	const run = (...a) => execFileSync(s.qinghe, ["--db", site.db, "--now", s.now, "--lang", "zh", ...a], { encoding: "utf8" });
	const branch = (...a) => execFileSync("/usr/bin/python3", [path.join(s.here, "../flow/branch.py"), s.qinghe, site.db, ...a], { encoding: "utf8" });
	const made = JSON.parse(branch());
	const fill = async (p, fields) => { for (const [id, text] of Object.entries(fields)) await p.fill("#" + id, text); await p.click("button.go"); };
	const bound = await s.page(site);
	await bound.goto(site.url + "/bind#" + made.phone);
	await bound.waitForSelector("#pin");
	await fill(bound, { name: "柳青", pin: "204857", again: "204857" });
	await bound.waitForURL((u) => new URL(u).pathname === "/");
	branch("authorise");
	const event = JSON.parse(run("--json", "add", "volunteer_event", "--org", "BR1", "title=冬日送暖", "held_on=2026-11-24", "place=青柳村")).id;
	const contest = JSON.parse(run("--json", "add", "contest", "--org", "CY1", "name=讲解员大赛", "kind=explainer", "held_on=2026-12-20")).id;
	const person = JSON.parse(run("--json", "list", "person", "--org", "BR1", "--limit", "100")).find((r) => r.name === made.people[0]).id;
	const home = await s.page(site);
	await home.goto(site.url + "/claim");
	await fill(home, { code: JSON.parse(run("--json", "account", "code", "#" + person)).code, handle: "resident1", password: s.account.password, again: s.account.password });
	await home.waitForURL(/mine/);
	await show([["record (phone)", "/jot"], ["on site (phone)", `/onsite/volunteer_event/${event}`], ["photos (phone)", "/photos"], ["new photo (phone)", `/photos/new?of=volunteer_event:${event}`], ["accounts for people (phone)", "/invites"]], await bound.context().storageState(), 1300, 40960);
	await show([["my page (resident)", "/mine"], ["apply (resident)", "/apply"], ["entry (resident)", `/apply/entry?for=${contest}`], ["my data (resident)", "/me/data"]], await home.context().storageState(), 1300, 40960);
	await site.close();
	await demo(show);
	console.log(`${missed} missed`);
	process.exit(missed ? 1 : 0);
}
