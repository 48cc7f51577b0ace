// Suggestions below the message box: asked for at a pause, taken with a click or, at the end of the text, with
// the right arrow key. The switch is remembered in this browser.
(() => {
  const $ = (selector) => document.querySelector(selector);
  const KEY = "longshort.suggest", READ = 80, PAUSE = 250;
  const box = () => $("#message textarea");
  const on = () => localStorage.getItem(KEY) === "1";
  let waiting = 0, asked = 0, typed = 0;

  function show(words) {
    const buttons = words.map((word) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      return button;
    });
    $("#suggested")?.replaceChildren(...buttons);
  }
  async function ask() {
    const text = box()?.value ?? "", number = ++asked;
    if (!on() || !text.trim()) return show([]);
    try {
      const body = JSON.stringify({ text: text.slice(-READ) });
      const headers = { "content-type": "application/json" };
      const answer = await fetch("/lab/suggestions", { method: "POST", body, headers });
      const told = answer.ok ? await answer.json() : { words: [], typed: 0 };
      if (number !== asked || text !== box()?.value) return; // typing went on meanwhile
      typed = told.typed;
      show(told.words);
    } catch { show([]); }
  }
  function take(word) {
    const area = box();
    area.value = area.value.slice(0, area.value.length - typed) + word + " ";
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  }
  document.addEventListener("input", (event) => {
    if (event.target !== box()) return;
    clearTimeout(waiting);
    asked++;
    show([]);
    if (on()) waiting = setTimeout(ask, PAUSE);
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "suggest") return;
    localStorage.setItem(KEY, event.target.checked ? "1" : "0");
    ask();
  });
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest?.("#suggested button");
    if (chosen) take(chosen.textContent);
  });
  document.addEventListener("keydown", (event) => {
    const area = box(), first = $("#suggested button");
    if (event.target !== area || !area) return;
    if (event.key === "Enter") show([]);
    if (event.key !== "ArrowRight" || !first) return;
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    if (area.selectionStart !== area.value.length) return;
    event.preventDefault();
    take(first.textContent);
  });
  function watch() {
    const place = $("#suggest");
    if (!place) return void setTimeout(watch, 500);
    place.checked = on();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watch);
  else watch();
})();
