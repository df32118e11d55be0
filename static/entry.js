// Fills in the letter code that the QR code carries after the number sign. It never sends anything.
(function () {
  "use strict";
  const field = document.querySelector("[data-code]");
  if (!field) return;
  const symbols = /^[0-9A-HJKMNP-TV-Z]{16}$/;

  function plain(text) {
    return text.toUpperCase().replace(/[\s\-\u2010-\u2015]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  }

  function take() {
    let raw = location.hash.slice(1);
    try { raw = decodeURIComponent(raw); } catch (error) { return; }
    const code = plain(raw);
    if (!symbols.test(code)) return;
    field.value = code.match(/.{4}/g).join(" ");
    history.replaceState(null, "", location.pathname + location.search);
    const next = field.form && field.form.elements.namedItem("postcode");
    if (next && !document.querySelector("[data-problems]")) next.focus();
  }

  // The code stays in the address only for another language or "not for me", and never reaches a server.
  document.querySelectorAll('.languages a, a[href$="/not-me"]').forEach(function (link) {
    link.addEventListener("click", function () {
      const code = plain(field.value);
      if (symbols.test(code)) link.hash = code;
    });
  });

  const problems = document.querySelector("[data-problems]");
  if (problems) problems.focus();
  window.addEventListener("hashchange", take);
  take();
})();
