// What every script uses: texts, small helpers, the panel for results.
"use strict";
document.documentElement.classList.add("js");
const _ = text => TEXTS[text] || text;
const ngettext = (one, many, n) => n === 1 && !TEXTS[many] ? one : _(many);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => name in values ? values[name] : all);

const canifork = (() => {
  // A script of this site, on demand: from a disk nothing else can be loaded.
  const base = document.currentScript.getAttribute("src").replace("page.js", "");
  const loaded = {};
  function load(name) {
    return loaded[name] ||= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = base + name;
      script.onload = done;
      script.onerror = () => { delete loaded[name]; failed(new Error(name)); };
      document.head.append(script);
    });
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children.filter(child => child !== null));
    return made;
  }

  const answer = document.getElementById("answer");
  let owner = "";
  // One panel for three: search results, requirements, this machine. The last one to write owns it.
  function say(who, ...children) {
    if (!children.length && owner !== who) return;
    owner = children.length ? who : "";
    answer.replaceChildren(...children);
    answer.hidden = !children.length;
  }

  return {load, element, say};
})();
