// Search over questions, themes, related questions and error messages, for a word, a message, or a whole traceback.
"use strict";
(() => {
  const {form, rows, load, apply, element, say} = canifork;
  const MAX_QUERY = 20000, MAX_BEST = 8;
  const STOP = new Set(("a an and any are as at be been before by can could did do does file for from get give given gets has have how i if in into is it its " +
    "last line me module my no not of on one or other our process processes python so than that the their them then there this to under up use used " +
    "was what when which while will with without work works you your most recent call traceback multiprocessing py self return").split(" "));

  // Words, and the pieces of dotted and underscored names; of a word only its stem: pickled, pickling and pickle are one.
  function stem(word) {
    if (word.length > 4 && word.endsWith("ies")) word = word.slice(0, -3) + "y";
    else if (word.length > 3 && /[^su]s$/.test(word)) word = word.slice(0, -1);
    if (word.length > 5) word = word.replace(/(?:ing|ed)$/, "");
    return word.length > 4 ? word.replace(/e$/, "") : word;
  }
  function words(text) {
    const found = [];
    for (const name of text.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().match(/[a-z_][\w.]*|\d+\.\d+|\d+/g) || []) {
      const pieces = name.split(/[._]+/).filter(Boolean);
      found.push(...pieces, ...(pieces.length > 1 ? [pieces.join("")] : []));
    }
    for (const joined of text.toLowerCase().match(/[a-z]\w*/g) || []) found.push(joined);
    return found.map(stem).filter(word => word.length > 1 && !STOP.has(word));
  }

  // The same message whatever it names: addresses, numbers, quotes and paths are gone.
  const plain = text => text.toLowerCase().replace(/0x[0-9a-f]+|\d+/g, "0").replace(/[‘’“”"'`]/g, "'").replace(/\s+/g, " ").trim();

  // Of a traceback, what it says at its ends; the frames between would drown that.
  function gist(query) {
    const text = query.slice(-MAX_QUERY);
    if (!/^Traceback|^ {2}File |\n {2}File /m.test(text)) return text;
    return text.split("\n").filter(line => line.trim() && !/^ *File "|^Traceback|^ {4}|^[-^~ ]+$|^During handling|^The above/.test(line)).join("\n") || text;
  }

  let index = null;
  function prepare(entries) {
    const documents = entries.map(([id, text, theme, asked, seen]) => {
      const weights = new Map();
      const add = (words, weight) => { for (const word of words) weights.set(word, Math.max(weights.get(word) || 0, weight) + weight / 8); };
      add(words(theme), 0.6);
      add(words(seen.join(" ")), 1.2);
      add(words(id.replace(".", " ")), 2);
      add(words(asked.join(" ")), 2.4);
      add(words(text), 3);
      return {id, weights, size: Math.sqrt(words(text).length + 6), phrases: [...asked.map(one => [plain(one), 2]), [plain(text), 2], ...seen.map(one => [plain(one), 1])].filter(([one]) => one.length > 11)};
    });
    const spread = new Map();
    for (const one of documents) for (const word of one.weights.keys()) spread.set(word, (spread.get(word) || 0) + 1);
    const phrases = new Map();
    for (const one of documents) for (const text of new Set(one.phrases.map(([text]) => text))) phrases.set(text, (phrases.get(text) || 0) + 1);
    return {documents, spread, phrases};
  }

  function score(query) {
    const asked = [...new Set(words(gist(query)))].slice(0, 200);
    const whole = plain(gist(query));
    const all = index.documents.length;
    const worth = word => Math.log(1 + all / (index.spread.get(word) || all));
    const known = asked.filter(word => index.spread.has(word));
    return new Map(index.documents.map(one => {
      let points = 0, hit = 0;
      for (const word of known) {
        const weight = one.weights.get(word) || (word.length > 3 ? prefix(one.weights, word) : 0);
        if (weight) { points += worth(word) * weight; hit += worth(word); }
      }
      const total = known.reduce((sum, word) => sum + worth(word), 0) || 1;
      points *= (0.35 + hit / total) / one.size;
      for (const [text, weight] of one.phrases) {
        const same = whole.includes(text) ? text.length : whole.length > 11 && text.includes(whole) ? whole.length : 0;
        if (same) points += weight * Math.min(same, 90) / 12 / Math.sqrt(index.phrases.get(text));
      }
      return [one.id, points];
    }));
  }
  function prefix(weights, word) {
    let best = 0;
    for (const [other, weight] of weights) if (other.startsWith(word)) best = Math.max(best, weight * 0.6);
    return best;
  }

  function rank(query) {
    const points = score(query);
    return [...points].filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }

  const byId = new Map(rows.map(row => [row.id, row]));
  function show(query) {
    if (!query) {
      for (const row of rows) delete row.found;
      say("search");
    } else {
      const ranked = rank(query);
      const enough = ranked.length ? ranked[0][1] * 0.22 : 0;
      const points = new Map(ranked.filter(([, value]) => value >= enough));
      const simple = query.length < 60 && !query.includes("\n") ? query.toLowerCase() : null;
      for (const row of rows) row.found = points.get(row.id) || (simple && row.text.toLowerCase().includes(simple) ? 1 : 0);
      const best = ranked.slice(0, MAX_BEST).map(([id]) => byId.get(id)).filter(Boolean);
      if (!best.length) say("search", element("p", {}, _("No matching questions.")));
      else say("search", element("h2", {}, _("Best matches")), element("ol", {class: "best"}, ...best.map(row =>
        element("li", {}, element("a", {href: row.link.getAttribute("href"), lang: "en"}, row.text), element("small", {}, row.theme)))));
    }
    apply();
  }

  let waiting = 0;
  async function search() {
    const mine = ++waiting;
    const query = form.elements.q.value.trim();
    if (query && !index) {
      try {
        await canifork.load("search-index.js");
      } catch {
        say("search", element("p", {class: "bad"}, _("The search index cannot be loaded.")));
        return;
      }
      index ||= prepare(SEARCH);
    }
    if (mine === waiting) show(query);  // else somebody has typed on meanwhile
  }

  // A search field has one line: keep the lines of a pasted traceback, they say what is message and what is frame.
  form.elements.q.addEventListener("paste", event => {
    const text = event.clipboardData.getData("text").slice(-MAX_QUERY);
    if (!text.includes("\n")) return;
    event.preventDefault();
    form.elements.q.value = gist(text).replace(/\s+/g, " ").trim();
    search();
  });
  form.addEventListener("submit", event => {
    event.preventDefault();
    search().then(() => document.querySelector("#answer .best a")?.focus());
  });
  form.elements.q.addEventListener("input", search);
  canifork.search = search;
  canifork.rank = async query => { await canifork.load("search-index.js"); index ||= prepare(SEARCH); return rank(query).map(([id]) => id); };
})();
