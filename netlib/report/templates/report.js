"use strict";
(function () {
  const root = document.documentElement;
  const tags = { zh: "zh-Hans", en: "en" };
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  // Language: one attribute of the root shows the right spans; attributes are swapped.
  function swapAttributes() {
    const path = "//*[@*[starts-with(name(), 'data-t-')]]";
    const found = document.evaluate(path, document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
    for (let i = 0; i < found.snapshotLength; i += 1) {
      const element = found.snapshotItem(i);
      for (const { name, value } of Array.from(element.attributes)) {
        if (!name.startsWith("data-t-")) continue;
        const target = name.slice(7);
        if (target === "text") {
          element.setAttribute(name, element.textContent);
          element.textContent = value;
        } else {
          element.setAttribute(name, element.getAttribute(target));
          element.setAttribute(target, value);
        }
      }
    }
  }
  function setLanguage(lang) {
    if (root.dataset.lang === lang) return;
    root.dataset.lang = lang;
    root.lang = tags[lang];
    swapAttributes();
    showLanguage();
    document.dispatchEvent(new Event("languagechange"));
  }
  function showLanguage() {
    for (const button of all("[data-set-lang]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setLang === root.dataset.lang));
    }
  }
  for (const button of all("[data-set-lang]")) {
    button.addEventListener("click", () => setLanguage(button.dataset.setLang));
  }
  showLanguage();
  for (const element of all("[data-script]")) element.hidden = false;

  // Filter of the front page.
  const filters = all("[data-filter]");
  const count = document.getElementById("filter-count");
  function applyFilter() {
    let shown = 0;
    for (const row of all("[data-claim]")) {
      const fits = filters.every((select) => {
        const words = (row.dataset[select.dataset.filter] || "").split(" ");
        return !select.value || words.includes(select.value);
      });
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const group of all(".front tbody")) {
      group.hidden = !group.querySelector("[data-claim]:not([hidden])");
    }
    count.textContent = String(shown);
  }
  for (const select of filters) select.addEventListener("change", applyFilter);
  const reset = document.getElementById("filter-reset");
  if (reset) {
    reset.addEventListener("click", () => {
      for (const select of filters) select.value = "";
      applyFilter();
    });
    applyFilter();
  }

  // A link to something inside a closed part opens that part.
  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    let opened = false;
    for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) {
      opened = opened || !part.open;
      part.open = true;
    }
    if (opened) target.scrollIntoView();
  }
  window.addEventListener("hashchange", openTarget);
  if (location.hash) openTarget();
})();
