// site.mjs -- what the browser tests and the pictures share: a seeded city, its server, a browser.
import { execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const here = path.dirname(fileURLToPath(import.meta.url));
export const qinghe = path.resolve(here, "../..", process.env.QINGHE || "build/qinghe");
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync"];
export const now = "2026-11-24T10:00:00+08:00";
export const account = { handle: "hejing", password: "a quiet field of rice" };

let served = { at: now, began: Date.now() };

// A city by `script` (its JSON is the seed), its server, a browser.
async function city(script, at, name) {
	const folder = mkdtempSync(path.join(tmpdir(), name)), db = path.join(folder, "city.db");
	const seed = JSON.parse(execFileSync("/usr/bin/python3", [path.join(here, script), qinghe, db, at], { encoding: "utf8" }));
	served = { at, began: Date.now() };
	const server = spawn(qinghe, ["--db", db, "--now", at, "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
	const url = await new Promise((done, fail) => {
		server.stdout.once("data", (d) => done(String(d).trim()));
		server.once("exit", (c) => fail(new Error("server ended with " + c)));
	});
	server.removeAllListeners("exit");
	process.on("exit", () => server.kill("SIGKILL")); // a test that throws leaves no server behind
	const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
	const close = async () => {
		await browser.close();
		const ended = new Promise((done) => server.once("exit", done));
		server.kill("SIGTERM");
		const code = await ended;
		rmSync(folder, { recursive: true });
		return code;
	};
	return { url: url.replace(/\/$/, ""), db, seed, at, browser, pid: server.pid, close };
}

export const open = () => city("seed.py", now, "qinghe-");

// A demo city with an open session for every role (roles.py): seed.roles[ROLE] is its token, entered() a state to open pages by.
export async function openRoles() {
	const site = await city("roles.py", "2026-01-20T10:00:00+08:00", "qinghe-roles-");
	site.entered = (role) => ({ cookies: [{ name: "session", value: site.seed.roles[role], domain: "127.0.0.1", path: "/", expires: -1, httpOnly: true, secure: false, sameSite: "Lax" }], origins: [] });
	return site;
}

export const street = () => city("demo.py", now, "qinghe-street-");

// A page of a width, in a language, with every console error gathered.
export async function page(site, { width = 1440, height = 900, lang = "zh", dark = false, state } = {}) {
	const context = await site.browser.newContext({ viewport: { width, height }, storageState: state, locale: lang === "zh" ? "zh-CN" : "en-GB",
		colorScheme: dark ? "dark" : "light", timezoneId: "Asia/Shanghai" });
	const p = await context.newPage();
	p.errors = [];
	p.on("console", (m) => { if (m.type() === "error") p.errors.push(m.text()); });
	p.on("pageerror", (e) => p.errors.push(String(e)));
	p.on("dialog", (d) => { p.errors.push("a dialog opened: " + d.message()); d.dismiss(); });
	return p;
}

export async function claim(site, p) {
	await p.goto(site.url + "/claim");
	await p.fill("#code", site.seed.code);
	await p.fill("#handle", account.handle);
	await p.fill("#password", account.password);
	await p.fill("#again", account.password);
	await p.click("button.go");
	await p.waitForURL(/second-factor/);
}

// What an authenticator shows (RFC 6238), by the clock of the city that is served.
export function totp(secret, ahead = 0) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	let bits = "";
	for (const c of secret.replace(/ /g, "")) bits += letters.indexOf(c).toString(2).padStart(5, "0");
	const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
	const step = Buffer.alloc(8);
	step.writeBigUInt64BE(BigInt(Math.floor((Date.parse(served.at) + Date.now() - served.began) / 30000) + ahead));
	const mac = createHmac("sha1", key).update(step).digest(), at = mac[19] & 15;
	return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

// The page of the second factor is open: sets it up, keeps the codes on paper.
export async function enrol(site, p) {
	account.secret = await p.innerText(".factor .mono");
	await p.fill("#code", totp(account.secret));
	await p.click("form[action='/me/second-factor'] button.go");
	account.paper = await p.locator(".codes li").allInnerTexts();
}

export async function signIn(site, p) {
	await p.goto(site.url + "/sign-in");
	await p.fill("#handle", account.handle);
	await p.fill("#password", account.password);
	await p.fill("#code", account.paper.pop());
	await p.click("button.go");
	await p.waitForURL((u) => !String(u).includes("sign-in"));
}

export function assert(ok, what) { if (!ok) throw new Error(what); }
export function equal(got, want, what = "") { assert(JSON.stringify(got) === JSON.stringify(want), `${what}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(want)}`); }

/* Axe runs in the page itself: no page of ours has a frame, and the wrapper for those takes three times as long. */
const axe = readFileSync(path.join(here, "node_modules/axe-core/axe.min.js"), "utf8");
/* Of long lists and tables the first eight: the ones below look like them, and the contrast of each text costs time. */
const alike = process.env.QINGHE_LONG ? "" : "main :is(tr, li, option, dt, dd):nth-child(n+9)";
export async function violations(p) {
	await p.evaluate(axe);
	const found = await p.evaluate((alike) => {
		const exclude = alike ? [...document.querySelectorAll(alike)] : [];
		return window.axe.run(exclude.length ? { include: [document], exclude } : document, { resultTypes: ["violations"] })
			.then((r) => r.violations.map((v) => [v.impact, v.id + " " + v.nodes[0].target]));
	}, alike);
	return found.filter(([impact]) => impact === "serious" || impact === "critical").map(([, what]) => what);
}

// A sound page: no console error (so no CSP report) but the expected ones, no serious axe violation, no sideways scrolling, one h1.
export async function sound(p, where, { axed = true, expected } = {}) {
	equal(p.errors.splice(0).filter((e) => !expected || !expected.test(e)), [], where + " console");
	if (axed || process.env.QINGHE_LONG) equal(await violations(p), [], where + " axe");
	equal(await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, where + " scrolls sideways by");
	equal(await p.locator("h1").count(), 1, where + " h1");
}

// Runs [name, test] pairs as TAP on stdout, then `close`, which answers the server's exit code; ends the process.
export async function run(tests, close) {
	let failed = 0;
	console.log(`1..${tests.length}`);
	for (const [i, [name, test]] of tests.entries()) {
		const began = Date.now();
		try {
			const said = await test();
			console.log(`ok ${i + 1} - ${name}` + (said ? " # " + said.toUpperCase().slice(0, 4) + said.slice(4) : ""));
		} catch (e) {
			failed++;
			console.log(`not ok ${i + 1} - ${name}\n# ` + String(e.stack || e).slice(0, 1500).replace(/\n/g, "\n# "));
		}
		if (process.env.QINGHE_SECONDS) console.log(`# ${((Date.now() - began) / 1000).toFixed(1)} s`);
	}
	const code = await close();
	if (code !== 0) { console.log("# the server ended with " + code); failed++; }
	process.exit(failed ? 1 : 0);
}
