/* What a phone keeps for places without a net (docs/phone.md). One file in two roles: as the service worker it opens 记一笔
 * and 现场 from what was kept, as a script of those pages it lends them `kept`, the same store. Everything kept is sealed by
 * a key of this browser that cannot be taken out of it: the page with the unit's own list, drafts, what waits to be sent.
 * Sign-out clears all of it. */
(function () {
	"use strict";
	var NAME = "qinghe", ASSETS = "qinghe-assets", worker = typeof ServiceWorkerGlobalScope !== "undefined" && self instanceof ServiceWorkerGlobalScope;

	function open() {
		return new Promise(function (done, fail) {
			var r = indexedDB.open(NAME, 1);
			r.onupgradeneeded = function () { r.result.createObjectStore("kept"); };
			r.onsuccess = function () { done(r.result); };
			r.onerror = function () { fail(r.error); };
		});
	}
	function act(mode, what) {
		return open().then(function (db) {
			return new Promise(function (done, fail) {
				var t = db.transaction("kept", mode), r = what(t.objectStore("kept"));
				t.oncomplete = function () { db.close(); done(r.result); };
				t.onabort = t.onerror = function () { db.close(); fail(t.error); };
			});
		});
	}
	function raw(name) { return act("readonly", function (s) { return s.get(name); }); }
	function key() {
		return raw("key").then(function (k) {
			return k || crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]).then(function (made) {
				return act("readwrite", function (s) { return s.put(made, "key"); }).then(function () { return made; });
			});
		});
	}
	var kept = {
		put: function (name, value) {
			var iv = crypto.getRandomValues(new Uint8Array(12));
			return key().then(function (k) {
				return crypto.subtle.encrypt({ name: "AES-GCM", iv: iv, additionalData: new TextEncoder().encode(name) }, k, new TextEncoder().encode(JSON.stringify(value)));
			}).then(function (sealed) { return act("readwrite", function (s) { return s.put({ iv: iv, sealed: sealed }, name); }); });
		},
		get: function (name) {
			return Promise.all([key(), raw(name)]).then(function (r) {
				if (!r[1]) return null;
				return crypto.subtle.decrypt({ name: "AES-GCM", iv: r[1].iv, additionalData: new TextEncoder().encode(name) }, r[0], r[1].sealed)
					.then(function (b) { return JSON.parse(new TextDecoder().decode(b)); }, function () { return null; });
			});
		},
		drop: function (name) { return act("readwrite", function (s) { return s.delete(name); }); },
		names: function () { return act("readonly", function (s) { return s.getAllKeys(); }); }
	};
	if (!worker) { window.kept = kept; return; }

	function opensHere(path) { return path === "/jot" || /^\/onsite\/[a-z0-9_]+\/[0-9]+$/.test(path); }
	self.addEventListener("install", function () { self.skipWaiting(); });
	/* A newer program: what the older one's names stood for is not asked for any more. */
	self.addEventListener("activate", function (e) { e.waitUntil(caches.delete(ASSETS).then(function () { return self.clients.claim(); })); });

	function page(request, path) {
		return fetch(request).then(function (r) {
			/* Kept is only the page itself: not the way to sign in, not one with faults in it. */
			if (r.ok && !r.redirected && r.type === "basic" && request.method === "GET") {
				var copy = r.clone();
				copy.text().then(function (text) { return kept.put("page:" + path, { text: text, at: Date.now(), csp: copy.headers.get("Content-Security-Policy") }); }).catch(function () {});
			}
			return r;
		}, function (fault) {
			return kept.get("page:" + path).then(function (p) {
				if (!p) throw fault;
				var days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(p.at).setHours(0, 0, 0, 0)) / 86400000);
				return new Response(p.text.replace("<html ", "<html data-kept=\"" + days + "\" "), { headers: {
					"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": p.csp || "default-src 'none'", "Cache-Control": "no-store" } });
			});
		});
	}
	function asset(request) {
		return caches.open(ASSETS).then(function (c) {
			return c.match(request).then(function (have) {
				return have || fetch(request).then(function (r) {
					if (r.ok) c.put(request, r.clone());
					return r;
				});
			});
		});
	}
	/* This file has one name for all its versions: the net's is taken while there is one. */
	function own(request) {
		return caches.open(ASSETS).then(function (c) {
			return fetch(request).then(function (r) {
				if (r.ok) c.put(request, r.clone());
				return r;
			}, function () { return c.match(request).then(function (have) { return have || Response.error(); }); });
		});
	}
	self.addEventListener("fetch", function (e) {
		var url = new URL(e.request.url);
		if (url.origin !== self.location.origin || e.request.method !== "GET") return;
		if (e.request.mode === "navigate" && opensHere(url.pathname)) e.respondWith(page(e.request, url.pathname));
		else if (url.pathname === "/sw.js") e.respondWith(own(e.request));
		else if (url.pathname.indexOf("/assets/") === 0) e.respondWith(asset(e.request));
	});
})();
