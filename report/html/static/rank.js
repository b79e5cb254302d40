// Search without a page: what somebody typed or pasted -> questions with scores, the best first.
// data is report/exports/js_data.py's SEARCH: questions, signs of errors (matrix/explain/symptoms.toml), what people call things;
// own is the same file's SEARCH_WORDS, for a language that is not English.
"use strict";
const makeSearch = (data, own = null) => {
  const MAX_QUERY = 20000, MAX_WORDS = 60, STEP = 0.02;
  const STOP = new Set(("a about after all also am an and any are as at be been before being but by can cannot cant could did do does doesn doing don done for from get gets " +
    "getting give given gives go got had happen has have having he help how however i if im in inside into is isn it its just like line make makes many may me more most my need " +
    "never no not now of off on once one only or other our out over problem same see seem seen she should since so some something still such than that the their them then there " +
    "these they thing this those to too up us use used using very want was wasn way we were what when where which while who why will with within without won would yet you your " +
    "call code error exception fine issue last most multiprocessing multi program py python recent run running script self set traceback try work working works").split(" "));

  // Of a word only its stem: pickled, pickling and pickle are one.
  function stem(word) {
    if (word.length > 4 && word.endsWith("ies")) word = word.slice(0, -3) + "y";
    else if (word.length > 3 && /[^su]s$/.test(word)) word = word.slice(0, -1);
    if (word.length > 5) word = word.replace(/(?:ing|ed|er)$/, "");
    if (word.length > 6) word = word.replace(/ly$/, "");
    if (/([^aeiouls])\1$/.test(word)) word = word.slice(0, -1);
    return word.length > 4 ? word.replace(/e$/, "") : word;
  }
  // Words, and the pieces of dotted, underscored and camel-cased names. A version of Python tells no questions apart.
  function words(text) {
    const found = [];
    const bare = text.normalize("NFKC")
      .replace(/[-+*]=/g, " increment ")  // n += 1
      .replace(/(^|[\s(=])-(\d{1,2})(?!\d|\.\d)/g, "$1 signal$2 ")  // exit code -9
      .replace(/\b(?:python|cpython|py|version)[ -]?[23](?:\.\d+)*\b|\b3\.\d+(?:\.\d+)?\b/gi, " ");
    for (const name of bare.match(/[a-zA-Z_][\w.]*/g) || []) {
      const whole = name.toLowerCase().replace(/^[._]+|[._]+$/g, "");
      const pieces = name.replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase().split(/[\s._]+/).filter(Boolean);
      found.push(...pieces, ...(pieces.length > 1 ? [whole, ...whole.split(".")].map(part => part.replace(/[._]/g, "")) : []));
    }
    const stems = found.filter(word => word.length > 1 && !STOP.has(word)).map(stem);
    return [...new Set([...stems, ...pairs(bare)])].slice(0, 400);
  }
  // Chinese has no spaces between words: of what is left without words that say nothing, every two characters.
  const SILENT = own?.stop.length ? new RegExp(own.stop.join("|"), "g") : null, SINGLE = own ? new RegExp(`[${own.single}]`, "gu") : null;
  function pairs(text) {
    const found = [];
    for (const run of text.match(/\p{Script=Han}+/gu) || []) {
      for (const part of SILENT ? run.replace(SILENT, " ").split(" ") : [run]) {
        for (let at = 0; at + 1 < part.length; at++) found.push(part.slice(at, at + 2));
        if (SINGLE) found.push(...(part.match(SINGLE) || []));
      }
    }
    return found;
  }

  // The same message whatever it names: addresses, numbers, quotes and paths are gone.
  const plain = text => text.toLowerCase().replace(/0x[0-9a-f]+|\d+/g, "0").replace(/[‘’“”"'`]/g, "'").replace(/\s+/g, " ").trim();
  const masked = text => plain(text).replace(/<[^<>]*(?:<\w+>[^<>]*)*>|'[^']*'/g, "*").replace(/ at 0\b/g, "");

  // --- what was pasted: exceptions with their messages, and the frames

  const RAISED = /^(?:E +)?\s*(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception|Warning|Interrupt|ProcessPool|Ready|Timeout|Exit|TooShort|Failed|Crash|Empty|Full))\b(?::[ \t]*(.*))?$/;
  const WITHIN = /(?:[A-Za-z_]\w*\.)*\b([A-Z]\w*(?:Error|Exception|Warning|ProcessPool)): (.+?)(?= (?:[A-Za-z_]\w*\.)*[A-Z]\w*Error: |$)/g;
  const FRAME = /File "([^"]+)", line \d+,? in ([\w<>]+)/;  // faulthandler has no comma there
  function read(query) {
    const text = query.slice(-MAX_QUERY).replace(/\x1b\[[\d;]*m/g, "");
    const lines = text.split(/\r?\n/);
    const raised = [], frames = [];
    lines.forEach((line, at) => {
      const frame = FRAME.exec(line);
      if (frame) { frames.push(`${module(frame[1])}:${frame[2]}`); return; }
      const found = RAISED.exec(line);
      if (!found) return;
      let message = found[2] || "";
      for (let next = at + 1; next < lines.length && next < at + 14; next++) {  // the bootstrapping error goes on for ten indented lines
        if (!/^\s+\S|^$/.test(lines[next]) || FRAME.test(lines[next])) break;
        message += " " + lines[next].trim();
      }
      raised.push({error: found[1], message: message.trim()});
    });
    if (!raised.length) for (const [, error, message] of text.replace(/\s+/g, " ").matchAll(WITHIN)) raised.push({error, message});
    return {text, raised, frames};
  }
  function module(path) {
    const parts = path.replace(/\.py$/, "").split(/[\\/]/);
    const start = parts.findIndex(part => ["multiprocessing", "multiprocess", "concurrent", "billiard", "importlib"].includes(part));
    return parts.slice(start < 0 ? -1 : start).join(".");
  }
  const AREAS = [
    ["executor", /concurrent\.futures\.process/], ["pool", /multiprocess(?:ing)?\.pool/], ["manager", /multiprocess(?:ing)?\.managers/],
    ["block", /multiprocess(?:ing)?\.shared_memory/], ["queue", /multiprocess(?:ing)?\.queues/], ["tracker", /multiprocess(?:ing)?\.resource_tracker/],
    ["lock", /multiprocess(?:ing)?\.(?:synchronize|sharedctypes)/], ["process", /multiprocess(?:ing)?\.(?:process|context|popen_\w+|spawn|forkserver|reduction)|billiard/],
    ["connection", /multiprocess(?:ing)?\.connection/],
  ];
  const area = frames => (AREAS.find(([, pattern]) => frames.some(frame => pattern.test(frame))) || ["unknown"])[0];

  // --- the index

  const documents = data.questions.map(([id, text, theme, asked, seen]) => {
    const weights = new Map();
    const add = (found, weight) => { for (const word of found) weights.set(word, Math.max(weights.get(word) || 0, weight)); };
    add(words(theme), 0.35);
    add(words(seen.join(" ")), 0.4);
    add(words(id.replace(".", " ")), 0.75);
    add(words(asked.join(" ")), 0.9);
    add(words(text), 1);
    const [said, heading, sought] = own?.questions[id] || ["", "", []];
    add(words(heading), 0.35);
    add(words(sought.join(" ")), 0.9);
    add(words(said), 1);
    const known = [...asked, ...sought, ...seen].map(one => [plain(one), masked(one)]).filter(([one]) => one.length > 11);
    return {id, weights, known};
  });
  const order = new Map(documents.map((one, at) => [one.id, at]));
  const all = documents.length;
  const spread = new Map(), shared = new Map();
  for (const {weights, known} of documents) {
    for (const word of weights.keys()) spread.set(word, (spread.get(word) || 0) + 1);
    for (const form of new Set(known.map(([, form]) => form))) shared.set(form, (shared.get(form) || 0) + 1);
  }
  const rarity = word => Math.log(1 + all / (1 + (spread.get(word) || 0)));
  const UNKNOWN = 3, UNKNOWN_PAIR = 1.5;  // a word that no question has says less than a rare one that some have
  const worth = word => spread.has(word) ? rarity(word) : /[a-z]/.test(word) ? UNKNOWN : UNKNOWN_PAIR;
  const expression = pattern =>  // Python's (?i) at the beginning is a flag here
    pattern.startsWith("(?i)") ? new RegExp(pattern.slice(4), "im") : new RegExp(pattern, "m");
  const signs = data.signs.map(sign => ({...sign, of: Boolean(sign.error || sign.message), ...Object.fromEntries(["error", "message", "text", "unless"].map(
    key => [key, sign[key] ? expression(key === "error" ? `^(?:${sign[key]})$` : sign[key]) : null])),
    frames: (sign.frames || []).map(expression)}));
  const phrases = [...data.phrases, ...(own?.phrases || [])].map(([said, questions]) => ({said: words(said), questions}));
  const outside = [...data.outside, ...(own?.outside || [])].map(words);

  // --- scores, from 0 to 1 each

  const best = (scores, id, score) => { if (score > (scores.get(id) || 0)) scores.set(id, score); };

  function bySign({text, raised, frames}, scores) {
    const where = area(frames);
    for (const sign of signs) {
      const fits = one => (!sign.error || sign.error.test(one.error)) && (!sign.message || sign.message.test(one.message));
      if (sign.of ? !raised.some(fits) : !(sign.text || sign.frames.length)) continue;
      if (sign.text && !sign.text.test(text) || sign.unless && sign.unless.test(text)) continue;
      if (!sign.frames.every(pattern => frames.some(frame => pattern.test(frame)))) continue;
      let score = sign.score;
      if (sign.area && !sign.area.includes(where)) { if (where !== "unknown") continue; score *= 0.88; }
      if (sign.carrier && !sign.carrier.includes("unknown")) score *= 0.85;
      sign.questions.forEach((id, place) => best(scores, id, score - STEP * place));
    }
  }

  function byMessage({text, raised}, scores) {
    const said = raised.length ? raised.map(one => one.message) : text.length < 600 ? [text] : [];
    for (const message of said) {
      const whole = plain(message), form = masked(message);
      if (whole.length < 8) continue;
      for (const one of documents) {
        for (const [known, shape] of one.known) {
          const exact = known.includes(whole) ? whole.length / known.length : whole.includes(known) ? known.length / whole.length : 0;
          if (exact) best(scores, one.id, (0.72 + 0.2 * exact) - 0.04 * Math.log2(shared.get(shape)));
          else if (form.length > 14 && (shape.endsWith(form) || form.endsWith(shape) && shape.length > 14)) best(scores, one.id, 0.62 - 0.04 * Math.log2(shared.get(shape)));
        }
      }
    }
  }

  // The more words a question has, the less each of them tells.
  const MANY = 40, lean = new Map(documents.map(one => [one.id, 1 / (0.75 + 0.25 * one.weights.size / MANY)]));
  const postings = new Map();
  for (const one of documents) {
    for (const [word, weight] of one.weights) postings.get(word)?.push([one.id, weight]) ?? postings.set(word, [[one.id, weight]]);
  }
  const vocabulary = [...postings.keys()].sort();

  // Words that mean much the same to who asks.
  const alike = new Map();
  for (const group of [...data.synonyms, ...(own?.synonyms || [])]) {
    const members = words(group);
    for (const word of members) alike.set(word, [...(alike.get(word) || []), ...members.filter(other => other !== word)]);
  }

  // Where a word stands, with its weight there; a synonym and the beginning of a longer word count for less.
  function places(word) {
    const found = new Map(postings.get(word));
    for (const other of alike.get(word) || []) {
      for (const [id, weight] of postings.get(other) || []) found.set(id, Math.max(found.get(id) || 0, weight * 0.55));
    }
    if (word.length < 4) return found;
    let low = 0, high = vocabulary.length;
    while (low < high) { const middle = (low + high) >> 1; if (vocabulary[middle] < word) low = middle + 1; else high = middle; }
    for (; vocabulary[low]?.startsWith(word); low++) {
      for (const [id, weight] of postings.get(vocabulary[low])) found.set(id, Math.max(found.get(id) || 0, weight * 0.6));
    }
    return found;
  }

  function byWords(said, scores) {
    const total = said.reduce((sum, word) => sum + worth(word), 0);
    const points = new Map();
    for (const word of said) for (const [id, weight] of places(word)) points.set(id, (points.get(id) || 0) + worth(word) * weight);
    for (const [id, sum] of points) best(scores, id, sum / total * lean.get(id));
  }

  function byPhrase(said, scores) {
    const has = new Set(said);
    const value = found => found.reduce((sum, word) => sum + rarity(word), 0);
    for (const phrase of phrases) {
      const total = value(phrase.said), hit = value(phrase.said.filter(word => has.has(word)));
      if (hit < 0.5 * total) continue;
      const telling = Math.min(1, hit / 12);  // 'worker' alone says nothing, 'pyinstaller' much
      const whole = (hit / total) ** 1.5;  // half of a phrase is a third of what it means
      phrase.questions.forEach((id, place) => best(scores, id, whole * telling * (0.95 - 0.05 * place)));
    }
  }

  // Who asks about processes uses a word with one of these in it; without, a match has to be better.
  const DOMAIN = new RegExp([...data.domain, ...(own?.domain || [])].join("|"), "i"), ENOUGH = 0.25, ENOUGH_ELSEWHERE = 0.6;

  // [[id, score]]: empty if nothing reaches the threshold, which is better than a wrong lead.
  function rank(query) {
    const paste = read(query);
    const long = paste.raised.length > 0;
    const said = words(long ? paste.raised.map(one => `${one.error} ${one.message}`).join(" ") : paste.text).slice(0, MAX_WORDS);
    const parts = [new Map(), new Map(), new Map(), new Map()];
    bySign(paste, parts[0]);
    byMessage(paste, parts[1]);
    byWords(said, parts[2]);
    byPhrase(long ? words(paste.text) : said, parts[3]);
    const alien = outside.some(one => one.length && one.every(word => said.includes(word)));
    const scores = new Map();
    const SHARE = [1.25, 1, 0.9, 1.1];
    parts.forEach((part, number) => { for (const [id, score] of part) scores.set(id, (scores.get(id) || 0) + SHARE[number] * score); });
    const enough = DOMAIN.test(paste.text) ? ENOUGH : ENOUGH_ELSEWHERE;
    const found = [...scores].filter(([id, score]) => order.has(id) && score >= enough).sort((a, b) => b[1] - a[1] || order.get(a[0]) - order.get(b[0]));
    return alien ? [] : found;
  }

  // The packages that are named, as in 'polars fork hang'; a folder of a traceback names one too.
  const packages = (data.packages || []).map(([name, page, names, advice]) =>
    ({name, page, advice, pattern: new RegExp(`(?:^|[^\\w.-])(?:${names.map(one => one.replace(/\./g, "\\.")).join("|")})(?![\\w-])`)}));
  const named = query => packages.filter(({pattern}) => pattern.test(query.slice(-MAX_QUERY).toLowerCase()));

  // The upgrade that is asked about, as in 'from 3.12 to 3.14': its page tells what changes. A traceback has versions in its paths.
  const ABOUT = /\b(?:upgrad|updat|migrat|mov(?:e|ing)|porting)|升级|迁移/i, upgrades = data.upgrades || [];
  function upgrade(query) {
    const versions = query.length < 200 && !query.includes("\n") ? query.match(/\b3\.\d{1,2}\b/g) || [] : [];
    const [first, second] = new Set(versions);
    if (second) return upgrades.find(slug => slug === `${first}-${second}`) || "";
    return first && ABOUT.test(query) && upgrades.find(slug => slug.endsWith(`-${first}`)) || "";
  }

  return {rank, read, named, upgrade};
};
