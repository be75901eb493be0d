// Keeps the order's page up to date: a stream while the server grants one, htmx's
// polling otherwise. Both bring the same fragment. Also opens the bank's page.

let stream = null;
const region = () => document.getElementById("live");

function connect() {
  if (!region().dataset.stream || !window.EventSource) return;
  stream = new EventSource(region().dataset.stream);
  stream.addEventListener("progress", (event) => {
    // A poll was faster while the stream connected again: what is typed stays.
    if (event.lastEventId === region().dataset.version) return;
    window.htmx.swap("#live", event.data, { swapStyle: "outerHTML" });
  });
  // A refused stream (204) is closed for good, and polling goes on.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) stream = null;
  });
}

// No polling while the stream is open: it would bring the same.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "live" && stream?.readyState === EventSource.OPEN) {
    event.preventDefault();
  }
});

// The secret stays the same from card to card; the page's version counts the cards.
const question = (button) => `${button.dataset.challenge} ${region().dataset.version}`;

async function challenge(button) {
  const { challenge: secret, key, returnUrl } = button.dataset;
  sessionStorage.setItem(question(button), "shown");
  button.disabled = true;
  try {
    await window.Stripe(key).handleNextAction({ clientSecret: secret });
  } catch {
    // Answered meanwhile, or the page failed: the server asks the bank either way.
  }
  location.assign(returnUrl);
}

function attend(element) {
  const button = element.querySelector?.("[data-challenge]");
  if (!button || button.dataset.attended) return;
  button.dataset.attended = "yes";
  button.addEventListener("click", () => challenge(button));
  // By itself once for each card; after that the customer decides.
  if (!sessionStorage.getItem(question(button))) challenge(button);
}

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.id !== "live") return;
  attend(elt);
  document.getElementById("announcement").textContent = elt.dataset.announce;
  // Ended, or quiet for days: then polling now and then is enough.
  if (!region().dataset.stream) stream?.close();
});

attend(document);
connect();
