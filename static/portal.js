// Small comforts. Every page works without this file.
(function () {
  "use strict";
  const problems = document.querySelector("[data-problems]");
  if (problems) problems.focus();

  // How many characters are left, said only near the limit.
  document.querySelectorAll("[data-counter]").forEach(function (line) {
    const area = document.getElementById(line.dataset.counter);
    const max = Number(line.dataset.max);
    let timer = 0;
    function count() {
      const left = max - area.value.length;
      const near = left <= max / 6;
      line.textContent = near ? (left < 0 ? line.dataset.over : line.dataset.left) + " " + Math.abs(left) : "";
    }
    area.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(count, 400);
    });
    count();
  });

  // Copy buttons show themselves only where copying works.
  if (navigator.clipboard) {
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      const status = button.parentNode.querySelector("[role=status]");
      button.hidden = false;
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(button.dataset.copy).then(function () {
          status.textContent = button.dataset.done;
        }, function () {
          button.hidden = true;
        });
      });
    });
  }

  // What goes on by itself is looked at again, and the page comes anew when it is over.
  const going = document.querySelector("[data-again]");
  function again() {
    const asked = new XMLHttpRequest();
    asked.open("GET", location.href);
    asked.responseType = "document";
    asked.onload = function () {
      const now = asked.status === 200 && asked.response && asked.response.querySelector("[data-again]");
      if (!now) {
        location.reload();
        return;
      }
      if (going.textContent !== now.textContent) going.textContent = now.textContent;
      setTimeout(again, 2000);
    };
    asked.onerror = function () { setTimeout(again, 10000); };
    asked.send();
  }
  if (going) setTimeout(again, 2000);

  // Single keys at the desk. They move, open and focus; they never carry anything out.
  if (!document.body.hasAttribute("data-keys")) return;

  function step(by) {
    const items = Array.from(document.querySelectorAll("[data-key-item]"));
    if (!items.length) return;
    let at = items.indexOf(document.activeElement);
    if (at < 0) at = items.findIndex(function (item) { return item.hasAttribute("aria-current"); });
    const to = at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by));
    items[to].focus();
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      step(event.key === "j" ? 1 : -1);
      return;
    }
    if (!/^[1-3rtp\/?]$/.test(event.key)) return;
    const target = document.querySelector('[data-key="' + event.key + '"]');
    if (!target) return;
    event.preventDefault();
    if (target.matches("a[href]")) target.click();
    else target.focus();
  });
})();
