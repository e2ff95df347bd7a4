/* 记一笔 and 现场 with a script: the search in the list, those of last time, the number on the button, the draft, and what
 * is sent while there is no net. Everything here is a comfort: the forms do as much without it. */
(function () {
	"use strict";
	var form = document.getElementById("jot");
	if (!form) return;
	var find = document.getElementById("jot-find"), again = document.getElementById("jot-again"),
		list = document.getElementById("jot-who"), button = form.querySelector(".commit .go"), title = form.elements.title;
	function all(what, from) { return Array.prototype.slice.call((from || form).querySelectorAll(what)); }
	function boxes() { return all("input[name=who]"); }
	function words(text) { return text.split(/[\s、，,；;|\/]+/).filter(function (w) { return /[一-鿿]/.test(w); }).length; }

	function count() {
		var n = boxes().filter(function (b) { return b.checked; }).length + words(form.elements.names.value);
		var heads = parseInt(form.elements.heads.value, 10);
		n = n || (heads > 0 ? heads : 0);
		button.textContent = n ? form.dataset.goN.replace("%d", n) : form.dataset.go;
	}
	function like() { return form.querySelector("input[name=like]:checked"); }

	/* What was chosen says how it was called, who came and how long it took. */
	function chosen() {
		var l = like(), people = l ? l.dataset.people : "", n = people ? people.split(",").length - 2 : 0;
		title.placeholder = l && !form.elements.kind.value ? l.dataset.title : "";
		form.elements.hours.placeholder = l && l.dataset.hours ? l.dataset.hours : form.elements.hours.placeholder;
		if (!list) return;
		boxes().reverse().forEach(function (b) {
			var came = people.indexOf("," + b.value + ",") >= 0, row = b.closest("li");
			row.classList.toggle("again", came);
			if (came) list.insertBefore(row, list.firstElementChild);
		});
		again.hidden = !n;
		again.textContent = again.dataset.words.replace("%d", n);
	}
	function tick(b, on) { b.checked = on; }

	if (list) {
		find.hidden = false;
		find.addEventListener("input", function () {
			var text = find.value.trim().toLowerCase();
			all("li", list).forEach(function (row) {
				row.hidden = text !== "" && row.dataset.i.indexOf(text) !== 0 && row.textContent.toLowerCase().indexOf(text) < 0;
			});
		});
		/* Enter ticks the only one that is left, or the only one of just these initials, and the field is free for the next. */
		find.addEventListener("keydown", function (e) {
			if (e.key !== "Enter") return;
			e.preventDefault();
			var left = all("li", list).filter(function (row) { return !row.hidden; });
			if (left.length > 1) left = left.filter(function (row) { return row.dataset.i === find.value.trim().toLowerCase(); });
			if (left.length !== 1) return;
			tick(left[0].querySelector("input"), true);
			find.value = "";
			find.dispatchEvent(new Event("input"));
			count();
		});
		again.addEventListener("click", function () {
			all("li.again input", list).forEach(function (b) { tick(b, true); });
			count();
		});
	}
	/* A page that was kept some days ago: its today is today's. */
	var days = +document.documentElement.dataset.kept || 0;
	if (days) all("input[data-back]").forEach(function (r) {
		var day = new Date(Date.parse(r.value + "T00:00Z") + 86400000 * days).toISOString().slice(0, 10);
		r.value = day;
		r.nextSibling.textContent = r.nextSibling.textContent.replace(/[（,].*$/, "") + " " + day.slice(5);
	});
	form.addEventListener("focusin", function (e) {
		if (e.target.name === "day") form.querySelector("input[name=when][value=other]").checked = true;
	});
	form.addEventListener("change", function (e) {
		if (e.target.name === "like" || e.target.name === "kind") chosen();
		count();
	});
	form.addEventListener("input", count);
	chosen();
	count();
})();

/* Without a net: what is sent is kept (sw.js), told, and sent when there is one again, each with its own key, so that it is
 * recorded once however often it goes out. Only what its own person wrote goes out. */
