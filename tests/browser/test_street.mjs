// test_street.mjs -- the public pages of a demo city as strangers see them: every page in zh and en, at 390 and 1440 px, without
// console error, CSP report, serious axe violation or sideways scrolling; the paths without script; the quick exit. TAP on stdout.
import * as s from "./site.mjs";

const only = process.argv[2];
const tests = [];
const test = (name, run) => { if (!only || name.includes(only)) tests.push([name, run]); };
const { assert, equal } = s;

let site;
const pages = ["/street", "/street/events", "/street/articles", "/street/posts", "/street/contests", "/street/contests/1", "/street/votes/1", "/street/figures",
	"/street/figures?unit=379901", "/street/figures/mind.sessions", "/street/figures/return.matched", "/street/reports", "/street/verify", "/street/data", "/street/help",
	"/street/suggest", "/street/receipt", "/street/find?q=2025"];
// Axe takes a second a page: of those that no other test looks at, wide in Chinese and narrow in English; all with QINGHE_LONG=1.
const axed = (address, lang, width) => (lang === "zh") === (width === 1440) && /figures|reports\/|verify|data|contests\/|votes/.test(address);

async function plain(lang = "zh-CN") {
	const context = await site.browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, locale: lang });
	return context.newPage();
}

for (const lang of ["zh", "en"])
	for (const width of [1440, 390])
		test(`every public page is sound in ${lang} at ${width}`, async () => {
			const p = await s.page(site, { lang, width });
			await p.goto(site.url + "/street/reports");
			const report = await p.getAttribute(".ev h2 a", "href");
			for (const address of [...pages, report]) {
				const r = await p.goto(site.url + address + (address.includes("?") ? "&" : "?") + "lang=" + lang);
				equal(r.status(), 200, address);
				await s.sound(p, address, { axed: axed(address, lang, width) });
				equal(await p.locator("aside.help a[href^='tel:']").count(), 3, address + " hotlines");
				assert(await p.locator("aside.help").isVisible(), address);
			}
			p.errors.splice(0);
			equal((await p.goto(site.url + "/street/contests/999999")).status(), 404);
			assert((await p.content()).includes("tel:110"), "the hotlines stand on the error page too");
			await p.context().close();
		});

test("without script from the front page to a figure, its table and the report behind it", async () => {
	const p = await plain();
	await p.goto(site.url + "/street");
	await p.click("nav.places a:has-text('公开数字')");
	await p.click("main a:has-text('心理咨询服务人次')");
	assert((await p.innerText("main")).includes("分县不公开"), "a hidden one is said to be");
	await p.click("a:has-text('我们怎样保护你的信息') >> nth=0");
	await p.click("details.held summary >> nth=0");
	assert(await p.locator("details.held dl >> nth=0").isVisible(), "what is kept unfolds");
	await p.click("footer a:has-text('已发布的报告')");
	await p.click("main .ev a");
	assert((await p.innerText("article")).includes("＊"), "the public copy");
	const [file] = await Promise.all([p.waitForEvent("download"), p.click("a:has-text('报告全文')")]);
	await p.goto(site.url + "/street/verify");
	await p.setInputFiles("#file", await file.path());
	await p.click("button.go");
	assert((await p.innerText("main")).includes("属实"), await p.innerText("main"));
	await p.context().close();
});

test("without script help is asked for and the answer looked up by the code", async () => {
	const p = await plain("en-GB");
	await p.goto(site.url + "/street/help?lang=en");
	await p.check("input[name=kind] >> nth=0");
	await p.fill("#body", "nobody else may read this");
	await p.check("input[name=agree]");
	await p.click("button.go");
	const code = await p.innerText(".big.mono");
	assert(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/.test(code), code);
	assert(!(await p.content()).includes("nobody else may read this"), "the text does not come back");
	await p.click("main a.btn");
	await p.fill("#code", code);
	await p.click("button.go");
	assert((await p.innerText("main .facts")).includes("Open"), await p.innerText("main"));
	await p.context().close();
});

test("the quick exit leaves to another site and keeps no way back to the form", async () => {
	const p = await s.page(site, { width: 390, height: 844 });
	await p.route("https://www.weather.com.cn/**", (r) => r.fulfill({ body: "<title>weather</title>", contentType: "text/html" }));
	await p.goto(site.url + "/street");
	await p.goto(site.url + "/street/help");
	await p.fill("#body", "a secret");
	await p.click("a.quit");
	await p.waitForURL(/weather\.com\.cn/);
	await p.goBack();
	assert(p.url().endsWith("/street"), "back leads past the form: " + p.url());
	await p.goto(site.url + "/street/help");
	equal(await p.inputValue("#body"), "", "nothing is filled in again");
	equal(p.errors, []);
	await p.context().close();
});

site = await s.street();
await s.run(tests, site.close);
