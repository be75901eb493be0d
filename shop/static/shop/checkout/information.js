// What was typed while the address was being fetched stays.
const values = () => {
  const fields = document.querySelectorAll("#address :is(input:not([type=checkbox]), select)");
  return new Map([...fields].map(({ id, value }) => [id, value]));
};
let asked = new Map();
let typed = [];

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id === "address") asked = values();
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "address") return;
  typed = [...values()].filter(([id, value]) => asked.get(id) !== value);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [id, value] of typed.splice(0)) {
    const field = document.getElementById(id);
    field.value = value;
    // The shipping methods are those of the prefecture.
    if (id === "id_prefecture") field.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
