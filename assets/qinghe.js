/* Enhancement only; every page works without it. Keys: / find, j k move in a list, Enter opens, f the filter, n a new row,
   ? what the page is for; Escape closes. help.html lists them. */
(function () {
	"use strict";
	var at = -1;
	function all(what, from) { return Array.prototype.slice.call((from || document).querySelectorAll(what)); }
	function typing(e) {
		return /^(input|select|textarea)$/i.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey;
	}
	function move(by) {
		var rows = all(".list tbody tr, .hits li");
		if (!rows.length) return;
		if (rows[at]) rows[at].classList.remove("at");
		at = Math.max(0, Math.min(rows.length - 1, at + by));
		rows[at].classList.add("at");
		var link = rows[at].querySelector("a");
		if (link) link.focus({ preventScroll: true });
		rows[at].scrollIntoView({ block: "nearest" });
	}
	/* A page of help is left so that going back does not lead to it. */
	document.addEventListener("click", function (e) {
		var link = e.target.closest && e.target.closest("a[data-leave]");
		if (!link) return;
		e.preventDefault();
		all("form").forEach(function (f) { f.reset(); });
		location.replace(link.href);
	});
	document.addEventListener("keydown", function (e) {
		var hit = (e.key === "ArrowDown" || e.key === "ArrowUp") && document.querySelector(".hits");
		if (hit && (!typing(e) || e.target.type === "search")) { move(e.key === "ArrowDown" ? 1 : -1); e.preventDefault(); return; }
		if (typing(e)) return;
		var find = document.querySelector(".find input[type=search]"), filter = document.querySelector(".say details"),
			key = document.querySelector("a[data-key='" + (/^[a-z]$/.test(e.key) ? e.key : "-") + "']");
		if (e.key === "/" && find) { find.focus(); e.preventDefault(); }
		else if (e.key === "?" && document.querySelector("a.what")) document.querySelector("a.what").click();
		else if (e.key === "j") move(1);
		else if (e.key === "k") move(-1);
		else if (e.key === "f" && filter) { filter.open = !filter.open; if (filter.open) filter.querySelector("select, input:not([type=hidden])").focus(); e.preventDefault(); }
		else if (key) { key.click(); e.preventDefault(); }
	});

	/* An open menu closes by Escape, by leaving it, and by a press elsewhere. */
	function shut(but) { all("details.menu[open]").forEach(function (m) { if (!but || !m.contains(but)) m.open = false; }); }
	document.addEventListener("keydown", function (e) {
		var menu = e.key === "Escape" && e.target.closest && e.target.closest("details.menu[open]");
		if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
	});
	document.addEventListener("click", function (e) { shut(e.target); });
	document.addEventListener("focusin", function (e) { shut(e.target); });

	/* The words of the filter's sentence lead to its controls. */
	document.addEventListener("click", function (e) {
		var link = e.target.closest(".say p a[href^='#']"), to = link && document.getElementById(link.getAttribute("href").slice(1));
		if (!to) return;
		to.closest("details").open = true;
		to.focus();
		e.preventDefault();
	});

	/* A link that binds a phone: its code stands behind the #, which no server sees; it goes into the field and on. */
	var link = document.querySelector("form[data-link] input[name=code]");
	if (link && location.hash.length > 8) {
		link.value = decodeURIComponent(location.hash.slice(1));
		history.replaceState(null, "", location.pathname);
		link.form.submit();
	}
	/* After sign-out nothing stays on this phone (a browser that knows Clear-Site-Data has done it already). */
	if (/[?&]left=1/.test(location.search)) {
		try { localStorage.removeItem("waiting"); indexedDB.deleteDatabase("qinghe"); } catch (e) { /* not allowed here */ }
		if (window.caches) caches.delete("qinghe-assets");
		if (navigator.serviceWorker) navigator.serviceWorker.getRegistrations().then(function (l) { l.forEach(function (r) { r.unregister(); }); });
	}
	/* What waits on this phone would be lost with it. */
	document.addEventListener("submit", function (e) {
		var words = e.target.dataset.waiting, n = 0;
		try { n = +localStorage.getItem("waiting"); } catch (x) { /* not allowed here */ }
		if (words && n > 0 && !confirm(words.replace("%d", n))) { e.preventDefault(); e.stopImmediatePropagation(); }
	});
	/* One press, one send: a form that is on its way cannot be sent twice. */
	document.addEventListener("submit", function (e) {
		var button = e.submitter || e.target.querySelector("button[type=submit], button:not([type])");
		if (e.target.method !== "post" || !button) return;
		if (e.target.dataset.sent) { e.preventDefault(); return; }
		e.target.dataset.sent = "1";
		button.setAttribute("aria-busy", "true");
	});
	/* A long import tells how far it has come, for as long as its answer is waited for. */
	document.addEventListener("submit", function (e) {
		var at = e.target.dataset.progress, box = document.getElementById("progress");
		if (!at || !box || !window.EventSource || e.defaultPrevented) return;
		var from = new EventSource(at), bar = box.querySelector("progress"), words = box.querySelector("[data-of]");
		from.addEventListener("rows", function (m) {
			box.hidden = false;
			bar.value = m.data;
			words.textContent = m.data + words.dataset.of;
		});
		window.addEventListener("pagehide", function () { from.close(); });
	});
	window.addEventListener("pageshow", function () {
		all("form[data-sent]").forEach(function (f) { delete f.dataset.sent; });
		all("[aria-busy=true]").forEach(function (b) { b.removeAttribute("aria-busy"); });
	});

	/* Suggestions under a reference: htmx brings them, here they are chosen by arrow keys, Enter or a press. */
	function list(input) { var box = input.closest(".pick0"); return box && box.querySelector(".sugs"); }
	function close(input) { var l = list(input); if (l) { l.hidden = true; l.textContent = ""; input.setAttribute("aria-expanded", "false"); } }
	function choose(button) {
		var box = button.closest(".pick0"), input = box.querySelector("input[type=text]");
		input.value = button.dataset.label;
		box.querySelector("input[name$='.as']").value = button.dataset.label;
		box.querySelector("input[name$='.id']").value = button.dataset.id;
		close(input);
		input.focus();
		input.dispatchEvent(new Event("change", { bubbles: true }));
	}
	document.addEventListener("htmx:afterSwap", function (e) {
		if (!e.target.classList.contains("sugs")) return;
		var input = e.target.closest(".pick0").querySelector("input[type=text]");
		e.target.hidden = !e.target.children.length || document.activeElement !== input;
		input.setAttribute("aria-expanded", String(!e.target.hidden));
	});
	document.addEventListener("mousedown", function (e) {
		var button = e.target.closest(".sugs button");
		if (button) { e.preventDefault(); choose(button); }
	});
	document.addEventListener("focusout", function (e) { if (e.target.matches(".pick0 input")) close(e.target); });
	document.addEventListener("keydown", function (e) {
		var l = e.target.matches && e.target.matches(".pick0 input") && list(e.target);
		if (!l || l.hidden) return;
		var buttons = all("button", l), now = buttons.findIndex(function (b) { return b.getAttribute("aria-selected") === "true"; });
		if (buttons.length && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
			if (now >= 0) buttons[now].removeAttribute("aria-selected");
			now = (now + (e.key === "ArrowDown" ? 1 : buttons.length + (now < 0 ? 0 : -1))) % buttons.length;
			buttons[now].setAttribute("aria-selected", "true");
			buttons[now].scrollIntoView({ block: "nearest" });
			e.preventDefault();
		} else if (e.key === "Enter" && buttons.length) { choose(buttons[Math.max(0, now)]); e.preventDefault(); }
		else if (e.key === "Escape") { close(e.target); e.preventDefault(); }
	});

	/* Files may be dropped anywhere on a page that takes them: they go into its field, never into the browser's window. */
	function taker(e) {
		var there = e.target.closest && e.target.closest("form"), fields = all("main input[type=file]").filter(function (i) { return i.offsetParent; });
		return fields.find(function (i) { return i.form === there; }) || fields.find(function (i) { return i.multiple; }) || fields[0];
	}
	["dragover", "dragleave", "drop"].forEach(function (kind) {
		document.addEventListener(kind, function (e) {
			var files = e.dataTransfer && Array.prototype.indexOf.call(e.dataTransfer.types, "Files") >= 0, input = files && taker(e);
			if (!files) return;
			e.preventDefault();
			if (!input) return;
			input.classList.toggle("over", kind === "dragover");
			if (kind !== "drop") return;
			input.files = e.dataTransfer.files;
			input.dispatchEvent(new Event("change", { bubbles: true }));
			input.scrollIntoView({ block: "center" });
			input.focus();
		});
	});

	/* Pictures are made smaller before they are sent; where and when they were taken stays behind. */
	document.addEventListener("change", function (e) {
		var input = e.target, file = input.dataset && input.dataset.shrink && input.files[0];
		if (!file || !/^image\/(jpeg|png|webp|heic)/.test(file.type) || !window.createImageBitmap || !window.DataTransfer) return;
		createImageBitmap(file).then(function (map) {
			var by = Math.min(1, 1600 / Math.max(map.width, map.height)), canvas = document.createElement("canvas");
			canvas.width = Math.round(map.width * by);
			canvas.height = Math.round(map.height * by);
			canvas.getContext("2d").drawImage(map, 0, 0, canvas.width, canvas.height);
			canvas.toBlob(function (blob) {
				if (!blob) return;
				var list = new DataTransfer();
				list.items.add(new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" }));
				input.files = list.files;
			}, "image/jpeg", 0.82);
		}, function () { /* not a picture that this browser reads: it goes as it is */ });
	});

	/* What is being typed may stand already: asked a moment after a field of the key has changed. */
	all("form[data-twin]").forEach(function (form) {
		var timer, keys = form.dataset.keys.trim().split(" "), box = form.querySelector(".twins");
		form.addEventListener("input", function (e) {
			if (keys.indexOf((e.target.name || "").split(".")[0]) < 0) return;
			clearTimeout(timer);
			timer = setTimeout(function () {
				var body = new URLSearchParams();
				new FormData(form).forEach(function (v, n) { if (typeof v === "string") body.append(n, v); });
				fetch(form.dataset.twin, { method: "POST", body: body, redirect: "manual" }).then(function (r) {
					return r.status === 200 ? r.text() : "";
				}).then(function (text) { box.innerHTML = text; }, function () {});
			}, 900);
		});
	});

	/* A form left alone for a while is kept as a draft. */
	all("form[data-draft]").forEach(function (form) {
		var timer, told = form.querySelector("[data-told]");
		form.addEventListener("input", function () {
			clearTimeout(timer);
			timer = setTimeout(function () {
				var body = new URLSearchParams();
				new FormData(form).forEach(function (v, n) { if (typeof v === "string") body.append(n, v); });
				body.set("_act", "draft");
				if (form.dataset.sent) return;
				fetch(form.action, { method: "POST", body: body, headers: { Accept: "application/json" }, redirect: "manual" }).then(function (r) {
					if (r.status === 204 && told) told.textContent = told.dataset.told;
				}, function () {});
			}, 3000);
		});
	});
})();
