// The page cannot know when it is read: says how old its results are, once they are too old.
"use strict";
for (const banner of document.querySelectorAll(".stale")) {
  const days = Math.floor((Date.now() - Date.parse(banner.dataset.from)) / 864e5);
  if (days > banner.dataset.days) {
    banner.querySelector("b").textContent = days;
    banner.hidden = false;
  }
}
