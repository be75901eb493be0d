// The boxes that filter permissions name themselves on an element without a role, which
// screen readers pass over. Django draws them in its own listener to "load", thus later.
window.addEventListener("load", () => {
  setTimeout(() => {
    for (const icon of document.querySelectorAll(".search-label-icon")) {
      icon.setAttribute("role", "img");
    }
  });
});
