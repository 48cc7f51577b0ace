// Two things that parts of the page leave out, and that people who listen to it need.
(() => {
  let waiting = false;
  function mend() {
    waiting = false;
    // The menu of a picture shows three dots and has no name.
    document.querySelectorAll(".vega-embed summary:not([aria-label])").forEach((menu) =>
      menu.setAttribute("aria-label", window.wording["js.menu"]));
    // Buttons are no items of a list.
    document.querySelectorAll(".examples[role=list]").forEach((list) => list.setAttribute("role", "group"));
  }
  new MutationObserver(() => {
    if (!waiting) requestAnimationFrame(mend);
    waiting = true;
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
