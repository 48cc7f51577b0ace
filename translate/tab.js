// The translation tab's own behaviour: words to click, where they come from, history, keys. Nothing is fetched;
// the history stays in this browser.
(() => {
  const $ = (selector) => document.querySelector(selector);
  const KEY = "longshort.translations", MOST = 50;
  const box = () => $("#text textarea");
  let asked = null; // what the hidden button sends: see ask()

  const translated = () => $("#shown .said")?.textContent ?? "";
  function pair() {
    const said = $("#shown .said");
    return { text: box()?.value ?? "", translation: translated(), from: said?.dataset.from, to: said?.dataset.to };
  }
  window.longshort = {
    asked: () => JSON.stringify(asked ?? {}), pair: () => JSON.stringify(pair()), translated,
  };

  function press(id, request) {
    asked = request;
    $(id)?.click();
  }

  // Words of the source, marked behind the text box.
  function mirror() {
    const area = box();
    if (!area) return null;
    let back = $("#mirror");
    if (!back) {
      back = document.createElement("div");
      back.id = "mirror";
      back.setAttribute("aria-hidden", "true");
      area.parentElement.style.position = "relative";
      area.parentElement.insertBefore(back, area);
    }
    const style = getComputedStyle(area);
    for (const name of ["font", "lineHeight", "letterSpacing", "padding", "wordSpacing"])
      back.style[name] = style[name];
    Object.assign(back.style, {
      left: `${area.offsetLeft}px`, top: `${area.offsetTop}px`,
      width: `${area.clientWidth}px`, height: `${area.clientHeight}px`,
    });
    return back;
  }
  function mark(word) {
    const back = mirror();
    if (!back) return;
    const text = [...box().value]; // places count characters, not UTF-16 units
    const places = (word.dataset.marks || "").split(" ").filter(Boolean).map((one) => one.split("-").map(Number));
    back.replaceChildren();
    let last = 0;
    for (const [start, end] of places.sort((one, other) => one[0] - other[0])) {
      back.append(text.slice(last, start).join(""));
      const own = document.createElement("mark");
      own.textContent = text.slice(start, end).join("");
      back.append(own);
      last = end;
    }
    back.append(text.slice(last).join(""));
    back.scrollTop = box().scrollTop;
    word.classList.add("on");
  }
  function unmark() {
    $("#mirror")?.replaceChildren();
    document.querySelectorAll("#shown .w.on").forEach((word) => word.classList.remove("on"));
  }

  // Other words for a word.
  function ask(word) {
    const sentence = word.closest(".s"), said = word.closest(".said");
    document.querySelectorAll("#shown .w.asked").forEach((one) => one.classList.remove("asked"));
    word.classList.add("asked");
    const at = Number(word.dataset.at);
    press("#ask", {
      sentence: sentence.dataset.source, prefix: [...sentence.textContent].slice(0, at).join(""),
      word: word.textContent, place: Number(sentence.dataset.place), from: said.dataset.from, to: said.dataset.to,
    });
  }
  function put() {
    const choices = $("#choices"), word = $("#shown .w.asked");
    if (!choices) return;
    const full = word && choices.textContent.trim();
    choices.classList.toggle("open", Boolean(full));
    if (!full) return;
    const pane = choices.parentElement.getBoundingClientRect(), own = word.getBoundingClientRect();
    choices.style.top = `${own.bottom - pane.top + 6}px`;
    choices.style.left = `${Math.max(0, Math.min(own.left - pane.left, pane.width - choices.offsetWidth))}px`;
    choices.querySelector("button")?.focus({ preventScroll: true });
  }
  function close(back) {
    const word = $("#shown .w.asked");
    $("#choices")?.classList.remove("open");
    word?.classList.remove("asked");
    if (back) word?.focus();
  }
  function take(button) {
    const fresh = button.querySelector("template").content.firstElementChild.cloneNode(true);
    const old = $(`#shown .s[data-place="${CSS.escape(fresh.dataset.place)}"]`);
    close(false);
    if (!old) return;
    fresh.dataset.source = old.dataset.source;
    old.replaceWith(fresh);
    reach();
    tell();
    fresh.querySelector(".w")?.focus();
  }
  // The hidden box has the text as it is now: copying and swapping read it.
  function tell() {
    const area = $("#output textarea");
    if (!area) return;
    area.value = translated();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  // One tab stop for all words; arrows go on from there.
  function reach() {
    const words = document.querySelectorAll("#shown .w");
    if (words.length && !$("#shown .w[tabindex='0']")) words[0].tabIndex = 0;
  }
  function step(word, forward) {
    const words = [...document.querySelectorAll("#shown .w")];
    const next = words[words.indexOf(word) + (forward ? 1 : -1)];
    if (!next) return;
    word.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  // What was translated, in this browser only.
  function kept() {
    try { return JSON.parse(localStorage.getItem(KEY) || "[]"); } catch { return []; }
  }
  function keep(entries) {
    try { localStorage.setItem(KEY, JSON.stringify(entries.slice(0, MOST))); } catch { /* full or forbidden */ }
    list();
  }
  function list() {
    const place = $("#history-list");
    if (!place) return;
    const entries = kept();
    const rows = entries.map((entry, number) => {
      const row = document.createElement("li"), button = document.createElement("button");
      const from = document.createElement("span"), to = document.createElement("span");
      button.type = "button";
      button.className = "past";
      button.dataset.number = String(number);
      [from.textContent, to.textContent] = [entry.text, entry.translation];
      button.append(from, to);
      row.append(button);
      return row;
    });
    const none = document.createElement("li");
    none.className = "hint";
    none.textContent = window.wording["js.nothing"];
    place.replaceChildren(...(rows.length ? rows : [none]));
    $("#history-clear")?.toggleAttribute("disabled", !rows.length);
  }
  function recall(number) {
    const entry = kept()[number];
    if (entry?.text) press("#recall", entry);
    else list(); // another window has cleared it
  }
  let waiting = 0;
  function remember() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const said = $("#shown .said[data-done='1']"), text = box()?.value.trim();
      if (!said || !text || !said.textContent.trim() || !$("#history-keep")?.checked) return;
      const entry = { text, translation: said.textContent, from: said.dataset.from, to: said.dataset.to };
      const others = kept().filter((one) => one.text !== text || one.to !== entry.to);
      // Typing on is one entry, not one for every pause.
      if (others[0] && text.startsWith(others[0].text) && others[0].to === entry.to) others.shift();
      keep([entry, ...others]);
    }, 1500);
  }

  document.addEventListener("mouseover", (event) => {
    const word = event.target.closest?.("#shown .w");
    unmark();
    if (word) mark(word);
  });
  document.addEventListener("focusin", (event) => {
    unmark();
    if (event.target.matches?.("#shown .w")) mark(event.target);
  });
  document.addEventListener("click", (event) => {
    if (!event.isTrusted) return; // our own click on a hidden button
    const element = event.target;
    const word = element.closest?.("#shown .w"), choice = element.closest?.("button.choice");
    const past = element.closest?.("button.past");
    if (word) ask(word);
    else if (choice) take(choice);
    else if (past) recall(Number(past.dataset.number));
    else if (element.id === "history-clear") keep([]);
    else if (!element.closest?.("#choices")) close(false);
  });
  document.addEventListener("keydown", (event) => {
    const word = event.target.closest?.("#shown .w");
    if (word && (event.key === "Enter" || event.key === " ")) ask(word);
    else if (word && event.key === "ArrowRight") step(word, true);
    else if (word && event.key === "ArrowLeft") step(word, false);
    else if (event.key === "Escape" && $("#choices.open")) close(true);
    else if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && box()?.offsetParent) $("#go")?.click();
    else if (event.altKey && !event.ctrlKey && box()?.offsetParent && KEYS[event.code]) $(KEYS[event.code])?.click();
    else return;
    event.preventDefault();
  });
  const KEYS = { KeyS: "#swap", KeyC: "#copy", KeyL: "#clear" };

  function watch() {
    const said = $("#shown"), choices = $("#choices");
    if (!said || !choices) return void setTimeout(watch, 200);
    new MutationObserver(() => { reach(); remember(); }).observe(said, { childList: true, subtree: true });
    new MutationObserver(put).observe(choices, { childList: true, subtree: true });
    said.style.setProperty("--empty", JSON.stringify(window.wording["js.empty"]));
    $("#swap")?.setAttribute("aria-label", window.wording["js.swap"]);
    list();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watch);
  else watch();
})();
