// The search field: matches as a list, and, where there is a table, its rows.
"use strict";
(() => {
  const {load, element, say} = canifork;
  const MAX_QUERY = 20000, MAX_BEST = 8;
  const form = document.getElementById("tools");
  const field = form.elements.q;
  const root = document.querySelector(".brand").getAttribute("href").replace("index.html", "");
  const language = document.documentElement.lang;
  let known = null, engine = null, pasted = {shown: "", text: ""};

  async function prepare() {
    if (engine) return engine;
    const own = language === "en" ? [] : [`search-${language}.js`];
    await Promise.all(["rank.js", "search-index.js", ...own].map(load));
    known ||= new Map(SEARCH.questions.map(entry => [entry[0], entry]));
    return engine ||= makeSearch(SEARCH, own.length ? SEARCH_WORDS : null);
  }

  // A question in the page's language, or in English.
  function hit(id) {
    const [, text, , , , label] = known.get(id);
    const own = language === "en" ? null : SEARCH_WORDS.questions[id];
    const link = element("a", {href: `${root}probe/${id}.html`, ...(own && !own[0] ? {lang: "en"} : {})}, own?.[0] || text);
    return element("li", {}, link, element("small", {}, own?.[3] || label));
  }

  function packageHit({name, page, advice}) {
    const link = element("a", {href: `${root}packages/${page}.html`}, element("code", {}, name));
    return element("li", {}, link, element("small", {}, language === "en" ? advice : SEARCH_WORDS.advice[advice]));
  }

  function upgradeHit(slug) {
    const [before, after] = slug.split("-");
    const text = fill(_("What changes from Python {before} to {after}"), {before, after});
    return element("li", {}, element("a", {href: `${root}changes/${slug}.html`}, text));
  }

  function show(query) {
    const rows = canifork.rows || [];
    if (!query) {
      for (const row of rows) delete row.found;
      say("search");
    } else {
      const ranked = engine.rank(query);
      const enough = ranked.length ? ranked[0][1] * 0.3 : 0;
      const points = new Map(ranked.filter(([, score]) => score >= enough));
      const simple = query.length < 60 && !query.includes("\n") ? query.toLowerCase() : null;
      for (const row of rows) row.found = points.get(row.id) || (simple && row.text.toLowerCase().includes(simple) ? 1 : 0);
      const upgrade = engine.upgrade(query);
      const best = [...(upgrade ? [upgradeHit(upgrade)] : []), ...engine.named(query).map(packageHit), ...ranked.slice(0, MAX_BEST).map(([id]) => hit(id))];
      if (!best.length) say("search", element("p", {}, _("No matching questions.")));
      else say("search", element("h2", {}, _("Best matches")), element("ol", {class: "best"}, ...best));
    }
    if (canifork.apply) canifork.apply();
  }

  let waiting = 0;
  async function search() {
    const mine = ++waiting;
    const value = field.value.trim();
    const query = value && value === pasted.shown ? pasted.text : value;
    if (query) {
      try {
        await prepare();
      } catch {
        say("search", element("p", {class: "bad"}, _("The search index cannot be loaded.")));
        return;
      }
    }
    if (mine === waiting) show(query);  // else somebody has typed on meanwhile
  }

  // A search field has one line: of a pasted traceback it shows the end, and keeps all lines, which tell messages from frames.
  field.addEventListener("paste", event => {
    const text = event.clipboardData.getData("text").slice(-MAX_QUERY);
    if (!text.includes("\n")) return;
    event.preventDefault();
    const lines = text.trimEnd().split("\n").filter(line => line.trim());
    const last = lines.findLast(line => /^\S/.test(line)) || lines.at(-1) || "";
    pasted = {shown: last.trim().slice(0, 300), text};
    field.value = pasted.shown;
    search();
  });
  form.addEventListener("submit", event => {
    event.preventDefault();
    search().then(() => document.querySelector("#answer .best a")?.focus());
  });
  field.addEventListener("focus", () => { prepare().catch(() => {}); });
  field.addEventListener("input", search);
  canifork.search = search;
  canifork.rank = async query => { await prepare(); return engine.rank(query).map(([id]) => id); };

  if (!canifork.rows) {  // the first page: addresses of its filters from before there was a page of all questions still lead to them
    const state = new URLSearchParams(location.search);
    if ([...state.keys()].some(key => ["os", "method", "python", "theme", "label", "differs", "changed", "fold", "need"].includes(key))) {
      location.replace(`all.html${location.search}${location.hash}`);
    }
    field.value = (state.get("q") || "").slice(0, 500);
    document.getElementById("error-door").addEventListener("click", () => { setTimeout(() => field.focus()); });
    search();
  }
})();