(function () {
	"use strict";
	var box = document.getElementById("jot-net"), form = document.getElementById("jot"), small = document.getElementById("onsite-who"), kept = window.kept;
	if (!box || !kept || !window.indexedDB || !window.crypto || !crypto.subtle || !navigator.serviceWorker) return;
	var owner = box.dataset.owner, sending = false, told = document.getElementById("jot-told");
	navigator.serviceWorker.register("/sw.js").catch(function () {});

	function line(words, link) {
		var p = document.createElement("span");
		p.textContent = words;
		if (link) {
			var a = document.createElement("a");
			a.href = link;
			a.textContent = box.dataset.open;
			p.append(" ", a);
		}
		return p;
	}
	function tell(parts) {
		box.textContent = "";
		parts.forEach(function (p, i) { if (i) box.append(document.createElement("br")); box.append(p); });
		box.hidden = !parts.length;
	}
	function random() {
		return Array.prototype.map.call(crypto.getRandomValues(new Uint8Array(16)), function (b) { return ("0" + b.toString(16)).slice(-2); }).join("");
	}
	function pairs(f, submitter) {
		var list = [];
		new FormData(f).forEach(function (v, n) { if (n !== "csrf") list.push([n, String(v)]); });
		if (submitter && submitter.name) list.push([submitter.name, submitter.value]);
		return list;
	}
	function queue() {
		return kept.names().then(function (names) {
			return Promise.all(names.filter(function (n) { return String(n).indexOf("wait:") === 0; }).sort().map(function (n) {
				return kept.get(n).then(function (v) { return v && v.owner === owner ? { name: n, item: v } : null; });
			}));
		}).then(function (list) { return list.filter(Boolean); });
	}
	function post(path, list, token) {
		var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, 15000), body = new URLSearchParams(list);
		body.set("csrf", token);
		return fetch(path, { method: "POST", body: body, headers: { Accept: "application/json" }, signal: stop.signal }).finally(function () { clearTimeout(timer); });
	}

	/* What waits, and what came back. */
	function show(news) {
		return queue().then(function (list) {
			var parts = news || [];
			localStorage.setItem("waiting", String(list.length));
			if (!navigator.onLine || "kept" in document.documentElement.dataset) parts.unshift(line(box.dataset.off));
			list.forEach(function (q) {
				var p = line((q.item.refused ? box.dataset.refused : box.dataset.waits) + q.item.label);
				if (q.item.refused && form && q.item.path === "/jot") p.append(" ", button(box.dataset.open, function () { fill(q.item.list); kept.drop(q.name).then(function () { show(); }); }));
				if (q.item.refused) p.append(" ", button(box.dataset.drop, function () { kept.drop(q.name).then(function () { show(); }); }));
				parts.push(p);
			});
			tell(parts);
		});
	}
	function button(words, run) {
		var b = document.createElement("button");
		b.type = "button";
		b.textContent = words;
		b.addEventListener("click", run);
		return b;
	}
	function token() {
		return fetch("/jot", { headers: { Accept: "text/html" } }).then(function (r) {
			if (r.redirected || !r.ok) return null;
			return r.text().then(function (t) { var m = /name="csrf" value="([^"]+)"/.exec(t); return m && m[1]; });
		});
	}
	function send() {
		if (sending) return Promise.resolve();
		sending = true;
		var news = [];
		return queue().then(function (list) {
			list = list.filter(function (q) { return !q.item.refused; });
			if (!list.length) return;
			return token().then(function (t) {
				if (!t) { news.push(line(box.dataset.sign, "/jot")); return; }
				return list.reduce(function (before, q) {
					return before.then(function () {
						return post(q.item.path, q.item.list, t).then(function (r) {
							if (r.ok) return r.json().catch(function () { return {}; }).then(function (j) {
								news.push(line(box.dataset.sent + q.item.label, j.href));
								return kept.drop(q.name);
							});
							if (r.status === 401 || r.status >= 500 || r.status === 429) return;
							q.item.refused = r.status;
							return kept.put(q.name, q.item);
						});
					});
				}, Promise.resolve());
			});
		}).catch(function () {}).then(function () { sending = false; return show(news); });
	}

	/* Sent now, kept when that does not go; what the server finds amiss is told by its own page. */
	function take(f, label) {
		f.addEventListener("submit", function (e) {
			var submitter = e.submitter, list = pairs(f, submitter), t = f.elements.csrf.value;
			if (submitter && submitter.value === "onsite") return;
			e.preventDefault();
			if (f.dataset.busy) return;
			f.dataset.busy = "1";
			post(f.getAttribute("action"), list, t).then(function (r) {
				if (r.ok && f === form) return r.json().then(function (j) { return kept.drop("draft:" + owner).then(function () { location.href = j.href; }); });
				if (r.ok) { location.reload(); return; }
				if (submitter && submitter.name) {
					var hidden = document.createElement("input");
					hidden.type = "hidden";
					hidden.name = submitter.name;
					hidden.value = submitter.value;
					f.append(hidden);
				}
				f.submit();
			}, function () {
				return kept.put("wait:" + Date.now() + ":" + random().slice(0, 6), { owner: owner, path: f.getAttribute("action"), list: list, label: label(), at: Date.now() })
					.then(function () { return kept.drop("draft:" + owner); }).then(function () {
						f.reset();
						if (f.elements._key) f.elements._key.value = random();
						f.dispatchEvent(new Event("change"));
						f.dispatchEvent(new Event("input"));
						return show();
					}).then(function () { box.scrollIntoView({ block: "center" }); });
			}).finally(function () {
				delete f.dataset.busy;
				delete f.dataset.sent;
				Array.prototype.forEach.call(f.querySelectorAll("[aria-busy]"), function (b) { b.removeAttribute("aria-busy"); });
			});
		});
	}
	function fill(list) {
		Array.prototype.forEach.call(form.elements, function (el) {
			if (el.type === "checkbox") el.checked = list.some(function (p) { return p[0] === el.name && p[1] === el.value; });
			else if (el.type === "radio") el.checked = list.some(function (p) { return p[0] === el.name && p[1] === el.value; }) || (el.checked && !list.some(function (p) { return p[0] === el.name; }));
			else if (el.name && el.name !== "csrf" && el.type !== "submit") {
				var had = list.filter(function (p) { return p[0] === el.name; })[0];
				if (had) el.value = had[1];
			}
		});
		Array.prototype.forEach.call(form.querySelectorAll("details"), function (d) {
			d.open = Array.prototype.some.call(d.querySelectorAll("input, select, textarea"), function (el) { return el.type !== "checkbox" && el.value; });
		});
		form.dispatchEvent(new Event("change"));
		form.dispatchEvent(new Event("input"));
	}

	if (form) {
		var timer;
		take(form, function () { var w = form.querySelector("input[name=when]:checked"); return (form.elements.title.value || form.elements.title.placeholder) + " " + (w && w.value !== "other" ? w.value : form.elements.day.value); });
		form.addEventListener("input", function (e) {
			if (!e.isTrusted) return;
			clearTimeout(timer);
			timer = setTimeout(function () {
				kept.put("draft:" + owner, pairs(form)).then(function () { told.textContent = form.dataset.draftTold; }, function () {});
			}, 1000);
		});
		if (!document.querySelector(".amiss")) kept.get("draft:" + owner).then(function (list) {
			if (!list) return;
			fill(list);
			told.textContent = form.dataset.draftTold;
		}, function () {});
	}
	if (small) take(small, function () { return small.elements.name.value; });
	window.addEventListener("online", send);
	window.addEventListener("offline", function () { show(); });
	setInterval(send, 30000);
	send();
})();

/* On site: the code, the count and who came last renew by themselves, while the page is looked at. */
(function () {
	"use strict";
	setInterval(function () {
		var near = document.querySelector("[data-near]");
		if (!near || document.hidden) return;
		fetch(near.dataset.near).then(function (r) { return r.ok && !r.redirected ? r.text() : ""; }).then(function (text) {
			if (text) near.outerHTML = text;
		}, function () { /* no net: what was seen last stays */ });
	}, 5000);
})();
