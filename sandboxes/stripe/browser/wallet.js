// Which wallet this browser has: kept in the browser, where the card form looks for it.
(() => {
  "use strict";
  const choice = document.getElementById("wallet");
  choice.value = localStorage.getItem("wallet") || "";
  choice.disabled = false;
  choice.addEventListener("change", () =>
    localStorage.setItem("wallet", choice.value));
})();
