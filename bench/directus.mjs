// directus.mjs DIR -- the same register of 10,000 events, its list and its form, here and on Directus, in one run: wire bytes and
// time to usable on a slow phone (phone.mjs), lists of 20 as JSON a second of the server's processor time (wrk, 16 connections).
// DIR holds Directus 12.4.0 from npm (with @directus/app 18.0.0 and Node 22), bootstrapped on SQLite with an .env of HOST, PORT,
// ADMIN_EMAIL, ADMIN_PASSWORD, RATE_LIMITER_ENABLED=false. Directus answers its administrator, who skips its permissions; we check ours.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as s from "../tests/browser/site.mjs";
import { best, row } from "./phone.mjs";

const ROWS = 10000, SECONDS = 4;
const dir = path.resolve(process.argv[2]);
const qinghe = path.resolve(s.here, "../../build/qinghe");
const env = Object.fromEntries(readFileSync(path.join(dir, ".env"), "utf8").split("\n").filter((l) => l.includes("=")).map((l) => [l.slice(0, l.indexOf("=")), l.slice(l.indexOf("=") + 1)]));

function events() {
	const kinds = ["济老助困", "生态环保", "儿童看护", "社区治理"], places = ["柳河镇", "双塘镇", "石门乡", "云脊乡"];
	return Array.from({ length: ROWS }, (_, i) => ({ name: `${places[i % 4]}志愿服务行动第${i + 1}次`, programme: ["学雷锋", "净滩行动", "希望家园"][i % 3],
		field: kinds[i % 4], held_on: `2026-${String(i % 10 + 1).padStart(2, "0")}-${String(i % 28 + 1).padStart(2, "0")}`, hours: "4小时",
		place: places[i % 4] + "青年之家", org: `3301${String(i % 4 + 2).padStart(2, "0")}001`, state: i % 3 ? "已完成" : "筹备中" }));
}

// Processor seconds of a process and all its children so far.
function cpu(pid) {
	const all = new Map();
	for (const p of execFileSync("ls", ["/proc"], { encoding: "utf8" }).split("\n").filter((x) => /^\d+$/.test(x)))
		try {
			const f = readFileSync(`/proc/${p}/stat`, "utf8").split(") ")[1].split(" ");
			all.set(+p, { parent: +f[1], ticks: +f[11] + +f[12] });
		} catch { /* it has ended */ }
	let sum = 0;
	for (const [p, a] of all)
		for (let q = p; q; q = all.get(q)?.parent)
			if (q === pid) { sum += a.ticks; break; }
	return sum / 100;
}

function lists(pid, url, header) {
	const before = cpu(pid);
	const out = execFileSync("wrk", ["-t1", "-c16", `-d${SECONDS}`, "--latency", ...header.flatMap((h) => ["-H", h]), url], { encoding: "utf8" });
	if (out.includes("Non-2xx")) throw new Error(url + "\n" + out);
	return +out.match(/(\d+) requests in/)[1] / (cpu(pid) - before);
}

async function directus(data) {
	const node = path.join(dir, "node_modules/node/bin");
	const server = spawn("node", ["node_modules/directus/cli.js", "start"], { cwd: dir, stdio: "ignore", env: { ...process.env, PATH: node + ":" + process.env.PATH } });
	process.on("exit", () => server.kill("SIGKILL"));
	const url = `http://${env.HOST}:${env.PORT}`;
	const send = async (way, what, body, token) => {
		const r = await fetch(url + way, { method: what, headers: { "Content-Type": "application/json", ...(token ? { Authorization: "Bearer " + token } : {}) }, body: body && JSON.stringify(body) });
		return { ok: r.ok, body: r.status === 204 ? {} : await r.json().catch(() => ({})) };
	};
	for (let i = 0; ; i++) {
		if (await fetch(url + "/server/health").then(() => true, () => false)) break;
		if (i > 60) throw new Error("Directus did not start");
		await new Promise((d) => setTimeout(d, 500));
	}
	const token = (await send("/auth/login", "POST", { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD })).body.data.access_token;
	await send("/collections/volunteer_event", "DELETE", undefined, token);
	const text = (field, type = "string") => ({ field, type, meta: { interface: type === "date" ? "datetime" : "input", width: "full" }, schema: {} });
	const made = await send("/collections", "POST", { collection: "volunteer_event", schema: {}, meta: {}, fields: [
		{ field: "id", type: "integer", schema: { is_primary_key: true, has_auto_increment: true }, meta: { hidden: true } },
		...["name", "programme", "field", "hours", "place", "org", "state"].map((f) => text(f)), text("held_on", "date")] }, token);
	if (!made.ok) throw new Error(JSON.stringify(made.body));
	for (let i = 0; i < data.length; i += 500)
		await send("/items/volunteer_event", "POST", data.slice(i, i + 500), token);
	return { url, token, pid: server.pid, stop: () => server.kill("SIGTERM") };
}

const data = events();
const site = await s.open();
const csv = path.join(path.dirname(site.db), "events.csv");
writeFileSync(csv, "\ufeff活动名称,系列行动,服务领域,活动日期,活动时长,地点,单位,状态\r\n" + data.map((e) => [e.name, e.programme, e.field, e.held_on, e.hours, e.place, e.org, e.state].join(",")).join("\r\n") + "\r\n");
execFileSync(qinghe, ["--db", site.db, "--now", s.now, "import", "volunteer_event", csv], { stdio: "ignore" });
rmSync(csv);
const door = await s.page(site);
await s.claim(site, door);
await s.enrol(site, door);
const ours = await door.context().storageState();
const cookie = "Cookie: " + ours.cookies.map((c) => `${c.name}=${c.value}`).join("; ");
const there = await directus(data);
const context = await site.browser.newContext();
await context.request.post(there.url + "/auth/login", { data: { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD, mode: "session" } });
const theirs = await context.storageState();

row("list, ours", await best(3, site.browser, ours, site.url + "/r/volunteer_event", "main tbody a"));
row("list, Directus", await best(1, site.browser, theirs, there.url + "/admin/content/volunteer_event", "main tbody tr"));
row("form, ours", await best(3, site.browser, ours, site.url + "/r/volunteer_event/new", "main form input"));
row("form, Directus", await best(1, site.browser, theirs, there.url + "/admin/content/volunteer_event/+", ".v-form input, .v-form textarea, input"));
for (let i = 0; i < 2; i++) {
	const a = lists(site.pid, site.url + "/r/volunteer_event?limit=20", [cookie, "Accept: application/json"]);
	const b = lists(there.pid, there.url + "/items/volunteer_event?limit=20", ["Authorization: Bearer " + there.token]);
	console.log(`list of 20 as JSON, a second of processor time: ours ${a.toFixed(0)}, Directus ${b.toFixed(0)}: ${(a / b).toFixed(1)} times`);
}
there.stop();
process.exit(await site.close());
