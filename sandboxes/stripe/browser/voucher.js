// The voucher in a frame over the shop's page can be closed; on its own it stays.
(() => {
  "use strict";
  if (window.parent === window) return;
  const button = document.getElementById("voucher-close");
  button.hidden = false;
  button.addEventListener("click", () => parent.postMessage({ kind: "closed" }, "*"));
})();
